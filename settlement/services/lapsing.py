"""A confirmed contract that nobody has claimed in time is overdue (6.5, 8-16)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from contracts.models import Contract
from contracts.services import closing
from contracts.services import common as contracts
from contracts.states import State
from foundation import clock
from foundation.actors import Actor
from foundation.locking import unit_of_work
from settlement import gathering
from settlement.models import Claim
from settlement.states import ClaimState


def unclaimed_before(day: date) -> list[UUID]:
    """Confirmed contracts whose last day to claim was before `day` and that have no claim under way."""
    rows = _idle().filter(confirmed_at__lt=clock.start_of(day)).select_related("notice", "claim").defer("notice__rules")
    return [row.pk for row in rows.order_by("pk") if gathering.last_day(row, getattr(row, "claim", None)) < day]


def lapse(contract_id: UUID, day: date, *, by: Actor) -> bool:
    """The contract waits for the department, and both parties know. False when it is no longer due.

    Looked at again under the contract's lock, which every submission takes first.
    """
    with unit_of_work():
        contract = contracts.lock_contract(contract_id)
        if not _idle().filter(pk=contract_id).exists():
            return False
        claim = Claim.objects.filter(contract=contract).first()
        last = gathering.last_day(contract, claim)
        if last >= day:
            return False
        closing.lapse(contract_id=contract_id, by=by, reason=f"申报期限{last}已过，没有在期限内提交的兑付申请。")
    return True


def _idle() -> QuerySet[Contract]:
    """Not asked for yet. A claim that was refused is an answer: its contract has nothing left to lapse."""
    return Contract.objects.filter(Q(claim=None) | Q(claim__state=ClaimState.DRAFT), state=State.CONFIRMED)
