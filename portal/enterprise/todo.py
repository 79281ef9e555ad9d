"""What waits for the enterprise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from contracts import selectors as contracts
from contracts import waiting
from contracts.states import OF, Of
from demands import selectors as demands
from demands.states import DemandState
from enterprises import policies
from enterprises.models import Enterprise
from enterprises.selectors import Shown
from enterprises.states import State
from portal.parties.todo import (
    MOST,
    Source,
    ToDo,
    Waiting,
    all_told,
    counted,
    letters_running_out,
    must_read,
    of_contracts,
    pressing,
)

OURS = (Of.ENTERPRISE, Of.BOTH)


def waiting_for(by: User, enterprise: Enterprise, shown: Shown | None, today: date) -> Waiting:
    """Everything that waits for the caller's house."""
    return pressing(_sources(by, enterprise, shown, today))


def is_ours(step: waiting.Step | None) -> bool:
    """Whether the contract's next step is the enterprise's."""
    return step is not None and OF[step.awaited] in OURS


def _sources(by: User, enterprise: Enterprise, shown: Shown | None, today: date) -> Iterator[Source]:
    yield must_read(by)
    yield letters_running_out(by, today)
    yield all_told("本单位事项", reverse("enterprise:profile"), _own(by, enterprise, shown, today))
    returned = demands.visible_demands(by).filter(state=DemandState.RETURNED)
    yield counted(
        "退回的需求",
        f"{reverse('enterprise:demands')}?state={DemandState.RETURNED}",
        returned,
        [_of("修改退回的需求", row.title, "enterprise:demand", row.pk) for row in returned[:MOST]],
    )
    unread = demands.visible_responses(by).filter(Q(unread__gt=0))
    yield counted(
        "服务商留言",
        reverse("responses"),
        unread,
        [
            _of("回复服务商留言", f"{row.provider.name}，{row.demand.title}", "response", row.pk)
            for row in unread[:MOST]
        ],
    )
    yield of_contracts(by, waiting.on_turn(contracts.visible_to(by), *OURS), today)


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


def _of(title: str, below: str, page: str, pk: object) -> ToDo:
    return ToDo(title, below, reverse(page, kwargs={"pk": pk}))
