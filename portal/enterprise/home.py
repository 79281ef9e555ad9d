"""Where the work of a day begins: what is left, what is to do, the contract in hand, the year so far."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accounts.models import User
from contracts import progress, waiting
from contracts import selectors as contracts
from contracts.models import Contract
from contracts.states import RUNNING, State
from enterprises import policies, selectors
from enterprises.models import Enterprise
from enterprises.selectors import Shown
from enterprises.states import EDITABLE
from foundation import clock
from foundation.errors import DomainError
from portal.enterprise import own, standing
from portal.enterprise.profile import BEGIN
from portal.enterprise.todo import is_ours, waiting_for
from portal.kit.access import ENTERPRISE, Asked, pages_for
from portal.parties.contracts.lists import tabs
from portal.parties.contracts.looks import page as contract_page
from portal.parties.contracts.looks import tone as contract_tone
from portal.parties.contracts.turns import to_do

MOST_CONTRACTS = 8


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
    figures = selectors.figures(enterprise.pk, year)
    context = {
        "enterprise": enterprise,
        "tone": own.tone(enterprise),
        "notices": standing.notices(enterprise, shown, figures, today),
        "begins": policies.may_start_contract(enterprise),
        "steps": own.steps(enterprise) if enterprise.confirmed_at is None else [],
        "may_submit": enterprise.state in EDITABLE and policies.may_submit(by, enterprise),
        "editable": enterprise.state in EDITABLE,
        "shown": shown,
        "year": year,
        "figures": figures,
        "todo": waiting_for(by, enterprise, shown, today),
        "current": _current(by, today),
        "contracts": _latest(by, today),
        "tabs": tabs(by, contracts.visible_to(by)),
        "months": _months(enterprise, year),
    }
    return render(request, "portal/enterprise/home.html", context)


def _passport(enterprise: Enterprise, today: date) -> Shown | None:
    try:
        return selectors.show_passport(enterprise, today)
    except DomainError:  # no notice is in force: there is no tier to speak of
        return None


def _current(by: User, today: date) -> dict[str, Any] | None:
    """The contract that one works on: of those that run, the one touched last."""
    states = RUNNING | {State.SIGNING, State.SIGNED_WAIT_DEPOSIT, State.CONFIRMED}
    rows = waiting.annotated(contracts.visible_to(by).filter(state__in=sorted(states)))
    row = rows.order_by("-updated_at", "-pk").first()
    if row is None:
        return None
    step = waiting.step_of(row, today)
    return {**_told(row), "next": step, "act": _act(by, step), "stages": progress.stages(row)}


def _latest(by: User, today: date) -> list[dict[str, Any]]:
    rows = waiting.annotated(contracts.visible_to(by)).order_by("-pk")[:MOST_CONTRACTS]
    return [
        {**_told(row), "next": step, "act": _act(by, step)} for row in rows for step in (waiting.step_of(row, today),)
    ]


def _act(by: User, step: waiting.Step | None) -> str:
    """What the enterprise itself is to do with it next; "" when it waits for somebody else."""
    return to_do(by, step.awaited) if step is not None and is_ours(step) else ""


def _told(row: Contract) -> dict[str, Any]:
    return {"row": row, "tone": contract_tone(row), "page": contract_page(row)}


def _months(enterprise: Enterprise, year: int) -> list[tuple[str, Any]]:
    history = selectors.quota_history(enterprise.pk, year)
    return [(f"{month}月", amount) for month, amount in selectors.held_by_month(history)]
