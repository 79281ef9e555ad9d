"""How the provider stands in public: the figures of its contracts as everybody sees them, and what is held against it (第十六、二十二、二十七条)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from contracts import performance, waiting
from contracts import selectors as contracts
from contracts.performance import Performance
from contracts.states import QueryState, State
from credit import selectors as credit
from foundation import clock
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.parties.credit import complaint_tone, record_tone
from portal.templatetags.portal import percent
from providers import selectors

_SHARES = ("completion_rate", "on_time_rate")
_DAYS = ("median_days", "agreed_days")
MOST = 20  # lines of each card


@pages_for(*PROVIDER)
def figures(request: Asked) -> HttpResponseBase:
    """This year's and all years' figures beside one another, each with how it is counted."""
    provider, year = selectors.own(request.user), clock.today().year
    this_year = performance.performance([provider], year)[provider.pk]
    ever = performance.performance([provider])[provider.pk]
    told = performance.explained(None)
    lines = [
        (*_named(formula), _shown(code, this_year), _shown(code, ever)) for code, formula in told["formulas"].items()
    ]
    context = {
        "year": year,
        "ever": ever,
        "this_year": this_year,
        "lines": lines,
        "notice": told["notice"],
    }
    return render(request, "portal/provider/performance.html", context)


def _named(formula: str) -> tuple[str, str]:
    """按期交付率：… as its name and the rest."""
    name, _, how = formula.partition("：")
    return name, how


def _shown(code: str, of: Performance) -> str:
    if code == "ratings":
        return of.rating_label
    value: Any = getattr(of, code)
    if value is None:
        return "—"
    if code in _SHARES:
        return percent(value)
    return f"{value.normalize():f}天" if code in _DAYS and isinstance(value, Decimal) else str(value)


@pages_for(*PROVIDER)
def standing(request: Asked) -> HttpResponseBase:
    """What is held against the provider: contracts to be put right, evidence that was questioned, complaints, records."""
    by, today = request.user, clock.today()
    mine = contracts.visible_to(by).filter(provider__organisation=by.organisation_id)
    queries = contracts.visible_queries(by).filter(contract__in=mine, state=QueryState.OPEN).order_by("pk")
    rectify = waiting.annotated(mine.filter(state=State.RECTIFY)).order_by("end_date", "pk")
    against = credit.visible_complaints(by).filter(organisation=by.organisation_id, accepted_at__isnull=False)
    context = {
        "rectify": [(row, waiting.step_of(row, today)) for row in rectify[:MOST]],
        "queries": queries[:MOST],
        "complaints": [(row, complaint_tone(row)) for row in against.order_by("-pk")[:MOST]],
        "records": [(row, record_tone(row)) for row in credit.visible_records(by).order_by("-pk")[:MOST]],
        "restriction": credit.restriction(by.organisation.uscc or "", today),
        "today": today,
    }
    return render(request, "portal/provider/standing.html", context)
