"""What must be read and by whom it was, and what went out by mail and webhook."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.urls import reverse

from accounts import policies, selectors
from accounts.services import channels
from accounts.states import OrganisationKind
from engines.notifications import topics
from engines.notifications.models import Delivery, OutboxEvent
from engines.notifications.states import Channel, Content, DeliveryState
from portal.kit.access import DECIDERS, OFFICES, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.empty import EmptyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_page
from portal.officer.shown import one_of

# --- what must be read


def announcement_page(row: OutboxEvent) -> str:
    return reverse("officer:announcement", kwargs={"pk": row.pk})


ANNOUNCEMENTS = Listing(
    name="announcements",
    caption="须确认收悉的通知",
    columns=(
        Column(name="title", label="通知", show="title", link=announcement_page, place="title"),
        Column(name="topic", label="主题", show=lambda row: topics.find(row.topic).label),
        Column(name="at", label="发出时间", show="created_at", kind="moment"),
        Column(name="told", label="应收", show="told", kind="number"),
        Column(name="reached", label="送达", show="reached", kind="number"),
        Column(name="read", label="已读", show="read", kind="number"),
        Column(name="acknowledged", label="已确认", show="acknowledged", kind="number"),
    ),
    empty="还没有须确认收悉的通知。暂停和恢复签约时，平台自动通知各方并要求确认。",
)
RECEIVERS = Listing(
    name="receivers",
    caption="收件单位",
    columns=(
        Column(name="organisation", label="单位", show="organisation_name", place="title"),
        Column(name="kind", label="类别", show=lambda row: OrganisationKind(row.organisation_kind).label),
        Column(name="at", label="送达时间", show="created_at", kind="moment"),
        Column(name="read", label="阅读时间", show="read_at", kind="moment"),
        Column(name="acknowledged", label="确认时间", show="acknowledged_at", kind="moment"),
    ),
    filters=(
        Filter(
            name="acknowledged",
            label="确认收悉",
            narrow=lambda rows, value: rows.filter(acknowledged_at__isnull=value == "no"),
            choices=[("no", "未确认"), ("yes", "已确认")],
        ),
        Filter(name="kind", label="单位类别", narrow="organisation_kind", choices=OrganisationKind.choices),
    ),
    empty="还没有送达任何单位。",
)


@pages_for(*DECIDERS)
def announcements(request: Asked) -> HttpResponseBase:
    """Must-read notices: told, reached, read, acknowledged (第二十一条)."""
    words = {"title": "通知收悉情况", "under": "须确认收悉的通知送达、已读、确认的单位数。"}
    return ANNOUNCEMENTS.answer(request, selectors.announcements(request.user), "portal/officer/list.html", words)


@pages_for(*DECIDERS)
def announcement(request: Asked, pk: int) -> HttpResponseBase:
    """One of them: who has, and who has not acknowledged it."""
    row: Any = one_of(selectors.announcements(request.user), pk, "通知")
    rows = selectors.receivers(request.user).filter(event=row)
    words: dict[str, Any] = {
        "title": row.title,
        "under": f"应收{row.told}家，已确认{row.acknowledged}家",
        "crumbs": (Link("通知收悉情况", reverse("officer:announcements")),),
        "sections": [Section(title="通知内容", text=row.body, article="21")],
    }
    return RECEIVERS.answer(request, rows, "portal/officer/list.html", words)


# --- what went out


def delivery_page(row: Delivery) -> str:
    return reverse("officer:delivery", kwargs={"pk": row.pk})


DELIVERY_TONES = {DeliveryState.SENT: "ok", DeliveryState.GIVEN_UP: "bad", DeliveryState.FAILED: "warn"}


def _topic(row: Delivery) -> str:
    return topics.find(row.event.topic).label if row.event is not None else str(row.get_content_display())


DELIVERIES = Listing(
    name="deliveries",
    caption="外发记录",
    columns=(
        Column(
            name="topic", label="通知", show=_topic, second="get_content_display",
            link=delivery_page, place="title",
        ),
        Column(name="channel", label="渠道", show="get_channel_display"),
        Column(name="at", label="产生时间", show="created_at", kind="moment", sort="created_at"),
        Column(name="tries", label="尝试", show="attempts", kind="number"),
        Column(name="error", label="最近错误", show="last_error", place="wide"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: DELIVERY_TONES.get(DeliveryState(row.state), "run"),
            place="corner",
        ),
    ),
    filters=(
        Filter(name="channel", label="渠道", narrow="channel", choices=Channel.choices),
        Filter(name="content", label="内容", narrow="content", choices=Content.choices),
        Filter(name="state", label="状态", narrow="state", choices=DeliveryState.choices),
    ),
    empty="还没有外发的邮件或回调。",
)  # fmt: skip


DELIVERY = Deck(
    name="officer:delivery",
    roles=OFFICES,
    rows=selectors.deliveries,
    title=_topic,
    acts=(
        Act(
            name="resend",
            label="重新发送",
            icon="refresh",
            intro="同一编号再次发送。",
            form=EmptyForm,
            may=lambda by, row: (
                row.state in (DeliveryState.FAILED, DeliveryState.GIVEN_UP, DeliveryState.SENT)
                and policies.may_resend(by, person_id=row.person_id, organisation_id=row.organisation_id)
            ),
            run=lambda by, row, data: channels.resend(by=by, delivery_id=row.pk),
            done="已排队重新发送。",
        ),
    ),
)


@pages_for(*OFFICES)
def deliveries(request: Asked) -> HttpResponseBase:
    """What went out: all for the 系统管理员, who sees no content; their own for others."""
    words = {"title": "外发记录", "under": "邮件和回调的发送情况，不含通知内容。"}
    return DELIVERIES.answer(request, selectors.deliveries(request.user), "portal/officer/list.html", words)


@pages_for(*OFFICES)
def delivery(request: Asked, pk: UUID) -> HttpResponseBase:
    """One of them with every try."""
    row = one_of(selectors.deliveries(request.user), pk, "外发记录")
    lines = [(one.at, "成功" if one.ok else "失败", one.status, one.error, one.milliseconds) for one in row.tries.all()]
    heads = ("时间", "结果", "应答代码", "错误", "用时（毫秒）")
    case = Case(
        title=_topic(row),
        under=row.get_channel_display(),
        state=Chip(row.get_state_display(), DELIVERY_TONES.get(DeliveryState(row.state), "run")),
        crumbs=(Link("外发记录", reverse("officer:deliveries")),),
        left=(Section(title="发送记录", table=Table(heads, lines, frozenset({4})), empty="还没有尝试发送。"),),
        right=(
            Section(
                title="情况",
                facts=(
                    ("产生时间", row.created_at),
                    ("下次发送", row.next_at),
                    ("送出时间", row.sent_at),
                    ("最近错误", row.last_error),
                ),
            ),
        ),
        acts=acts(DELIVERY, request, row),
    )
    return case_page(request, case)
