"""Every case that waits for the officer who has signed in, in one list.

Each file of a subject registers the kinds of work it knows (`register`), next to the pages on which the work is done.
A kind's `rows` come from a room's queue: only what this person may do now, so that nobody is shown work that the
separation of people keeps from him. The list is one query over all kinds, and one more for each kind on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from foundation import clock
from portal.kit.forms import BodyForm
from portal.officer.overview import ends_this_week

PER_PAGE = 20
AT_ONCE = 50  # cases of one go of an act on several: as many as one looks through
SOON = 3  # days to the last one from which a case is called urgent on the page
GROUPS = (
    "企业",
    "认定",
    "公示",
    "需求",
    "合同",
    "结算",
    "资金",
    "信用",
    "通知",
    "平台",
)  # the order of the kinds on the page

_LINE = ("task_kind", "pk", "task_since", "task_due")

Rows = Callable[[User], QuerySet[Any]]


def _nothing(row: Any) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """An act that may be done to several rows of a kind, each by itself. `ready` leaves those that need a look."""

    label: str  # on the button
    run: Callable[[User, Any, Any], Any]  # one service call: who, the row, the version that was seen
    ready: Callable[[Any], str] = _nothing  # why this row must be looked at by itself; "" when it need not
    intro: str = ""
    shows: Callable[[User, Any], str] | None = None  # what must be looked at before it is done; None: nothing more
    form: type[BodyForm] | None = None  # what has to be said of each; `run` then gets its body, version and all
    initial: Callable[[], dict[str, Any]] = dict


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of work."""

    code: str  # in the address
    label: str  # what is to be done: 企业注册初核
    group: str  # one of GROUPS
    roles: tuple[Role, ...]
    rows: Rows  # what waits for the person
    subject: Callable[[Any], str]  # whom or what it is about
    url: Callable[[Any], str]  # where the work is done
    below: Callable[[Any], str] = _nothing  # a second line
    since: str = "updated_at"  # the column that says since when it waits
    due: str | models.expressions.Combinable = ""  # the last day, a column or an expression; "" where none is set
    bulk: Bulk | None = None


@dataclass(frozen=True)
class Task:
    """One row of the list."""

    kind: Kind
    row: Any
    since: datetime
    due: date | None
    days: int | None  # to the last day; negative when it has passed

    @property
    def is_late(self) -> bool:
        return self.days is not None and self.days < 0

    @property
    def since_day(self) -> date:
        return clock.local_date(self.since)

    @property
    def subject(self) -> str:
        return self.kind.subject(self.row)

    @property
    def below(self) -> str:
        return self.kind.below(self.row)

    @property
    def url(self) -> str:
        return self.kind.url(self.row)


@dataclass(frozen=True)
class Step:
    """What a case waits for, of whom, and whether the reader is the one."""

    kind: Kind
    is_role: bool  # the reader's role takes it
    is_mine: bool  # and so may this very person: he had no other part in the case

    @property
    def label(self) -> str:
        return self.kind.label

    @property
    def roles(self) -> str:
        return "或".join(str(role.label) for role in self.kind.roles)


@dataclass(frozen=True)
class Tally:
    """How many cases of a kind wait, how many are late, how many will be within days and by the end of the week."""

    kind: Kind
    count: int
    late: int
    soon: int
    week: int


@dataclass(frozen=True)
class Inbox:
    """A page of the list with what stands around it."""

    tallies: list[Tally]
    tasks: list[Task]
    page: int
    older: int | None
    newer: int | None
    listed: int  # how many there are on all pages of what was asked for

    @property
    def count(self) -> int:
        return sum(one.count for one in self.tallies)

    @property
    def late(self) -> int:
        return sum(one.late for one in self.tallies)

    @property
    def soon(self) -> int:
        return sum(one.soon for one in self.tallies)

    @property
    def week(self) -> int:
        return sum(one.week for one in self.tallies)

    @property
    def groups(self) -> list[tuple[str, list[Tally]]]:
        """The kinds that have something, by group."""
        found = [(group, [one for one in self.tallies if one.kind.group == group]) for group in GROUPS]
        return [(group, tallies) for group, tallies in found if tallies]


_known: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """These kinds are part of the list. Raises ValueError for a code or a group that does not fit."""
    for one in kinds:
        if one.code in _known or one.group not in GROUPS:
            raise ValueError(f"task kind {one.code}: known already, or of no group")
        _known[one.code] = one


def kinds_of(user: User) -> list[Kind]:
    """The kinds that the person's roles work on, in the order of the groups."""
    mine = [one for one in _known.values() if user.has(*one.roles)]
    return sorted(mine, key=lambda one: GROUPS.index(one.group))


def kind(user: User, code: str) -> Kind | None:
    """The kind, if it is among the person's."""
    found = _known.get(code)
    return found if found is not None and user.has(*found.roles) else None


def inbox(
    user: User, *, code: str = "", late: bool = False, soon: bool = False, week: bool = False, page: int = 1
) -> Inbox:
    """What waits for the person: what is due first comes first, then what has waited longest.

    `late` leaves what is past its last day, `soon` what has SOON days or fewer, `week` what is due until Sunday.
    """
    kinds, today = kinds_of(user), clock.today()
    tallies = _tallies(user, kinds, today)
    wanted = [one.kind for one in tallies if code in ("", one.kind.code)]
    span = _late(today) if late else _soon(today) if soon else _week() if week else Q()
    found = _lines(user, wanted, span, page)
    more = len(found) > PER_PAGE
    tasks = _tasks(user, {one.code: one for one in wanted}, found[:PER_PAGE], today)
    chosen = [one for one in tallies if one.kind in wanted]
    listed = sum(one.late if late else one.soon if soon else one.week if week else one.count for one in chosen)
    return Inbox(tallies, tasks, page, page + 1 if more else None, page - 1 if page > 1 else None, listed)


