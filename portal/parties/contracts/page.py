"""One contract: where it stands and whose turn it is, what it costs whom, what was shown, what may be done now."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts import selectors as accounts
from accounts.models import User
from contracts import progress, selectors
from contracts.models import Contract, EvidenceQuery
from contracts.states import InvoiceState, SupplementState
from engines.evidence.selectors import of_subject, of_subjects
from foundation.errors import not_found
from foundation.money import ZERO
from portal.kit.access import ANYONE, DECIDERS, PROVIDER, Asked, pages_for
from portal.parties.contracts import looks, papers, reading
from portal.parties.contracts.deck import ASIDE, DECK, rows
from portal.parties.contracts.turns import turn
from settlement import selectors as settlement

ANSWERED = (
    "supplements",
    "terminations",
    "queries",
)  # papers whose first act is the answer that the contract waits for


@pages_for(*ANYONE)
def contract(request: Asked, pk: str) -> HttpResponseBase:
    """The whole contract, with the acts of its reader: of either party, an officer, or the city."""
    by = request.user
    row = rows(by).filter(pk=pk).first()
    if row is None:
        raise not_found("合同")
    offered = DECK.offered(by, row)
    addresses = {act.name: address for act, address in offered}
    trail = list(of_subject(row))
    hanging = _papers(by, row)
    whose = turn(by, row, trail)
    own = whose is not None and whose["mine"]
    context = {
        "contract": row,
        "name": looks.name(row),
        "tone": looks.tone(row),
        "acts": [one for one in offered if one[0].name not in ASIDE],
        "aside": [one for one in offered if one[0].name in ASIDE],
        "evidence_at": addresses.get("evidence"),
        "query_at": addresses.get("query-evidence"),
        "invoice_at": addresses.get("invoice"),
        "invoiced": _invoiced(row),
        "stages": progress.stages(row),
        "turn": whose,
        "steps": reading.steps(row),
        "indicators": selectors.indicators(row) if row.reached else [],
        "explained": reading.explained(row),
        "expected": selectors.expected_settlement(row),
        "claim": settlement.visible_claims(by).filter(contract=row.pk).first(),
        "claim_at": _claim_at(by),
        "signatures": row.signatures.all(),
        "ratings": _ratings(row),
        "readable": _readable(by, row),
        "trail": trail,
        "claim_from": _claim_from(by, row),
        "answers": [line["acts"][0] for name in ANSWERED for line in hanging[name] if line["acts"]] if own else [],
        **hanging,
    }
    return render(request, "portal/parties/contracts/page.html", context)


@pages_for(*ANYONE)
def text(request: Asked, pk: str) -> HttpResponseBase:
    """The contract's words as they are in force, with its signatures and whether these still stand under them."""
    by = request.user
    row = rows(by).filter(pk=pk).first()
    if row is None:
        raise not_found("合同")
    changes = [one for one in row.supplements.all() if one.state == SupplementState.IN_FORCE]
    context = {"row": row, "name": looks.name(row), "changes": changes, **reading.shown(by, row)}
    return render(request, "portal/parties/contracts/words.html", context)


def _readable(by: User, row: Contract) -> set[UUID]:
    """The contract's files that the reader may open: the city reads the contract, not its files."""
    named = [one.file_id for step in row.milestones.all() for one in step.evidence.all()]
    named += [order.receipt_id for order in row.payments.all() if order.receipt_id is not None]
    named += [one.file_id for one in row.invoices.all()]
    named += [one.letter.file_id for one in row.signatures.all() if one.letter is not None]
    return set(accounts.visible_files(by).filter(pk__in=named).values_list("pk", flat=True))


def _invoiced(row: Contract) -> Decimal:
    """What its standing invoices come to."""
    return sum((one.amount for one in row.invoices.all() if one.state == InvoiceState.STANDING), ZERO)


def _claim_from(by: User, row: Contract) -> str:
    """Where the provider begins the claim, once the contract may be claimed."""
    if not by.has(*PROVIDER) or not settlement.claimable(by).filter(pk=row.pk).exists():
        return ""
    return reverse("provider:claimable-act", kwargs={"pk": row.pk, "act": "claim"})


def _claim_at(by: User) -> str:
    """The name of the claim's own page for the reader; the enterprise has none."""
    if by.has(*PROVIDER):
        return "provider:claim"
    return "officer:claim" if by.has(*DECIDERS) else ""


def _ratings(row: Contract) -> list[tuple[str, int]]:
    """The marks of the 服务确认书 by the names of the notice's scale."""
    confirmation = getattr(row, "confirmation", None)
    if confirmation is None or not confirmation.ratings:
        return []
    aspects = row.notice.parsed.ratings.aspects
    return [(aspects.get(code, code), mark) for code, mark in confirmation.ratings.items()]


def _papers(by: User, row: Contract) -> dict[str, Any]:
    """Each paper with its colour and what its reader may do with it. They hang on the one contract just read."""
    asked = EvidenceQuery.objects.filter(contract=row.pk).select_related("evidence__milestone", "evidence__file")
    kinds = (
        ("payments", papers.PAYMENTS, row.payments.all(), looks.OF_PAYMENT),
        ("invoices", papers.INVOICES, sorted(row.invoices.all(), key=lambda one: one.pk), looks.OF_INVOICE),
        ("supplements", papers.SUPPLEMENTS, row.supplements.all(), looks.OF_SUPPLEMENT),
        ("terminations", papers.TERMINATIONS, row.terminations.all(), looks.OF_TERMINATION),
        ("queries", papers.QUERIES, asked.order_by("pk"), looks.OF_QUERY),
    )
    chains = of_subjects([*row.supplements.all(), *row.terminations.all()])
    found: dict[str, Any] = {}
    for name, deck, records, tones in kinds:
        lines = []
        for record in records:
            record.contract = row
            lines.append(
                {
                    "row": record,
                    "tone": tones.get(record.state, "off"),
                    "acts": deck.offered(by, record),
                    "answered": chains.get(record.pk, [])[1:],  # the first is the paper itself
                }
            )
        found[name] = lines
    return found
