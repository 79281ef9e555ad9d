"""The inbox of one's organisation: what is unread, what must be acknowledged, and what one wants by mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.db import models
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import policies, selectors
from accounts.api.messages import PreferencesIn, ReadAllIn
from accounts.models import User
from accounts.services import inbox
from engines.notifications import selectors as notices
from engines.notifications import topics
from engines.notifications.models import Message
from engines.notifications.selectors import Choice
from engines.notifications.states import EmailMode
from foundation.errors import Invalid, not_found
from portal.kit.access import ANYONE, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.empty import EmptyForm
from portal.kit.forms import BodyForm, One
from portal.kit.lists import Column, Filter, Listing
from portal.parties.subjects import page_of

UNREAD, WAITING, READ = "未读", "待确认收悉", "已读"
BY_TOPIC = "按各主题的默认方式"


def page(message: Message) -> str:
    return reverse("message", kwargs={"pk": message.pk})


def standing(message: Message) -> str:
    """In one word: what is still to be done with it."""
    if message.must_read and message.acknowledged_at is None:
        return WAITING
    if message.must_read:
        return "已确认收悉"
    return READ if message.read_at is not None else UNREAD


def tone(message: Message) -> str:
    return {UNREAD: "run", WAITING: "bad"}.get(standing(message), "off")


def _in_standing(rows: models.QuerySet[Message], value: str) -> models.QuerySet[Message]:
    if value == "waiting":
        return rows.filter(must_read=True, acknowledged_at=None)
    return rows.filter(read_at__isnull=value == "unread")


LIST = Listing(
    name="inbox",
    caption="消息",
    columns=(
        Column(
            name="title",
            label="标题",
            show="event.title",
            second=lambda row: topics.find(row.event.topic).label,
            link=page,
            place="title",
        ),
        Column(name="at", label="时间", show="created_at", kind="moment"),
        Column(name="by", label="阅读人", show=lambda row: row.read_by.name if row.read_by else ""),
        Column(name="standing", label="状态", show=standing, kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="group", label="类别", narrow=notices.of_group, choices=lambda: list(topics.groups().items())),
        Filter(
            name="standing",
            label="状态",
            narrow=_in_standing,
            choices=[("unread", UNREAD), ("waiting", WAITING), ("read", READ)],
        ),
    ),
    flag=lambda row: standing(row) in (UNREAD, WAITING),
    pick="message",
    empty="还没有消息。合同、审核、兑付有变化时，平台会在这里告知本单位。",
)

DECK = Deck(
    name="message",
    roles=ANYONE,
    rows=selectors.inbox,
    title=lambda row: row.event.title,
    acts=(
        Act(
            name="acknowledge",
            label="确认收悉",
            tone="main",
            icon="check",
            form=EmptyForm,
            intro="代表本单位确认已收到并知悉。确认人和时间将写入存证。",
            article="21",
            may=lambda by, row: row.must_read and row.acknowledged_at is None and policies.may_acknowledge(by),
            run=lambda by, row, data: inbox.acknowledge(by=by, message_id=row.pk),
            done="已确认收悉。",
        ),
    ),
)


@pages_for(*ANYONE)
def messages(request: Asked) -> HttpResponseBase:
    """Everything the organisation was told, newest first, and what it has to acknowledge."""
    rows = selectors.inbox(request.user)
    context = {"waiting": notices.summary(request.user.organisation_id), "newest": rows.order_by("-pk").first()}
    return LIST.answer(request, rows, "portal/parties/messages.html", context)


@pages_for(*ANYONE)
def message(request: Asked, pk: str) -> HttpResponseBase:
    """One message, with the page it speaks of."""
    row = selectors.inbox(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("消息")
    context = {
        "message": row,
        "topic": topics.find(row.event.topic),
        "standing": standing(row),
        "tone": tone(row),
        "about": page_of(request.user, row.event),
        "acts": DECK.offered(request.user, row),
    }
    return render(request, "portal/parties/message.html", context)


@require_POST
@pages_for(*ANYONE)
def read(request: Asked, pk: str) -> HttpResponseBase:
    """The message counts as read; the page posts this by itself when it is opened with a script."""
    row = inbox.read(by=request.user, message_id=_key(request, pk))
    if request.htmx:
        return render(request, "portal/parties/message.html#read", {"message": row})
    return HttpResponseRedirect(page(row))


@require_POST
@pages_for(*ANYONE)
def read_all(request: Asked) -> HttpResponseBase:
    """Everything up to the newest that the page showed counts as read, but what must be acknowledged."""
    body = ReadAllIn(data=request.POST)
    body.is_valid(raise_exception=False)
    if body.errors:
        raise not_found("消息")
    number = inbox.read_all(by=request.user, up_to=body.validated_data["up_to"])
    notes.success(request, f"已标为已读{number}条；须确认收悉的仍须逐条确认。")
    return HttpResponseRedirect(reverse("messages"))


@require_POST
@pages_for(*ANYONE)
def read_some(request: Asked) -> HttpResponseBase:
    """What was picked in the list counts as read, but what must be acknowledged."""
    picked = request.POST.getlist("message")
    if not picked:
        raise Invalid("NOTHING_CHOSEN", "没有勾选消息。请返回消息列表，勾选后再标为已读。")
    try:
        keys = {UUID(one) for one in picked[: LIST.per_page]}
    except ValueError:
        raise not_found("消息") from None
    number = inbox.read_some(by=request.user, message_ids=keys)
    notes.success(request, f"已标为已读{number}条；此前已读的和须确认收悉的不计。")
    return HttpResponseRedirect(reverse("messages"))


def _key(request: Asked, pk: str) -> Any:
    row = selectors.inbox(request.user).filter(pk=pk).values_list("pk", flat=True).first()
    if row is None:
        raise not_found("消息")
    return row


class PreferencesForm(BodyForm):
    """One choice for each group of topics."""

    body = PreferencesIn
    only = ("for_organisation",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group, label in topics.groups().items():
            field = One(choices=[("", BY_TOPIC), *EmailMode.choices], label=label, required=False)
            field.widget.is_required = True
            self.fields[f"group-{group}"] = field

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {"email": {group: cleaned.get(f"group-{group}") for group in topics.groups()}}


def _choices(by: User) -> list[Choice]:
    return notices.choices(person_id=by.pk, organisation_id=by.organisation_id)


def _preferences(request_path: str = "") -> str:
    return reverse("preferences")


PREFERENCES = Deck(
    name="preferences",
    roles=ANYONE,
    crumbs=lambda row: [("接收方式", reverse("preferences"))],
    acts=(
        Act(
            name="mine",
            label="设置本人的接收方式",
            tone="main",
            form=PreferencesForm,
            intro="只影响发到本人邮箱的邮件。须确认收悉的通知不受影响，站内消息不能关闭。",
            given=lambda by, row: {"for_organisation": False},
            initial=lambda by, row: {f"group-{one.group}": one.own or "" for one in _choices(by)},
            run=lambda by, row, data: inbox.choose(by=by, **data),
            goes=lambda result: _preferences(),
            done="接收方式已保存。",
        ),
        Act(
            name="house",
            label="设置本单位的默认方式",
            form=PreferencesForm,
            intro="适用于本单位尚未自行设置的人员。",
            given=lambda by, row: {"for_organisation": True},
            initial=lambda by, row: {f"group-{one.group}": one.organisation or "" for one in _choices(by)},
            may=lambda by, row: policies.may_manage_channels(by),
            run=lambda by, row, data: inbox.choose(by=by, **data),
            goes=lambda result: _preferences(),
            done="本单位的默认方式已保存。",
        ),
    ),
)


@pages_for(*ANYONE)
def preferences(request: Asked) -> HttpResponseBase:
    """What goes by mail: one's own choice, the organisation's, and what holds."""
    labels = {**dict(EmailMode.choices), "by_topic": BY_TOPIC}
    rows = [
        {
            "label": one.label,
            "own": labels.get(one.own or "", ""),
            "house": labels.get(one.organisation or "", ""),
            "holds": labels[one.in_force],
        }
        for one in _choices(request.user)
    ]
    context = {"rows": rows, "acts": PREFERENCES.offered(request.user, None)}
    return render(request, "portal/parties/preferences.html", context)
