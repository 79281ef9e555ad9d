"""征集: the calls for providers and products: which are open, what each asks (第九条, 第十三至十六条)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accreditation import policies, requirements, selectors
from accreditation.models import Round
from accreditation.states import ROUND_PUBLIC, RoundKind, RoundState
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import bare, public
from portal.kit.files import handed_over
from portal.kit.lists import Column, Filter, Listing
from portal.public import common

TONES = {RoundState.OPEN: "ok", RoundState.LISTED: "run", RoundState.ENDED: "off"}


def page(row: Round) -> str:
    return reverse("call", kwargs={"pk": row.pk})


def tone(row: Round) -> str:
    return TONES.get(RoundState(row.state), "warn")


LIST = Listing(
    name="calls",
    caption="征集通知",
    columns=(
        Column(name="title", label="征集通知", show="title", second="number", link=page, place="title"),
        Column(name="kind", label="征集内容", show="get_kind_display"),
        Column(name="opens", label="开始申报", show="opens_on", kind="date", sort="opens_on"),
        Column(name="closes", label="截止申报", show="closes_on", kind="date", sort="closes_on"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="kind", label="征集内容", narrow="kind", choices=RoundKind.choices),
        Filter(
            name="state",
            label="状态",
            narrow="state",
            choices=[(one.value, one.label) for one in RoundState if one in ROUND_PUBLIC],
        ),
        Filter(name="year", label="服务年度", narrow="year", kind="year"),
    ),
    sort="-closes",
    empty="还没有发布过征集。服务商认定和产品征集每年进行，发布后在此列出。",
)


@public
def calls(request: HttpRequest) -> HttpResponseBase:
    """Those that take applications today above, and every one that was published."""
    context = {"open": list(selectors.open_rounds(common.READER, clock.today()))}
    return LIST.answer(request, selectors.visible_rounds(common.READER), "portal/public/calls.html", context)


@bare
@public
def notice_file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The call's own document, for everybody once the call is out."""
    file = selectors.call_file(pk)
    if file is None or not file.path.is_file():
        raise not_found("征集通知文件")
    return handed_over(file)


@public
def call(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What one asks of an applicant: conditions, materials, the experts' score sheet, how many are taken."""
    row = selectors.visible_rounds(common.READER).select_related("notice_file").filter(pk=pk).first()
    if row is None:
        raise not_found("征集")
    context = {
        "round": row,
        "tone": tone(row),
        "open": selectors.open_rounds(common.READER, clock.today()).filter(pk=row.pk).exists(),
        "may_apply": common.leads_on(request, policies.may_apply),
        "asked": requirements.of_round(row),
    }
    return render(request, "portal/public/call.html", context)
