"""What the year did not pay goes into the next and is paid there first (第二十条, 8-23, 8-24; DOMAIN 6.14)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q

from contracts.services import closing
from contracts.services import common as contracts
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused
from foundation.locking import unit_of_work
from foundation.money import ZERO, yuan
from foundation.states import move
from providers import selectors as providers
from settlement import selectors
from settlement.models import Claim
from settlement.services import common, funding
from settlement.states import ClaimState

WAITING = (ClaimState.MARKED, ClaimState.PAYABLE)
AWAY = (ClaimState.PAYING, ClaimState.BOUNCED, ClaimState.CARRIED_OVER)


def unpaid_before(year: int) -> list[UUID]:
    """Claims cleared in an earlier year and not paid, in their order, that are not yet carried into `year`."""
    rows = Claim.objects.filter(state__in=[*WAITING, *AWAY], cleared_at__lt=clock.start_of(date(year, 1, 1)))
    rows = rows.filter(Q(carried_into=None) | Q(carried_into__lt=year))
    return list(rows.order_by(*selectors.QUEUE).values_list("pk", flat=True))


def carry_over(claim_id: UUID, year: int, *, by: Actor) -> bool:
    """The unpaid claim is owed by `year`, in its old place in the queue. False when it is no longer due.

    Only once its budget line stands in `year`, money and all (`close_year`); quota and cap stay those of the year
    that approved it (8-24). One with an order under way, or waiting for the provider's account, keeps its state.
    """
    found = Claim.objects.filter(pk=claim_id).values_list("batch_id", "contract_id").first()
    if found is None or found[0] is None:
        return False
    with unit_of_work():
        batch = common.lock_batch(found[0])
        contract = contracts.lock_contract(found[1])
        claim = common.lock_claim(claim_id)
        if claim.state not in (*WAITING, *AWAY) or (claim.carried_into or 0) >= year:
            return False
        if closing.budget_year(contract) != year:
            return False
        if claim.state in WAITING:
            move(claim, "carry_over", "结转")(year)
        claim.carried_into = year
        evidence.record(claim, act="carry_over", by=by, facts={"year": year, "cap_year": claim.cap_year})
        funding.follow(batch, by=by)
        common.tell_provider(
            claim,
            "claim.carried_over",
            "兑付转入下年度",
            f"{yuan(claim.approved or ZERO)}未在上年度支付，结转至{year}年度优先兑付（办法第二十条）。",
        )
    return True


def require_carried_first(claim: Claim) -> None:
    """Nothing older waits that could be paid now. Raises CARRY_FIRST naming the first that does (第二十条, 8-23).

    Does not count what cannot be paid for a reason on the provider's side: its payment came back, or its account is
    not the approved one and its signatory has not confirmed the new one. Else one provider could stop all others.
    """
    today = clock.today()
    carried = selectors.carried_before(today).exclude(pk=claim.pk)
    if selectors.is_carried(claim, today):
        carried = selectors.in_front_of(claim, carried)
    for first in carried.iterator(chunk_size=50):
        if _account_stands(first, today):
            raise Refused(
                "CARRY_FIRST",
                f"上年度结转的兑付申请{first.number}（{yuan(first.approved or ZERO)}）尚未支付，须先于本笔支付（办法第二十条）。",
                claim=first.number,
                amount=f"{first.approved or ZERO:.2f}",
            )


def _account_stands(claim: Claim, today: date) -> bool:
    account = providers.settlement_account(claim.provider_id, today)
    return account is not None and str(account.pk) == claim.payee["id"]
