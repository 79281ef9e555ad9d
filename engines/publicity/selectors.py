"""Reads: what the public sees, what has run out, what will."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q

from engines.publicity.models import Objection, Publicity, PublicityItem
from engines.publicity.states import OBJECTION_PENDING, ObjectionState, PublicityState

# Which column says until when the present step of an objection is owed.
OWED: dict[ObjectionState, str] = {
    ObjectionState.FILED: "accept_due",
    ObjectionState.ACCEPTED: "result_due",
    ObjectionState.INVESTIGATING: "result_due",
    ObjectionState.UPHELD: "result_due",
    ObjectionState.NOT_UPHELD: "result_due",
    ObjectionState.REVIEW: "review_due",
}


@dataclass(frozen=True)
class Owed:
    """A step of an objection that is due soon or late."""

    objection_id: UUID
    number: str
    state: ObjectionState
    due: date
    is_late: bool


def begun(day: date) -> models.QuerySet[Publicity]:
    """Every list whose period has begun: what the public may see, and may still look up later."""
    return Publicity.objects.filter(first__lte=day)


def items_begun(day: date) -> models.QuerySet[PublicityItem]:
    """What stands on such lists."""
    return PublicityItem.objects.filter(publicity__first__lte=day)


def ended(day: date) -> models.QuerySet[Publicity]:
    """Lists whose last day was before `day` and that nobody has closed."""
    return Publicity.objects.filter(state=PublicityState.OPEN, last__lt=day)


def takes_objections(publicity: Publicity, day: date) -> bool:
    """Whether an objection may be filed on `day`: the list is on show and its period runs (8-39)."""
    return publicity.state == PublicityState.OPEN and publicity.first <= day <= publicity.last


def days_left(publicity: Publicity, day: date) -> int:
    """How many days of the period are left, `day` among them; 0 when it does not run."""
    return (publicity.last - day).days + 1 if takes_objections(publicity, day) else 0


def state_label(publicity: Publicity, day: date) -> str:
    """The state in words on `day`: a list whose period is over is no longer on show, whenever that is registered."""
    over = publicity.state == PublicityState.OPEN and publicity.last < day
    return "公示期已满，结果待登记" if over else publicity.get_state_display()


def takes_papers(objection: Objection) -> bool:
    """Whether its filer may still bring evidence."""
    return objection.state in OBJECTION_PENDING and objection.state != ObjectionState.REVIEW


def may_be_reviewed(objection: Objection, day: date) -> bool:
    """Whether, on `day`, another look at the result may be asked for."""
    until = objection.review_until
    return objection.state == ObjectionState.NOTIFIED and until is not None and day <= until


def due_on(objection: Objection) -> date | None:
    """The last day of the present step, if somebody owes one."""
    column = OWED.get(ObjectionState(objection.state))
    day: date | None = getattr(objection, column) if column else None
    return day


def pending() -> Q:
    """Objections of which somebody owes a step."""
    return Q(state__in=list(OWED))


def due_between(first: date, last: date) -> Q:
    """Objections whose present step has its last day within these days."""
    return _owed_before(last + timedelta(days=1)) & ~_owed_before(first)


def late(day: date) -> Q:
    """Objections whose present step is past its last day on `day`."""
    return _owed_before(day)


def owed(day: date, *, ahead: int) -> Iterator[Owed]:
    """Steps due within `ahead` days from `day`, and those that are late."""
    for objection in Objection.objects.filter(_owed_before(day + timedelta(days=ahead + 1))).order_by("pk"):
        due = due_on(objection)
        if due is not None:
            yield Owed(objection.pk, objection.number, ObjectionState(objection.state), due, due < day)


def told_before(day: date) -> list[UUID]:
    """Objections whose result was told and for which the time to ask for another look was over before `day`."""
    rows = Objection.objects.filter(state=ObjectionState.NOTIFIED, review_until__lt=day)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _owed_before(day: date) -> Q:
    found = Q(pk__in=[])
    for state, column in OWED.items():
        found |= Q(state=state, **{f"{column}__lt": day})
    return found
