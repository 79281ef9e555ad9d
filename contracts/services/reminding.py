"""Reminders: who is silent is told, three times; the third goes to the centre too, which mediates (8-34).

Nothing follows from silence: the platform never accepts for the enterprise and never releases money by itself.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from accounts.selectors import organisation_ids
from accounts.states import OrganisationKind
from contracts import selectors, waiting
from contracts.models import Contract, Reminder
from contracts.services import common
from contracts.states import HOLDING, OF, PLANNED, REMINDED, Of
from contracts.waiting import REMINDERS
from engines.notifications import services as notifications
from foundation import clock
from foundation.actors import Actor
from foundation.locking import unit_of_work
from programmes import deadlines
from programmes.rules import Rules

BEFORE, LAST = 0, len(REMINDERS)


def due_on(day: date) -> list[UUID]:
    """The contracts that wait for a party on `day`, whose reminder is due and not sent."""
    rows = Contract.objects.filter(state__in=sorted(HOLDING)).select_related("notice").defer("notice__rules")
    rows = waiting.annotated(rows).filter(awaited__in=sorted(REMINDED)).order_by("pk")
    last: dict[tuple[Any, ...], int] = {}
    for *wait, nth in Reminder.objects.order_by("nth").values_list("contract", "awaited", "since_on", "nth"):
        last[tuple(wait)] = nth
    due = []
    row: Any
    for row in rows.iterator(chunk_size=500):
        which = _nth(row, day)
        if which is not None and which > last.get((row.pk, row.awaited, row.since_on), BEFORE - 1):
            due.append(row.pk)
    return due


def remind(contract_id: UUID, day: date, *, by: Actor) -> int | None:
    """The party is told if a reminder is due on `day` and was not sent; which one it was, None when none.

    After missed days the latest one that is due is sent alone, and none that would have come before it.
    """
    with unit_of_work():
        common.lock_contract(contract_id)
        row: Any = waiting.annotated(selectors.whole_rows()).get(pk=contract_id)
        if row.awaited not in REMINDED:
            return None
        nth = _nth(row, day)
        if nth is None:
            return None
        sent = Reminder.objects.filter(contract=row, awaited=row.awaited, since_on=row.since_on, nth__gte=nth)
        if sent.exists():
            return None
        Reminder.objects.create(
            contract=row,
            awaited=row.awaited,
            since_on=row.since_on,
            nth=nth,
            on=day,
            at=clock.now(),
            actor=by.actor_id,
        )
        _tell(row, day, nth)
    return nth


def _nth(row: Any, day: date) -> int | None:
    """The latest reminder that is due on `day`: 0 before a planned day, then 1, 2, 3; None when none is."""
    rules: Rules = row.notice.parsed
    for nth in range(LAST, 0, -1):
        if day >= deadlines.last_day(rules.limit(REMINDERS[nth - 1]), row.since_on):
            return nth
    if row.awaited in PLANNED and day <= row.since_on <= deadlines.last_day(rules.limit(REMINDERS[0]), day):
        return BEFORE
    return None


def _tell(row: Any, day: date, nth: int) -> None:
    step = waiting.step_of(row, day)
    if step is None:
        return
    which = f"第{nth}次提醒" if nth else "到期前提醒"
    parties = dict(zip((Of.ENTERPRISE, Of.PROVIDER), common.parties(row), strict=True))
    of = OF[step.awaited]
    told = list(parties.values()) if of == Of.BOTH else [parties[of]]
    body = f"合同{row.number}：{step.sentence}"
    notifications.tell(
        organisation_ids=told, topic="contract.reminder", title=f"待办{which}", body=f"{body}请尽快办理。", subject=row
    )
    if nth == LAST:
        notifications.tell(
            organisation_ids=organisation_ids([OrganisationKind.CENTRE]),
            topic="contract.silent",
            title="合同久未推进，请联系双方",
            body=f"{body}已提醒{nth}次，请了解情况并居中协调；平台不会自动验收。",
            subject=row,
        )
