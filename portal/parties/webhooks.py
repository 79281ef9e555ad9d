"""Where the organisation's own systems are posted its notices, and what became of each post."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notes
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import policies, selectors
from accounts.api.channels import WebhookDisableIn, WebhookIn
from accounts.services import channels
from engines.evidence.selectors import of_subject
from engines.notifications import topics
from engines.notifications.models import Delivery, WebhookEndpoint
from engines.notifications.states import ENDED, DeliveryState, EndpointState
from foundation.api.fields import Versioned
from foundation.errors import Invalid, not_found
from portal.kit.access import ANYONE, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.empty import EmptyForm
from portal.kit.forms import BodyForm

MOST_SHOWN = 50  # deliveries on an endpoint's page


def page(row: WebhookEndpoint) -> str:
    return reverse("webhook", kwargs={"pk": row.pk})


def _is_active(row: WebhookEndpoint) -> bool:
    return bool(row.state == EndpointState.ACTIVE)


class WebhookForm(BodyForm):
    body = WebhookIn
    labels = {"label": "名称", "url": "回调地址", "groups": "接收的主题类别"}
    helps = {
        "url": "以 https:// 开头，不能指向内部网络，5秒内须以 2xx 应答。",
        "groups": "不选即全部接收。须确认收悉的通知一律发送。",
    }


class DisableForm(BodyForm):
    body = WebhookDisableIn
    labels = {"reason": "理由"}


NEW = Deck(
    name="webhooks",
    roles=ANYONE,
    home=page,
    crumbs=lambda row: [("回调地址", reverse("webhooks"))],
    acts=(
        Act(
            name="new",
            label="登记回调地址",
            tone="main",
            icon="plus",
            form=WebhookForm,
            intro="平台把本单位的通知发到此地址。登记后出示一次密钥，用来验证通知确由平台发出。",
            may=lambda by, row: policies.may_manage_channels(by),
            choices=lambda by, row: {"groups": list(topics.groups().items())},
            run=lambda by, row, data: channels.register(by=by, **data),
            done="回调地址已登记。请查看并保存密钥。",
        ),
    ),
)

DECK = Deck(
    name="webhook",
    roles=ANYONE,
    rows=selectors.endpoints,
    title=lambda row: row.label,
    acts=(
        Act(
            name="ping",
            label="测试",
            icon="send",
            form=EmptyForm,
            intro="向此地址发一条测试通知，结果见下方发送记录。",
            may=lambda by, row: policies.may_manage_channels(by) and _is_active(row),
            run=lambda by, row, data: channels.ping(by=by, endpoint_id=row.pk),
            goes=lambda result: reverse("webhook", kwargs={"pk": result.endpoint_id}),
            done="测试通知已排入发送。",
        ),
        Act(
            name="rotate",
            label="更换密钥",
            icon="key",
            intro="更换后须重新出示并保存；原密钥24小时内仍有效。",
            may=lambda by, row: policies.may_manage_channels(by),
            run=lambda by, row, data: channels.rotate_secret(by=by, endpoint_id=row.pk, **data),
            done="密钥已更换，请查看并保存新密钥。",
        ),
        Act(
            name="disable",
            label="停用",
            tone="danger",
            icon="pause",
            form=DisableForm,
            may=lambda by, row: policies.may_manage_channels(by) and _is_active(row),
            run=lambda by, row, data: channels.disable(by=by, endpoint_id=row.pk, **data),
            done="回调地址已停用。",
        ),
        Act(
            name="enable",
            label="启用",
            icon="play",
            intro="先补发停用期间积存的通知。",
            may=lambda by, row: policies.may_manage_channels(by) and not _is_active(row),
            run=lambda by, row, data: channels.enable(by=by, endpoint_id=row.pk, **data),
            done="回调地址已启用。",
        ),
    ),
)


@pages_for(*ANYONE)
def webhooks(request: Asked) -> HttpResponseBase:
    """Every endpoint of the organisation, with how it does."""
    rows = selectors.endpoints(request.user).order_by("-pk")
    context = {"rows": rows, "acts": NEW.offered(request.user, None)}
    return render(request, "portal/parties/webhooks.html", context)


@pages_for(*ANYONE)
def webhook(request: Asked, pk: str) -> HttpResponseBase:
    """One endpoint: where it points, what it gets, what was sent."""
    return render(request, "portal/parties/webhook.html", _context(request, _row(request, pk)))


@require_POST
@pages_for(*ANYONE)
def secret(request: Asked, pk: str) -> HttpResponseBase:
    """The secret, this once and in this answer alone: it is kept in no page, no message and no cache."""
    row = _row(request, pk)
    body = Versioned(data=request.POST)
    if not body.is_valid():
        raise Invalid("FORM_STALE", "此页已过期，本次未生效。请刷新后重试。")
    shown, words = channels.show_secret(by=request.user, endpoint_id=row.pk, version=body.validated_data["version"])
    answer = render(request, "portal/parties/webhook.html", {**_context(request, shown), "secret": words})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
@pages_for(*ANYONE)
def resend(request: Asked, pk: str) -> HttpResponseBase:
    """What ended or waits is due now, under the same number."""
    found = selectors.deliveries(request.user).filter(pk=pk).first()
    if found is None:
        raise not_found("外发通知")
    sent = channels.resend(by=request.user, delivery_id=found.pk)
    notes.success(request, "已重新排入发送。")
    to = reverse("webhook", kwargs={"pk": sent.endpoint_id}) if sent.endpoint_id else reverse("webhooks")
    return HttpResponseRedirect(to)


def _row(request: Asked, pk: str) -> WebhookEndpoint:
    row = selectors.endpoints(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("回调地址")
    return row


def _context(request: Asked, row: WebhookEndpoint) -> dict[str, Any]:
    manages = policies.may_manage_channels(request.user)
    names = topics.groups()
    deliveries = selectors.deliveries(request.user).filter(endpoint=row).order_by("-pk")[:MOST_SHOWN]
    return {
        "webhook": selectors.endpoints(request.user).get(pk=row.pk),
        "groups": [names.get(code, code) for code in row.groups],
        "is_active": _is_active(row),
        "deliveries": [_told(one, manages) for one in deliveries],
        "acts": DECK.offered(request.user, row),
        "may_show": manages and row.secret_shown_at is None,
        "trail": of_subject(row),
    }


def _told(one: Delivery, manages: bool) -> dict[str, Any]:
    again = one.state in ENDED or one.state == DeliveryState.FAILED
    topic = topics.find(one.event.topic).label if one.event is not None else one.get_content_display()
    good = one.state == DeliveryState.SENT
    return {"row": one, "topic": topic, "again": manages and again, "tone": "ok" if good else "warn"}
