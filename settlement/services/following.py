"""The contract is told where its claim stands: contracts cannot ask settlement, so settlement says it (next_step)."""

from __future__ import annotations

from contracts.models import Contract
from contracts.services import closing
from contracts.states import ClaimStage
from foundation.actors import Actor
from settlement.models import Claim
from settlement.states import STAGE_OF, ClaimState

PROVIDERS_TURN = frozenset(
    {ClaimStage.NONE, ClaimStage.RETURNED, ClaimStage.APPEALABLE, ClaimStage.REFILABLE, ClaimStage.BOUNCED}
)


def follow(contract: Contract, claim: Claim, by: Actor) -> None:
    """Both locked, the claim just moved and its step dated (`clocks.start`): the contract says the same."""
    stage = stage_of(claim)
    due = claim.step_due if stage in PROVIDERS_TURN else None
    closing.follow_claim(contract, stage=stage, due=due, by=by, reason=claim.number)


def stage_of(claim: Claim) -> ClaimStage:
    """What the contract should say of the claim."""
    if claim.state != ClaimState.REFUSED:
        return STAGE_OF[ClaimState(claim.state)]
    if claim.final_at is not None:
        return ClaimStage.REFUSED
    return ClaimStage.APPEALABLE if claim.appeal_until is not None else ClaimStage.REFILABLE
