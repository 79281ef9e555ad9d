"""One stage of many claims at once: only where the machine's checklist has nothing left to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from foundation.errors import DomainError, Refused, not_found
from settlement import gathering, policies
from settlement.models import Claim
from settlement.services import common, reviewing

MOST = 50  # claims of one go
_ACTS = {policies.CHECK: reviewing.check, policies.REVIEW: reviewing.review}


@dataclass(frozen=True)
class Outcome:
    """What became of one claim: `refused` is empty when the stage is done."""

    number: str
    refused: str = ""


def take_clean(*, by: User, stage: str, claims: Sequence[tuple[UUID, int]], note: str = "") -> list[Outcome]:
    """The stage (check or review) is done for each claim of `claims` (key, version) that has no open check today.

    Each by itself: what is refused stays as it was, and the others are done. Raises TOO_MANY above MOST, and
    STAGE_NOT_BULK for the decision, which somebody takes claim by claim.
    """
    if stage not in _ACTS:
        raise Refused("STAGE_NOT_BULK", "实质审核须逐笔作出结论，不能批量办理。", stage=stage)
    if len(claims) > MOST:
        raise Refused("TOO_MANY", f"一次至多办理{MOST}笔，现选{len(claims)}笔。", limit=MOST)
    return [_take(by, stage, pk, version, note) for pk, version in claims]


def _take(by: User, stage: str, pk: UUID, version: int, note: str) -> Outcome:
    claim = common.CLAIMS.select_related("contract").filter(pk=pk).first()
    if claim is None:
        raise not_found("兑付申请")
    try:
        require_clean(claim)
        _ACTS[stage](by=by, claim_id=pk, version=version, note=note)
    except DomainError as error:
        return Outcome(claim.number, error.message)
    return Outcome(claim.number)


def require_clean(claim: Claim) -> None:
    """Every item of the checklist is met today. Raises CHECKS_OPEN naming those that are not."""
    unmet = [item.label for item in gathering.checklist_of(claim.contract, claim) if not item.ok]
    if unmet:
        raise Refused(
            "CHECKS_OPEN", f"有{len(unmet)}项核对未通过，请逐笔审核：{'；'.join(unmet)}。", claim=claim.number
        )
