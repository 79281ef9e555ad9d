"""Where the work of a day begins: what is left, what is to do, the contract in hand, the year so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from contracts import progress, waiting
from contracts import selectors as contracts
from contracts.models import Contract
from contracts.states import RUNNING, Of, State
from demands import selectors as demands
from demands.states import DemandState
from engines.notifications import selectors as notices
from enterprises import policies, selectors
from enterprises.models import Enterprise
from enterprises.selectors import Shown
from enterprises.states import EDITABLE
from enterprises.states import State as Registration
from foundation import clock
from foundation.errors import DomainError
from portal.enterprise import own
from portal.enterprise.profile import BEGIN
from portal.kit.access import ENTERPRISE, Asked, pages_for
from portal.parties.contracts.looks import page as contract_page
from portal.parties.contracts.looks import tone as contract_tone

MOST_TO_DO, MOST_CONTRACTS = 6, 8
OURS = (Of.ENTERPRISE, Of.BOTH)


@dataclass(frozen=True)
class ToDo:
    """One thing that waits for the enterprise: where to do it, and by when."""

    title: str
    below: str
    address: str
    due: date | None = None
    late: bool = False


@pages_for(*ENTERPRISE)
def home(request: Asked) -> HttpResponseBase:
    """The first page after signing in. Before the registration has passed it leads through that."""
    by = request.user
    enterprise = own.found(by)
    if enterprise is None:
        return render(request, "portal/enterprise/unregistered.html", {"acts": BEGIN.offered(by, None)})
    today = clock.today()
    shown = _passport(enterprise, today)
    year = today.year
    todo = [*_matters(by, enterprise, shown), *_contracts_to_do(by, today)]
    context = {
        "enterprise": enterprise,
        "tone": own.tone(enterprise),
        "steps": own.steps(enterprise) if enterprise.confirmed_at is None else [],
        "may_submit": enterprise.state in EDITABLE and policies.may_submit(by, enterprise),
        "shown": shown,
        "year": year,
        "figures": selectors.figures(enterprise.pk, year),
        "todo": todo[:MOST_TO_DO],
        "more": max(0, len(todo) - MOST_TO_DO),
        "current": _current(by, today),
        "contracts": _latest(by, today),
        "months": _months(enterprise, year),
    }
    return render(request, "portal/enterprise/home.html", context)


def _passport(enterprise: Enterprise, today: date) -> Shown | None:
    try:
        return selectors.show_passport(enterprise, today)
    except DomainError:  # no notice is in force: there is no tier to speak of
        return None


def _matters(by: User, enterprise: Enterprise, shown: Shown | None) -> list[ToDo]:
    """What waits beside contracts, the most pressing first."""
    waiting_now = notices.summary(by.organisation_id)
    found = [
        ToDo("确认收悉通知", one.event.title, reverse("message", kwargs={"pk": one.pk}))
        for one in waiting_now.pressing[:MOST_TO_DO]
    ]
    if enterprise.state == Registration.RETURNED:
        due = enterprise.due_on
        late = due is not None and due < clock.today()
        found.append(ToDo("补正注册资料", enterprise.return_reason, reverse("enterprise:profile"), due, late))
    found += [
        ToDo("修改退回的需求", row.title, reverse("enterprise:demand", kwargs={"pk": row.pk}))
        for row in demands.visible_demands(by).filter(state=DemandState.RETURNED)[:MOST_TO_DO]
    ]
    found += [
        ToDo("回复服务商留言", f"{row.provider.name}，{row.demand.title}", reverse("response", kwargs={"pk": row.pk}))
        for row in demands.visible_responses(by).filter(Q(unread__gt=0))[:MOST_TO_DO]
    ]
    if shown is not None and any(one.code == "RELATIONS_UNDECLARED" for one in shown.warnings):
        found.append(ToDo("签署关联方申报", f"{shown.day.year}年度", reverse("enterprise:relations")))
    return found


def _contracts_to_do(by: User, today: date) -> list[ToDo]:
    rows = waiting.on_turn(contracts.visible_to(by), *OURS)[: MOST_TO_DO + 1]
    found = []
    for row in rows:
        step = waiting.step_of(row, today)
        if step is not None:
            found.append(ToDo(_act(step), row.product.name, contract_page(row), step.limit_on, step.late))
    return found


def _act(step: waiting.Step) -> str:
    """企业支付并登记定金 is 支付并登记定金 to the enterprise itself."""
    return str(step.awaited.label).removeprefix("企业")


def _current(by: User, today: date) -> dict[str, Any] | None:
    """The contract that one works on: of those that run, the one touched last."""
    states = RUNNING | {State.SIGNING, State.SIGNED_WAIT_DEPOSIT, State.CONFIRMED}
    rows = waiting.annotated(contracts.visible_to(by).filter(state__in=sorted(states)))
    row = rows.order_by("-updated_at", "-pk").first()
    if row is None:
        return None
    step = waiting.step_of(row, today)
    return {**_told(row), "next": step, "stages": progress.stages(row)}


def _latest(by: User, today: date) -> list[dict[str, Any]]:
    rows = waiting.annotated(contracts.visible_to(by)).order_by("-pk")[:MOST_CONTRACTS]
    return [{**_told(row), "next": waiting.step_of(row, today)} for row in rows]


def _told(row: Contract) -> dict[str, Any]:
    return {"row": row, "tone": contract_tone(row), "page": contract_page(row)}


def _months(enterprise: Enterprise, year: int) -> list[tuple[str, Any]]:
    history = selectors.quota_history(enterprise.pk, year)
    return [(f"{month}月", amount) for month, amount in selectors.held_by_month(history)]
