"""The list of rounds, one round, the order of the queues, the list to take out."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from foundation import clock
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.officer.batches.acts import BEGIN, DECK
from portal.officer.batches.lists import INSIDE, LIST, steps, tone
from portal.officer.shown import one_of, trail_of
from programmes import selectors as programmes
from settlement import policies, progress, selectors, standing
from settlement.api.common import attachment
from settlement.services import exports
from settlement.states import BATCH_PLANNING, ExportKind

MOST_SHOWN = 100  # of each queue: what comes next, not the whole of it


@pages_for(*DECIDERS)
def batches(request: Asked) -> HttpResponseBase:
    """Every round, the newest first, and both queues."""
    from_others = selectors.visible_claims(request.user)
    context = {
        "acts": BEGIN.offered(request.user, None) if request.user.has(*BEGIN.roles) else [],
        "waiting": selectors.for_batch(from_others).count(),
        "carried": selectors.carried_before(clock.today()).count(),
        "orderable": selectors.orderable(from_others).count(),
    }
    return LIST.answer(request, selectors.visible_batches(request.user), "portal/officer/batches.html", context)


@pages_for(*DECIDERS)
def batch(request: Asked, pk: UUID) -> HttpResponseBase:
    """One round: where it stands, what it comes to, each claim with its checks."""
    row = one_of(selectors.visible_batches(request.user), pk, "兑付批次")
    planning = row.state in BATCH_PLANNING
    context = {
        "batch": row,
        "tone": tone(row),
        "acts": DECK.offered(request.user, row),
        "steps": steps(row),
        "standing": standing.of_batch(row),
        "sums": selectors.totals(row),
        "findings": selectors.findings_in(row),
        "figures": programmes.figures(row.year),
        "ready": selectors.ready_for_batch(row).count() if planning else 0,
        "intake_over": selectors.intake_over(row),
        "explanation": selectors.explain_batch(row),
        "exports": selectors.exports_of(request.user, row).select_related("exported_by__organisation")[:10],
        "may_export": policies.may_export(request.user) and row.claim_count > 0,
        **trail_of(row),
    }
    inside = selectors.visible_claims(request.user).filter(batch=row)
    return INSIDE.answer(request, inside, "portal/officer/batch.html", context)


@require_POST
@pages_for(*DECIDERS)
def export(request: Asked, pk: UUID, kind: str) -> HttpResponseBase:
    """The list to take out; each time is on record with who and the SM3 of the file."""
    row = one_of(selectors.visible_batches(request.user), pk, "兑付批次")
    if kind not in ExportKind.values:
        raise not_found("清单")
    with transaction.atomic():
        content = exports.export(by=request.user, batch_id=row.pk, kind=ExportKind(kind))
    types = {ExportKind.XLSX: exports.XLSX_TYPE, ExportKind.PDF: "application/pdf"}
    return attachment(content, f"{row.number}-拨付清单.{kind}", types[ExportKind(kind)])


@pages_for(*DECIDERS)
def queue(request: Asked) -> HttpResponseBase:
    """Who is in line for the next plan and for payment, in the order that counts (8-23)."""
    claims = selectors.visible_claims(request.user)
    context = {
        **progress.queue_for(claims, MOST_SHOWN),
        "longest": MOST_SHOWN,
        "planned": selectors.sums_of(claims.filter(state__in=progress.FOR_BATCH)),
        "paid": selectors.sums_of(claims.filter(state__in=progress.FOR_PAYMENT)),
    }
    return render(request, "portal/officer/queue.html", context)