def waiting(user: User) -> int:
    """How many cases wait for the person in all: one query."""
    return sum(one.count for one in _tallies(user, kinds_of(user), clock.today()))


def following(user: User, code: str, pk: str) -> Task | None:
    """The case after this one in the person's list, of the kind if that has any; the first when it is not in the list."""
    for wanted in dict.fromkeys((code, "")):
        found = inbox(user, code=wanted).tasks
        at = next((place for place, one in enumerate(found, start=1) if str(one.row.pk) == pk), 0)
        others = [one for one in (*found[at:], *found[:at]) if str(one.row.pk) != pk]
        if others:
            return others[0]
    return None


def steps(user: User, row: models.Model) -> list[Step]:
    """What the case waits for, whoever reads it. One query, and one more for each step that his role takes.

    A step waits for a role when it would wait for a person of the role who took no part in anything.
    """
    known = [one for one in _known.values() if one.rows(_newcomer(one)).model is type(row)]
    parts = [
        one.rows(_newcomer(one))
        .select_related(None)
        .prefetch_related(None)
        .order_by()
        .filter(pk=row.pk)
        .values(task_kind=Value(one.code, output_field=models.TextField()))
        for one in known
    ]
    waits = {line["task_kind"] for line in _union(parts)} if parts else set()
    return [
        Step(one, has, has and one.rows(user).filter(pk=row.pk).exists())
        for one in known
        if one.code in waits
        for has in (user.has(*one.roles),)
    ]


def _newcomer(one: Kind) -> User:
    """Somebody of the kind's roles who took no part in anything; never saved."""
    person = User()
    person.__dict__["roles"] = frozenset(one.roles)
    return person


def _tallies(user: User, kinds: Sequence[Kind], today: date) -> list[Tally]:
    """The kinds that have something. One query for all."""
    spans = {"n_late": _late(today), "n_soon": _soon(today), "n_week": _week()}
    counted = [
        _of(one, user)
        .order_by()
        .values(task_kind=Value(one.code, output_field=models.TextField()))
        .annotate(n=Count("pk"), **{name: Count("pk", filter=span) for name, span in spans.items()})
        for one in kinds
    ]
    if not counted:
        return []
    found = {row["task_kind"]: row for row in _union(counted)}
    # a sum over nothing is a row too
    return [
        Tally(one, row["n"], row["n_late"], row["n_soon"], row["n_week"])
        for one in kinds
        if (row := found.get(one.code)) is not None and row["n"]
    ]


def _late(today: date) -> Q:
    return Q(task_due__lt=today)


def _soon(today: date) -> Q:
    return Q(task_due__range=(today, today + timedelta(days=SOON)))


def _week() -> Q:
    return Q(task_due__range=ends_this_week())


def _lines(user: User, kinds: Sequence[Kind], span: Q, page: int) -> list[dict[str, Any]]:
    parts = []
    for one in kinds:
        rows = _of(one, user).order_by().filter(span)
        code = Value(one.code, output_field=models.TextField())
        parts.append(rows.annotate(task_kind=code, task_since=F(one.since)).values(*_LINE))
    if not parts:
        return []
    at = (page - 1) * PER_PAGE
    ordered = _union(parts).order_by(F("task_due").asc(nulls_last=True), "task_since", "pk")
    return list(ordered[at : at + PER_PAGE + 1])


def _tasks(user: User, kinds: dict[str, Kind], lines: Iterable[dict[str, Any]], today: date) -> list[Task]:
    """The lines with their rows: one query for each kind among them."""
    lines = list(lines)
    rows: dict[tuple[str, Any], Any] = {}
    for code in dict.fromkeys(line["task_kind"] for line in lines):
        keys = [line["pk"] for line in lines if line["task_kind"] == code]
        rows |= {(code, row.pk): row for row in kinds[code].rows(user).filter(pk__in=keys)}
    return [
        Task(
            kinds[line["task_kind"]],
            rows[line["task_kind"], line["pk"]],
            line["task_since"],
            line["task_due"],
            (line["task_due"] - today).days if line["task_due"] is not None else None,
        )
        for line in lines
        if (line["task_kind"], line["pk"]) in rows  # somebody else may just have taken the step
    ]


def _of(one: Kind, user: User) -> QuerySet[Any]:
    """The kind's rows with their last day, and nothing that only a page needs."""
    task_due: Any = Value(None) if one.due == "" else F(one.due) if isinstance(one.due, str) else one.due
    rows = one.rows(user).select_related(None).prefetch_related(None)
    dated: QuerySet[Any] = rows.annotate(task_due=Cast(task_due, models.DateField()))
    return dated


def _union(parts: Sequence[QuerySet[Any]]) -> QuerySet[Any]:
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def page_of(name: str) -> Callable[[Any], str]:
    """The address of a row's page by the name of it."""
    return lambda row: reverse(name, kwargs={"pk": row.pk})
