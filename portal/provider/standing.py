"""How the provider stands in public: the figures of its contracts as everybody sees them, and complaints against it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from contracts import performance
from contracts import selectors as contracts
from contracts.models import EvidenceQuery
from contracts.performance import Performance
from contracts.states import QueryState, State
from credit import selectors as credit
from credit.models import Complaint
from credit.states import ComplaintState
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.provider.common import tone
from portal.templatetags.portal import percent
from providers import selectors

_SHARES = ("completion_rate", "on_time_rate")
_DAYS = ("median_days", "agreed_days")


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
    """按期交付率 = … as its name and the rest."""
    name, _, how = formula.partition(" = ")
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


def _against(request: Asked) -> QuerySet[Complaint]:
    """What was accepted against the caller's own house."""
    rows = credit.visible_complaints(request.user)
    return rows.filter(organisation=request.user.organisation_id, accepted_at__isnull=False)


COMPLAINTS = Listing(
    name="complaints",
    caption="对本机构的投诉",
    columns=(
        Column(
            name="number",
            label="投诉编号",
            show="number",
            sort="number",
            place="title",
            link=lambda row: reverse("provider:complaint", kwargs={"pk": row.pk}),
        ),
        Column(name="contract", label="所涉合同", show="contract_number"),
        Column(name="accepted", label="受理时间", show="accepted_at", kind="moment"),
        Column(name="due", label="答复期限", show="result_due", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(Filter(name="state", label="状态", narrow="state", choices=ComplaintState.choices),),
    empty="没有对本机构的投诉。收到并受理的投诉会列在这里，并以消息告知。",
)


@pages_for(*PROVIDER)
def complaints(request: Asked) -> HttpResponseBase:
    """What is held against the provider: complaints, contracts to be put right, evidence that was questioned, records."""
    by = request.user
    mine = contracts.visible_to(by).filter(provider__organisation=by.organisation_id)
    queries = contracts.visible_queries(by).filter(contract__in=mine, state=QueryState.OPEN)
    context = {
        "rectify": mine.filter(state=State.RECTIFY).order_by("end_date")[:20],
        "queries": _shown_queries(queries),
        "records": credit.visible_records(by).order_by("-pk")[:20],
    }
    return COMPLAINTS.answer(request, _against(request), "portal/provider/complaints.html", context)


def _shown_queries(rows: QuerySet[EvidenceQuery]) -> list[EvidenceQuery]:
    return list(rows.order_by("pk")[:20])


@pages_for(*PROVIDER)
def complaint(request: Asked, pk: str) -> HttpResponseBase:
    """One complaint as the party complained of is told of it: never who filed it."""
    row = _against(request).filter(pk=pk).first()
    if row is None:
        raise not_found("投诉")
    return render(request, "portal/provider/complaint.html", {"complaint": row, "tone": tone(row)})
