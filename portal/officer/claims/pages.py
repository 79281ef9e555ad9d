"""The list of claims, the review screen, the materials as a paper."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accounts.states import Role
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.officer.claims.acts import DECK
from portal.officer.claims.lists import LIST, tone
from portal.officer.shown import one_of, trail_of
from settlement import gathering, packs, progress, selectors
from settlement.api.common import attachment
from settlement.states import Fault

READERS = (*DECIDERS, Role.CITY)


@pages_for(*READERS)
def claims(request: Asked) -> HttpResponseBase:
    """Every claim the officer may see, the newest first."""
    return LIST.answer(request, selectors.visible_claims(request.user), "portal/officer/claims.html", {})


@pages_for(*READERS)
def claim(request: Asked, pk: UUID) -> HttpResponseBase:
    """The review screen: materials left, what the machine checked right, the decision above, the history below."""
    row = one_of(selectors.visible_claims(request.user), pk, "兑付申请")
    items = gathering.shown_checklist(row)
    context = {
        "claim": row,
        "tone": tone(row),
        "acts": DECK.offered(request.user, row),
        "items": items,
        "returned_for": [(Fault(one["code"]).label, one["text"]) for one in row.return_items],
        "unmet": sum(not item.ok for item in items),
        "kept": gathering.is_kept(row),
        "papers": packs.papers(row.materials),
        "indicators": (row.materials.get("confirmation") or {}).get("indicators", ()),
        "clock": progress.clock_of(row),
        "explanation": selectors.explain_claim(row),
        "orders": selectors.visible_payouts(request.user).filter(claim=row).order_by("-pk"),
        "appeals": selectors.visible_appeals(request.user).filter(claim=row).order_by("-pk"),
        **trail_of(row),
        "files_open": request.user.has(*DECIDERS),
    }
    return render(request, "portal/officer/claim.html", context)


@pages_for(*READERS)
def pack(request: Asked, pk: UUID) -> HttpResponseBase:
    """结算材料 as a paper."""
    row = one_of(selectors.visible_claims(request.user), pk, "兑付申请")
    return attachment(packs.pdf(row), f"{row.number}-结算材料.pdf", "application/pdf")
