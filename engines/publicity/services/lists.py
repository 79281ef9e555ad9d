"""A list is shown, its period ends, or it is withdrawn (第九条、第十五条、第二十一条; DOMAIN 6.11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from engines.calendar import limits
from engines.calendar.limits import Unit
from engines.evidence import services as evidence
from engines.evidence.models import Subject
from engines.publicity import digest, kinds, periods
from engines.publicity.models import Objection, Publicity, PublicityItem
from engines.publicity.periods import Period
from engines.publicity.services import common
from engines.publicity.states import (
    ITEM_LIVE,
    OBJECTION_PENDING,
    ItemState,
    ObjectionState,
    PublicityState,
)
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused
from foundation.locking import lock_all, unit_of_work
from foundation.personal import personal_data
from foundation.states import move

MOST = 5_000  # items of one list: what one transaction can freeze in seconds


@dataclass(frozen=True)
class Clock:
    """A limit of the notice: so many working days, days, months or years."""

    length: int
    unit: Unit


@dataclass(frozen=True)
class Terms:
    """What the notice named by `basis` asks: the shortest period, and the clocks of an objection (8-39)."""

    basis: str
    days: int
    counts_first_day: bool
    accept: Clock
    result: Clock
    longest: Clock
    review_ask: Clock
    review: Clock

    @property
    def clocks(self) -> dict[str, dict[str, Any]]:
        """As they are pinned on the list."""
        return {name: asdict(getattr(self, name)) for name in ("accept", "result", "longest", "review_ask", "review")}


@dataclass(frozen=True)
class Contact:
    """Where people turn to: the office, its address, telephone and mailbox."""

    office: str
    address: str
    phone: str
    mailbox: str


@dataclass(frozen=True)
class Entry:
    """One thing to be shown: its row, its name, and what the public reads of it, without personal data."""

    subject: Subject
    label: str
    body: dict[str, str]


def open_period(
    *,
    by: Actor,
    kind: str,
    title: str,
    reference: str,
    terms: Terms,
    first: date,
    last: date | None,
    entries: Sequence[Entry],
    contact: Contact,
    restarts: Publicity | None = None,
) -> Publicity:
    """The list is frozen and shown from `first` (today or later) to `last`, or the earliest lawful day.

    With `restarts` it takes the place of that withdrawn list, and runs its full time again. Raises
    PUBLICITY_KIND, PUBLICITY_EMPTY, PUBLICITY_TOO_LONG_A_LIST, PUBLICITY_ITEM_TWICE, PUBLICITY_PERSONAL_DATA,
    PUBLICITY_BACKDATED, PUBLICITY_ITEM_ON_SHOW, PUBLICITY_NOT_WITHDRAWN, and what `periods.lawful` raises.
    """
    kinds.of(kind)
    _check_entries(entries)
    _check_first(first)
    period = periods.lawful(first, last, days=terms.days, counts_first=terms.counts_first_day)
    # Who objects on the last day is owed an answer by a date: a year nobody has imported is found now, not by him.
    limits.last_day(terms.accept.length, terms.accept.unit, period.last)
    with unit_of_work():
        _check_restart(restarts, kind)
        _check_not_on_show(entries)
        items = [_item(position, entry) for position, entry in enumerate(entries, start=1)]
        publicity = _frozen(by, kind, title, reference, terms, period, items, contact, restarts)
        facts = {
            "digest": publicity.digest,
            "items": len(items),
            "first": str(period.first),
            "last": str(period.last),
            "calendars": publicity.calendars,
            "basis": terms.basis,
            "restarts": str(restarts.pk) if restarts else None,
        }
        evidence.record(publicity, act="open", by=by, reason=reference, facts=facts)
        for item in items:
            item.publicity = publicity
            _show(item, by)
    return publicity


def close_period(*, by: Actor, publicity_id: UUID, version: int) -> Publicity:
    """The period is over: what nothing holds is cleared, what an objection waits on stays held.

    An objection filed in time that nobody has looked at yet holds its item from now on. Raises PUBLICITY_NOT_OVER.
    """
    with unit_of_work():
        publicity = common.lock_publicity(publicity_id, version)
        if publicity.state == PublicityState.OPEN:
            periods.check_over(publicity.last, clock.today())
        items = _lock_items(publicity)
        disputed = _items_with(items, OBJECTION_PENDING)
        act = "close_with_hold" if disputed else "close_clear"
        move(publicity, act, "登记公示期满")(by.actor_id, clock.now())
        for item in items:
            if item.pk in disputed:
                common.hold(item, by, "公示期内提出的异议尚未办结")
        clear = [item for item in items if item.state == ItemState.ON_SHOW]
        for item in clear:
            move(item, "clear", "公示通过")()
            evidence.record(item, act="clear", by=by, fields=["state"])
        facts = {"cleared": len(clear), "held": len(disputed)}
        evidence.record(publicity, act=act, by=by, facts=facts)
        kinds.of(publicity.kind).close(publicity, clear, by)
    return publicity


def withdraw(*, by: Actor, publicity_id: UUID, version: int, reason: str) -> Publicity:
    """The list is void, and every objection under way with it; a new list runs its full time."""
    with unit_of_work():
        publicity = common.lock_publicity(publicity_id, version)
        move(publicity, "withdraw", "撤回公示名单")(by.actor_id, clock.now(), reason)
        for item in _lock_items(publicity):
            move(item, "go_with_the_list", "撤回公示名单")()
            evidence.record(item, act="withdraw", by=by, reason=reason, fields=["state"])
        under_way = Objection.objects.filter(item__publicity=publicity, state__in=sorted(OBJECTION_PENDING))
        for objection in lock_all(under_way):
            move(objection, "lapse", "终止异议程序")()
            evidence.record(objection, act="lapse", by=by, reason=reason, fields=["state"])
        evidence.record(publicity, act="withdraw", by=by, reason=reason)
        kinds.of(publicity.kind).withdraw(publicity, by, reason)
    return publicity


def _check_entries(entries: Sequence[Entry]) -> None:
    if not entries:
        raise Refused("PUBLICITY_EMPTY", "公示名单为空，请先确定要公示的事项。")
    if len(entries) > MOST:
        raise Refused(
            "PUBLICITY_TOO_LONG_A_LIST", f"一份名单最多{MOST}项，现为{len(entries)}项，请分批公示。", most=MOST
        )
    seen: set[tuple[str, UUID]] = set()
    for entry in entries:
        key = (entry.subject._meta.db_table, entry.subject.pk)
        if key in seen:
            raise Invalid("PUBLICITY_ITEM_TWICE", f"“{entry.label}”在名单中出现两次。", label=entry.label)
        seen.add(key)
        if found := personal_data({"名称": entry.label, **entry.body}):
            listed = "；".join(f"“{one.field}”中有{one.label}（{one.shown}）" for one in found)
            raise Invalid(
                "PUBLICITY_PERSONAL_DATA",
                f"“{entry.label}”的公示内容不得包含个人信息：{listed}，请删除后再公示。",
                found=[{"field": one.field, "kind": one.kind} for one in found],
            )


def _check_first(first: date) -> None:
    today = clock.today()
    if first < today:
        raise Invalid(
            "PUBLICITY_BACKDATED",
            f"公示须在平台上公开满全部期限，开始日期不能早于今天（{today}），现为{first}。",
            first=str(first),
            today=str(today),
        )


def _check_restart(restarts: Publicity | None, kind: str) -> None:
    if restarts is None:
        return
    old = common.lock_publicity(restarts.pk)
    if old.kind != kind or old.state != PublicityState.WITHDRAWN or Publicity.objects.filter(restarts=old).exists():
        raise Refused(
            "PUBLICITY_NOT_WITHDRAWN",
            f"“{old}”现为“{old.get_state_display()}”：只有已撤回、尚未重新公示的同类名单可以重新公示。",
            state=old.state,
        )


def _check_not_on_show(entries: Sequence[Entry]) -> None:
    for table in {entry.subject._meta.db_table for entry in entries}:
        keys = [entry.subject.pk for entry in entries if entry.subject._meta.db_table == table]
        live = PublicityItem.objects.filter(subject_type=table, subject_id__in=keys, state__in=sorted(ITEM_LIVE))
        if found := live.select_related("publicity").first():
            raise _on_show(found.label, str(found.publicity))


def _on_show(label: str, where: str) -> Refused:
    return Refused("PUBLICITY_ITEM_ON_SHOW", f"“{label}”正在“{where}”中公示，期满或撤回后才能再次公示。", label=label)


def _item(position: int, entry: Entry) -> PublicityItem:
    table, key = entry.subject._meta.db_table, entry.subject.pk
    return PublicityItem(
        position=position,
        subject_type=table,
        subject_id=key,
        label=entry.label,
        body=entry.body,
        hash=digest.of_item(position, table, key, entry.label, entry.body),
    )


def _frozen(
    by: Actor,
    kind: str,
    title: str,
    reference: str,
    terms: Terms,
    period: Period,
    items: list[PublicityItem],
    contact: Contact,
    restarts: Publicity | None,
) -> Publicity:
    return Publicity(
        kind=kind,
        title=title,
        reference=reference,
        basis=terms.basis,
        first=period.first,
        last=period.last,
        days=terms.days,
        counts_first_day=terms.counts_first_day,
        calendars=list(period.calendars),
        clocks=terms.clocks,
        contact=asdict(contact),
        digest=digest.of_list(
            kind=kind,
            title=title,
            reference=reference,
            first=period.first,
            last=period.last,
            hashes=[item.hash for item in items],
        ),
        item_count=len(items),
        restarts=restarts,
        opened_by=by.actor_id,
    )


def _show(item: PublicityItem, by: Actor) -> None:
    try:
        evidence.record(item, act="show", by=by, facts={"hash": item.hash, "position": item.position})
    except IntegrityError as error:  # two lists at once: the database's word counts
        if "publicity_item_on_one_list" not in str(error):
            raise
        raise _on_show(item.label, "另一名单") from error


def _lock_items(publicity: Publicity) -> list[PublicityItem]:
    items = lock_all(publicity.items.filter(state__in=sorted(ITEM_LIVE)))
    for item in items:
        item.publicity = publicity
    return items


def _items_with(items: Sequence[PublicityItem], states: frozenset[ObjectionState]) -> set[UUID]:
    keys = [item.pk for item in items]
    found = Objection.objects.filter(item__in=keys, state__in=sorted(states))
    return set(found.values_list("item_id", flat=True))
