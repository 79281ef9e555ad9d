"""What a contract tells the demand it answers (第十八条第（四）项). The contract is locked first, its demand after it."""

from __future__ import annotations

from contracts.models import Contract
from demands.services import contracting
from foundation.actors import Actor


def matched(contract: Contract, *, by: Actor) -> None:
    """Both have signed: the demand it stands on, if any, is matched."""
    if contract.demand_id is not None:
        contracting.matched(by=by, demand_id=contract.demand_id, contract_id=contract.pk)


def ended(contract: Contract, *, by: Actor, reason: str) -> None:
    """It is over. Had it not taken effect, its demand is free for others; else the demand was answered, badly."""
    if contract.demand_id is not None and contract.effective_at is None:
        contracting.released(
            by=by, demand_id=contract.demand_id, contract_id=contract.pk, why=f"合同{contract.number}未生效。{reason}"
        )
