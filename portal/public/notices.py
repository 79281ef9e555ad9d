"""通知: what governs a year as tables that people read, its revisions, and what one says otherwise than another."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accreditation import selectors as accreditation
from foundation import clock
from foundation.errors import Invalid, not_found
from portal.kit.access import public
from portal.kit.lists import Column, Filter, Listing
from portal.public import common
from programmes import readable, selectors
from programmes.models import Notice
from programmes.states import NoticeState
from settlement import selectors as settlement
from settlement.models import Batch

MOST_PAYOUTS = 12
PROSE = ("articles",)  # tables that read better as paragraphs


def page(notice: Notice) -> str:
    """The notice's page."""
    return reverse("notice", kwargs={"pk": notice.pk})


def tone(notice: Notice) -> str:
    return "ok" if notice.state == NoticeState.PUBLISHED else "off"


LIST = Listing(
    name="notices",
    caption="年度通知",
    columns=(
        Column(name="title", label="标题", show="title", second="doc_no", link=page, place="title"),
        Column(name="year", label="年度", show="year", sort="year"),
        Column(name="revision", label="版次", show=lambda row: f"第{row.revision}版"),
        Column(name="from", label="有效期起", show="valid_from", kind="date"),
        Column(name="to", label="有效期止", show="valid_to", kind="date"),
        Column(name="published", label="发布时间", show="published_at", kind="moment", sort="published_at"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(Filter(name="year", label="年度", narrow="year", kind="year", hint="例如2026"),),
    sort="-published",
    empty="还没有发布过年度通知；发布前，额度和签约尚未开放。",
)


@public
def notices(request: HttpRequest) -> HttpResponseBase:
    """Everything that was published: of the year, the calls for providers and products, and when payouts are asked for."""
    rounds = accreditation.visible_rounds(common.READER).order_by("-published_at")[:6]
    today = clock.today()
    payouts = [(row, _window(row, today)) for row in settlement.public_payout_notices()[:MOST_PAYOUTS]]
    rows = selectors.visible_notices(common.READER).defer("rules")
    return LIST.answer(request, rows, "portal/public/notices.html", {"rounds": rounds, "payouts": payouts})


def _window(batch: Batch, today: date) -> tuple[str, str]:
    """How the intake of a 兑付通知 stands today, in words, and the tone of it."""
    if settlement.takes_claims(batch, today):
        return "正在受理", "ok"
    return ("尚未开始", "run") if today < batch.intake_from else ("已截止", "off")


@public
def notice(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One revision with everything that it decides."""
    row = _found(pk)
    found = readable.tables(row.parsed)
    context = {
        "notice": row,
        "tone": tone(row),
        "tables": [table for table in found if table.code not in PROSE],
        "prose": [table for table in found if table.code in PROSE],
        "revisions": list(selectors.revisions(row)),
    }
    return render(request, "portal/public/notice.html", context)


@public
def changes(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What this revision says otherwise than an earlier one (`?since=`, its number), by subject."""
    row = _found(pk)
    earlier = [one for one in selectors.revisions(row) if one.revision < row.revision]
    since = request.GET.get("since", "")
    if since and since not in {str(one.revision) for one in earlier}:
        raise Invalid("FILTER_INVALID", f"没有可对比的第{since[:8]}版，请从版本列表中选择。")
    other = next((one for one in earlier if not since or str(one.revision) == since), None)
    groups = readable.revised(other, row) if other is not None else []
    context = {"notice": row, "other": other, "earlier": earlier, "groups": groups}
    return render(request, "portal/public/changes.html", context)


def _found(pk: UUID) -> Notice:
    row = selectors.visible_notices(common.READER).filter(pk=pk).first()
    if row is None:
        raise not_found("通知")
    return row
