"""What must be read and by whom it was, an office's own webhooks, and what went out by mail and webhook."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import policies, selectors
from accounts.api import channels as bodies
from accounts.services import channels
from accounts.states import OrganisationKind
from engines.evidence.selectors import of_subject
from engines.notifications import topics
from engines.notifications.models import Delivery, OutboxEvent, WebhookEndpoint
from engines.notifications.states import Channel, Content, DeliveryState, EndpointState
from foundation.api.fields import Versioned
from foundation.errors import not_allowed
from portal.kit.access import DECIDERS, OFFICES, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, VersionForm
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


# --- the office's webhooks


def endpoint_page(row: WebhookEndpoint) -> str:
    return reverse("officer:webhook", kwargs={"pk": row.pk})


def _groups(row: WebhookEndpoint) -> str:
    names = topics.groups()
    return "、".join(names.get(code, code) for code in row.groups) or "全部"


WEBHOOKS = Listing(
    name="webhooks",
    caption="回调地址",
    columns=(
        Column(name="label", label="名称", show="label", link=endpoint_page, place="title"),
        Column(name="url", label="地址", show="url", place="wide"),
        Column(name="groups", label="主题", show=_groups),
        Column(name="failures", label="连续失败", show="health.failures", kind="number"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: "ok" if row.state == EndpointState.ACTIVE else "off",
            place="corner",
        ),
    ),
    empty="本单位还没有登记回调地址。登记后，本单位的通知会同时推送到该地址。",
)


class RegisterForm(BodyForm):
    body = bodies.WebhookIn


class DisableForm(BodyForm):
    body = bodies.WebhookDisableIn


def _manages(by: Any, row: Any) -> bool:
    return policies.may_manage_channels(by)


BEGIN = Deck(
    name="officer:webhooks",
    roles=OFFICES,
    acts=(
        Act(
            name="new",
            label="登记回调地址",
            tone="main",
            icon="plus",
            intro="平台以签名的请求推送本单位的通知。登记后出示一次密钥，用来核对签名。",
            form=RegisterForm,
            may=_manages,
            choices=lambda by, row: {"groups": list(topics.groups().items())},
            run=lambda by, row, data: channels.register(by=by, **data),
            goes=endpoint_page,
            done="回调地址已登记，请出示密钥。",
        ),
    ),
)
WEBHOOK = Deck(
    name="officer:webhook",
    roles=OFFICES,
    rows=selectors.endpoints,
    title=lambda row: row.label,
    acts=(
        Act(
            name="ping",
            label="测试",
            icon="send",
            form=VersionForm,
            may=lambda by, row: row.state == EndpointState.ACTIVE and _manages(by, row),
            run=lambda by, row, data: channels.ping(by=by, endpoint_id=row.pk),
            done="测试推送已排队，结果见外发记录。",
        ),
        Act(
            name="rotate",
            label="更换密钥",
            icon="refresh",
            intro="原密钥24小时内仍有效。",
            may=_manages,
            run=lambda by, row, data: channels.rotate_secret(by=by, endpoint_id=row.pk, **data),
            done="密钥已更换，请出示新密钥。",
        ),
        Act(
            name="disable",
            label="停用",
            tone="danger",
            icon="lock",
            form=DisableForm,
            may=lambda by, row: row.state == EndpointState.ACTIVE and _manages(by, row),
            run=lambda by, row, data: channels.disable(by=by, endpoint_id=row.pk, **data),
            done="已停用。",
        ),
        Act(
            name="enable",
            label="启用",
            tone="main",
            icon="play",
            intro="先补发停用期间积存的通知。",
            may=lambda by, row: row.state == EndpointState.DISABLED and _manages(by, row),
            run=lambda by, row, data: channels.enable(by=by, endpoint_id=row.pk, **data),
            done="已启用。",
        ),
    ),
)


@pages_for(*OFFICES)
def webhooks(request: Asked) -> HttpResponseBase:
    """Where the office is posted its notices."""
    words = {
        "title": "回调地址",
        "under": "供本单位的办公系统接收平台通知。",
        "acts": BEGIN.offered(request.user, None),
    }
    return WEBHOOKS.answer(request, selectors.endpoints(request.user), "portal/officer/list.html", words)


@pages_for(*OFFICES)
def webhook(request: Asked, pk: UUID) -> HttpResponseBase:
    """One endpoint: its health, its secret's age, its trail."""
    row = one_of(selectors.endpoints(request.user), pk, "回调地址")
    case = Case(
        title=row.label,
        under=row.url,
        state=Chip(row.get_state_display(), "ok" if row.state == EndpointState.ACTIVE else "off"),
        crumbs=(Link("回调地址", reverse("officer:webhooks")),),
        left=(
            Section(
                title="推送",
                facts=(
                    ("主题", _groups(row)),
                    ("连续失败", row.health.failures),
                    ("最近成功", row.health.last_success_at),
                    ("最近失败", row.health.last_failure_at),
                    ("停用的理由", row.disabled_reason),
                ),
            ),
        ),
        right=(
            Section(
                title="密钥",
                facts=(("出示时间", row.secret_shown_at), ("原密钥有效至", row.previous_until)),
                links=()
                if row.secret_shown_at or not policies.may_manage_channels(request.user)
                else (Link("出示密钥（仅一次）", reverse("officer:webhook-secret", kwargs={"pk": row.pk})),),
            ),
        ),
        acts=acts(WEBHOOK, request, row),
        trail=list(of_subject(row).reverse()),
    )
    return case_page(request, case)


@never_cache
@pages_for(*OFFICES)
def secret(request: Asked, pk: UUID) -> HttpResponseBase:
    """The secret, once, after a click; it is neither kept with the answer nor cached on the way."""
    row = one_of(selectors.endpoints(request.user), pk, "回调地址")
    if not policies.may_manage_channels(request.user):
        raise not_allowed("管理本单位的回调地址")
    if request.method != "POST":
        return render(request, "portal/officer/webhook_secret.html", {"endpoint": row})
    form = Versioned(data=request.POST)
    form.is_valid(raise_exception=True)
    row, shown = channels.show_secret(by=request.user, endpoint_id=row.pk, version=form.validated_data["version"])
    return render(request, "portal/officer/webhook_secret.html", {"endpoint": row, "secret": shown})


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
            form=VersionForm,
            may=lambda by, row: (
                row.state in (DeliveryState.FAILED, DeliveryState.GIVEN_UP, DeliveryState.SENT)
                and policies.may_resend(by, person_id=row.person_id, organisation_id=row.organisation_id)
            ),
            run=lambda by, row, data: channels.resend(by=by, delivery_id=row.pk),
            done="已排队重新发送。",
            given=lambda by, row: {"version": 0},
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
