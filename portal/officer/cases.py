"""What the pages of single cases are made of: sections of facts, checks by the machine, tables, the chain in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from engines.evidence.models import Subject
from engines.evidence.selectors import of_subject
from engines.files.models import StoredFile
from foundation import clock
from foundation.explain import Explanation
from portal.kit.access import Asked
from portal.kit.acts import Act, Deck
from portal.kit.days import day
from portal.officer import tasks
from portal.templatetags.portal import moment, yuan


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere."""

    words: str
    address: str
    icon: str = "right"  # before the words, where links stand in a list


@dataclass(frozen=True)
class Chip:
    """A state; `tone` as the chip's."""

    words: str
    tone: str = "off"


@dataclass(frozen=True)
class Table:
    """Rows of cells: text, amounts, dates, links, chips. Columns of figures are named in `right`."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    right: frozenset[int] = frozenset()

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The heads, those of figures to the right like what stands below them."""
        return [{"label": head, "right": at in self.right} for at, head in enumerate(self.heads)]

    @property
    def lines(self) -> list[list[dict[str, Any]]]:
        """The cells as they are shown, each with the head of its column."""
        return [
            [
                {"head": head, "right": at in self.right, "cell": shown(cell), "title": at == 0}
                for at, (head, cell) in enumerate(zip(self.heads, row, strict=True))
            ]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Check:
    """What was looked at, and what came out: ok, warn, bad or todo. The words say it too."""

    tone: str
    label: str
    says: str = ""
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One card of a case."""

    title: str
    facts: Sequence[tuple[str, Any]] = ()
    text: str = ""
    table: Table | None = None
    checks: Sequence[Check] = ()
    article: str = ""
    why: Explanation | None = None
    empty: str = ""  # what to say when there is nothing
    links: Sequence[Link] = ()

    @property
    def lines(self) -> list[tuple[str, Any]]:
        return [(label, shown(value)) for label, value in self.facts]

    @property
    def is_empty(self) -> bool:
        rows = self.table.rows if self.table is not None else ()
        return not (self.facts or self.text or rows or self.checks or self.links)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A page: what was handed in at the left, what was found at the right, what may be done, what was done."""

    title: str
    under: str = ""
    state: Chip | None = None
    due: date | None = None
    crumbs: Sequence[Link] = ()
    left: Sequence[Section] = ()
    right: Sequence[Section] = ()
    below: Sequence[Section] = ()
    acts: Sequence[tuple[Any, str]] = ()
    record: models.Model | None = None  # what it is about, where the list of tasks knows what comes next
    idle: str = "本件现在没有等管理部门办理的环节。"  # when it waits for nobody
    trail: Sequence[Any] = field(default=())

    @property
    def days(self) -> int | None:
        """To the last day; negative when it has passed."""
        return (self.due - clock.today()).days if self.due is not None else None


def beside(sections: Callable[[User, Any], Sequence[Section]], *decisions: Act) -> tuple[Act, ...]:
    """These acts with what they decide on beside their form: nobody judges from memory."""

    def with_it(act: Act) -> Act:
        return replace(
            act,
            template="portal/officer/act.html",
            shown=lambda by, row: {**act.shown(by, row), "beside": sections(by, row)},
        )

    return tuple(with_it(one) for one in decisions)


def case_context(request: Asked, case: Case) -> dict[str, Any]:
    """What the page of a case needs: with what it waits for, of whom, and whether the reader has work of his own."""
    steps = tasks.steps(request.user, case.record) if case.record is not None else []
    return {"case": case, "steps_to_take": steps, "works": bool(tasks.kinds_of(request.user))}


def case_page(request: Asked, case: Case, template: str = "portal/officer/case.html", **more: Any) -> HttpResponse:
    """The page of a case."""
    return render(request, template, {**case_context(request, case), **more})


def trail(row: Subject) -> list[Any]:
    """The record's chain, newest first."""
    return list(of_subject(row).reverse())


def acts(deck: Deck, request: Asked, row: Any) -> list[tuple[Any, str]]:
    """What the reader may do."""
    return deck.offered(request.user, row)


def shown(value: Any) -> Any:
    """A value as people read it; links and chips stay what they are."""
    if value is None or value == "" or value == []:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{yuan(value)}元"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    return value


def said(facts: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The facts that say something: steps not taken yet are no facts."""
    return [one for one in facts if one[1] not in ("", "—", None)]


def files(rows: Iterable[StoredFile]) -> list[Link]:
    """Each leads to its content, which asks again who may read it."""
    return [Link(f"{one.name}（{_size(one.size)}）", file_address(one), "file") for one in rows]


def file_address(row: StoredFile) -> str:
    """Where a stored file is downloaded."""
    return reverse("file-content", kwargs={"pk": row.pk})


def person(user: Any) -> str:
    """Who it was; a dash for nobody yet."""
    return user.name if user is not None else "—"


def _size(count: int) -> str:
    kilobytes = count / 1024
    return f"{max(kilobytes, 0.1):.1f}KB" if kilobytes < 1024 else f"{kilobytes / 1024:.1f}MB"
