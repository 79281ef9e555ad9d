"""What waits for a party's house: the most pressing first, and how much more there is of each kind.

An area names its sources; the same number of queries for any number of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import models
from django.urls import reverse

from accounts import selectors as accounts
from accounts.models import AuthorisationLetter, User
from accounts.states import SIGNATORIES
from contracts import waiting
from contracts.models import Contract
from engines.notifications import selectors as notices
from portal.parties.contracts.looks import page as contract_page
from portal.parties.contracts.turns import to_do

MOST = 6  # things shown at once


@dataclass(frozen=True)
class ToDo:
    """One thing that waits for the house: where to do it, and by when."""

    title: str
    below: str
    address: str
    due: date | None = None
    late: bool = False


@dataclass(frozen=True)
class Source:
    """Things of one kind: those that may be shown, how many there are in all, and where all of them stand."""

    label: str
    address: str
    total: int
    things: Sequence[ToDo]


@dataclass(frozen=True)
class Waiting:
    """What the desk shows: a few things, and of each kind how many more."""

    shown: list[ToDo]
    total: int
    more: list[tuple[str, int, str]] = field(default_factory=list)  # label, number, address


def pressing(sources: Iterable[Source]) -> Waiting:
    """Everything in one list: what has a last day by that day, then the rest."""
    sources = list(sources)
    every = [(one, source) for source in sources for one in source.things]
    first = sorted(every, key=lambda pair: (pair[0].due is None, pair[0].due or date.max))[:MOST]
    more = [(one.label, one.total - sum(source is one for _, source in first), one.address) for one in sources]
    return Waiting(
        shown=[one for one, _ in first],
        total=sum(one.total for one in sources),
        more=[(label, number, address) for label, number, address in more if number],
    )


def counted(label: str, address: str, rows: models.QuerySet[models.Model], things: Iterable[ToDo]) -> Source:
    """So many rows, of which the first few are told."""
    return Source(label, address, rows.count(), list(things))


def all_told(label: str, address: str, things: Iterable[ToDo]) -> Source:
    """Things that are always few."""
    told = list(things)
    return Source(label, address, len(told), told)


def must_read(by: User) -> Source:
    """The notices the house has to acknowledge (第二十一条)."""
    told = notices.summary(by.organisation_id)
    things = [
        ToDo("确认收悉通知", one.event.title, reverse("message", kwargs={"pk": one.pk})) for one in told.pressing[:MOST]
    ]
    return Source("须确认收悉的通知", reverse("messages"), told.must_read, things)


def letters_running_out(by: User, today: date) -> Source:
    """Authorisation letters that end soon or have ended, for the signatory, who has them replaced."""
    rows = accounts.letters_running_out(by, today) if by.has(*SIGNATORIES) else AuthorisationLetter.objects.none()
    things = []
    for row in rows[:MOST]:
        late = row.valid_until is not None and row.valid_until < today
        title = "更换已过期的授权书" if late else "更换即将到期的授权书"
        page = reverse("person", kwargs={"pk": row.person_id})
        things.append(ToDo(title, f"{row.person.name}，{row.get_role_display()}", page, row.valid_until, late))
    return counted("授权书", reverse("people"), rows, things)


def of_contracts(by: User, rows: models.QuerySet[Contract], today: date) -> Source:
    """The contracts whose next step is the house's, of `waiting.on_turn`."""
    things = []
    for row in rows[:MOST]:
        step = waiting.step_of(row, today)
        if step is not None:
            below = f"{row.product.name}，{row.number}"
            things.append(ToDo(to_do(by, step.awaited), below, contract_page(row), step.limit_on, step.late))
    return counted("合同", reverse("contracts-mine"), rows, things)
