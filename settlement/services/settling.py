"""What a payment does to the contract: settled at once, or when what interrupted it is over."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from contracts.models import Contract
from contracts.services import closing
from contracts.services import common as contracts
from contracts.states import ClaimStage, State
from foundation.actors import Actor
from foundation.locking import unit_of_work
from foundation.money import ZERO, yuan
from settlement.models import Claim
from settlement.states import ClaimState


def settle(contract: Contract, *, amount: Decimal, by: Actor, reason: str) -> None:
    """The provider has the money: the budget has paid, and the locked contract is settled if it is confirmed.

    A contract that is disputed or frozen keeps its state; both parties are told that the money is out.
    """
    closing.pay(contract, by=by, reason=reason)
    if contract.state == State.CONFIRMED:
        closing.settle(contract, amount=amount, by=by, reason=reason)
        return
    closing.follow_claim(contract, stage=ClaimStage.PAID, due=None, by=by, reason=reason)
    contracts.tell_parties(
        contract,
        "contract.paid",
        "补贴资金已支付",
        f"已向服务商支付{yuan(amount)}。合同当前为“{contract.get_state_display()}”，恢复后办结。",
    )


def paid_but_not_settled() -> list[UUID]:
    """Confirmed contracts whose claim was paid while they were interrupted."""
    rows = Contract.objects.filter(state=State.CONFIRMED, claim__state=ClaimState.PAID)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def settle_resumed(contract_id: UUID, *, by: Actor) -> bool:
    """A contract paid while it was disputed or frozen, and confirmed again, is settled. False when it is not due.

    Its budget line was consumed when the payment was recorded: only the contract is left to follow.
    """
    with unit_of_work():
        contract = contracts.lock_contract(contract_id)
        claim = Claim.objects.filter(contract=contract, state=ClaimState.PAID).first()
        if contract.state != State.CONFIRMED or claim is None:
            return False
        closing.settle(
            contract,
            amount=claim.paid or ZERO,
            by=by,
            reason="恢复后办结",
            paid_on=str(claim.paid_on),
            claim=claim.number,
        )
    return True
