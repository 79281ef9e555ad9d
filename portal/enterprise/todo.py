"""What waits for the enterprise, the most pressing first, and how much more of each kind there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from contracts import selectors as contracts
from contracts import waiting
from contracts.models import Contract
from contracts.states import OF, Of
from demands import selectors as demands
from demands.states import DemandState
from engines.notifications import selectors as notices
from enterprises import policies
from enterprises.models import Enterprise
from enterprises.selectors import Shown
from enterprises.states import State
from portal.parties.contracts.looks import page as contract_page
from portal.parties.contracts.turns import to_do

MOST = 6  # things shown at once
OURS = (Of.ENTERPRISE, Of.BOTH)


@dataclass(frozen=True)
class ToDo:
    """One thing that waits for the enterprise: where to do it, and by when."""

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
    """What the dashboard shows: a few things, and of each kind how many more."""

    shown: list[ToDo]
    total: int
    more: list[tuple[str, int, str]] = field(default_factory=list)  # label, number, address


def waiting_for(by: User, enterprise: Enterprise, shown: Shown | None, today: date) -> Waiting:
    """Everything in one list: what has a last day by that day, then the rest. The same number of queries for any number."""
    sources = [*_sources(by, enterprise, shown, today)]
    every = [(one, source) for source in sources for one in source.things]
    first = sorted(every, key=lambda pair: (pair[0].due is None, pair[0].due or today))[:MOST]
    more = [(one.label, one.total - sum(source is one for _, source in first), one.address) for one in sources]
    return Waiting(
        shown=[one for one, _ in first],
        total=sum(one.total for one in sources),
        more=[(label, number, address) for label, number, address in more if number],
    )


def is_ours(step: waiting.Step | None) -> bool:
    """Whether the contract's next step is the enterprise's."""
    return step is not None and OF[step.awaited] in OURS


def _sources(by: User, enterprise: Enterprise, shown: Shown | None, today: date) -> Iterator[Source]:
    told = notices.summary(by.organisation_id)
    yield Source(
        "须确认收悉的通知",
        reverse("messages"),
        told.must_read,
        [_of("确认收悉通知", one.event.title, "message", one.pk) for one in told.pressing[:MOST]],
    )
    own = list(_own(by, enterprise, shown, today))
    yield Source("本单位事项", reverse("enterprise:profile"), len(own), own)
    returned = demands.visible_demands(by).filter(state=DemandState.RETURNED)
    yield _counted(
        "退回的需求",
        f"{reverse('enterprise:demands')}?state={DemandState.RETURNED}",
        returned,
        [_of("修改退回的需求", row.title, "enterprise:demand", row.pk) for row in returned[:MOST]],
    )
    unread = demands.visible_responses(by).filter(Q(unread__gt=0))
    yield _counted(
        "服务商留言",
        reverse("responses"),
        unread,
        [
            _of("回复服务商留言", f"{row.provider.name}，{row.demand.title}", "response", row.pk)
            for row in unread[:MOST]
        ],
    )
    rows = waiting.on_turn(contracts.visible_to(by), *OURS)
    yield _counted("合同", reverse("contracts-mine"), rows, list(_contracts(by, rows, today)))


def _own(by: User, enterprise: Enterprise, shown: Shown | None, today: date) -> Iterator[ToDo]:
    """What the registration and the yearly declaration ask; only what the reader himself can do is asked of him."""
    if enterprise.state == State.RETURNED:
        due = enterprise.due_on
        late = due is not None and due < today
        yield ToDo("补正注册资料", enterprise.return_reason, reverse("enterprise:profile"), due, late)
    if shown is not None and any(one.code == "RELATIONS_UNDECLARED" for one in shown.warnings):
        signs = policies.may_declare_relations(by, enterprise)
        title = "签署关联方申报" if signs else "请授权签署人签署关联方申报"
        yield ToDo(title, f"{shown.day.year}年度", reverse("enterprise:relations"))


def _contracts(by: User, rows: models.QuerySet[Contract], today: date) -> Iterator[ToDo]:
    for row in rows[:MOST]:
        step = waiting.step_of(row, today)
        if step is not None:
            below = f"{row.product.name}，{row.number}"
            yield ToDo(to_do(by, step.awaited), below, contract_page(row), step.limit_on, step.late)


def _of(title: str, below: str, page: str, pk: object) -> ToDo:
    return ToDo(title, below, reverse(page, kwargs={"pk": pk}))


def _counted(label: str, address: str, rows: models.QuerySet[models.Model], things: Sequence[ToDo]) -> Source:
    return Source(label, address, rows.count(), things)
