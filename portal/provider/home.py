"""The provider's desk: what is to be done, how much of the cap is used, where the money is, what fits."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accounts.models import User
from contracts import performance, waiting
from contracts import selectors as contracts
from foundation import clock
from foundation.errors import Refused
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.parties.contracts import looks
from portal.parties.contracts.turns import to_do
from portal.provider.claims import claim_page, own_claims
from portal.provider.common import tone
from portal.provider.demands import suited
from portal.provider.products.rows import own_products, own_versions
from portal.provider.profile import REGISTER_OWN
from portal.provider.todo import waiting_for
from programmes import selectors as programmes
from providers import explains, selectors
from providers.models import Provider
from providers.states import ProductState, VersionState
from settlement import progress
from settlement.states import ClaimState

FEW = 5  # lines of each card
CLOCKS = 3  # claims whose clock is read in full
ENDED = (ClaimState.PAID, ClaimState.CLAWBACK_FULL, ClaimState.CLAWBACK_PARTIAL)
CAP_TONES = {explains.CapLevel.FREE: "run", explains.CapLevel.NEAR: "warn", explains.CapLevel.FULL: "bad"}


@pages_for(*PROVIDER)
def home(request: Asked) -> HttpResponseBase:
    """Where a provider's work begins."""
    by, today = request.user, clock.today()
    provider = selectors.visible_profiles(by).first()
    if provider is None:
        return render(request, "portal/provider/home_new.html", {"acts": REGISTER_OWN.offered(by, None)})
    figures = performance.performance([provider])[provider.pk]
    context = {
        "provider": provider,
        "listing": selectors.listing(provider.pk, today),
        "todo": waiting_for(by, today),
        "cap": _cap(provider, today.year),
        "clocks": _clocks(by),
        "contracts": _contracts(by, today),
        "suited": suited(provider.pk, 3),
        "figures": figures,
        "shelved": own_products(by).filter(state=ProductState.ON_SHELF).count(),
        "pending": own_versions(by).filter(state=VersionState.IN_REVIEW).count(),
    }
    return render(request, "portal/provider/home.html", context)


def _cap(provider: Provider, year: int) -> dict[str, Any]:
    """The year's cap with its explanation and its warning; without a notice, the bare figures."""
    figures = selectors.cap_figures(provider.pk, year)
    try:
        notice = programmes.notice_of_year(year) or programmes.latest_notice(clock.today())
    except Refused:
        return {"figures": figures, "set": False, "explanation": None, "warning": "", "tone": "run"}
    return {
        "figures": figures,
        "set": notice.year == year,
        "explanation": explains.cap(figures, notice),
        "warning": explains.warning(figures, notice),
        "tone": CAP_TONES[explains.level(figures, notice)],
    }


def _clocks(by: User) -> list[dict[str, Any]]:
    """The claims on their way, the oldest first, each with its clock."""
    rows = own_claims(by).exclude(state__in=ENDED).filter(final_at=None).order_by("pk")[:CLOCKS]
    return [{"claim": row, "clock": progress.clock_of(row), "page": claim_page(row), "tone": tone(row)} for row in rows]


def _contracts(by: User, today: date) -> list[dict[str, Any]]:
    rows = waiting.annotated(contracts.visible_to(by)).order_by("-pk")[:FEW]
    return [
        {
            "contract": row,
            "step": step,
            "next": to_do(by, step.awaited) if step is not None else "",
            "page": looks.page(row),
            "tone": looks.tone(row),
        }
        for row in rows
        for step in (waiting.step_of(row, today),)
    ]
