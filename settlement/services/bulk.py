"""A stage of a claim without a second look: only where the machine's checklist has nothing left to look at."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from foundation.errors import Refused, not_found
from foundation.locking import unit_of_work
from settlement import gathering
from settlement.models import Claim
from settlement.services import common, reviewing


def check_clean(*, by: User, claim_id: UUID, version: int) -> Claim:
    """The formal check is done; raises CHECKS_OPEN naming what the checklist finds today."""
    with unit_of_work():
        _require_clean(claim_id)
        return reviewing.check(by=by, claim_id=claim_id, version=version)


def review_clean(*, by: User, claim_id: UUID, version: int) -> Claim:
    """The review is done; raises as check_clean."""
    with unit_of_work():
        _require_clean(claim_id)
        return reviewing.review(by=by, claim_id=claim_id, version=version)


def _require_clean(claim_id: UUID) -> None:
    claim = common.CLAIMS.select_related("contract").filter(pk=claim_id).first()
    if claim is None:
        raise not_found("兑付申请")
    unmet = [item.label for item in gathering.checklist_of(claim.contract, claim) if not item.ok]
    if unmet:
        raise Refused(
            "CHECKS_OPEN", f"有{len(unmet)}项核对未通过，请单独审核：{'；'.join(unmet)}。", claim=claim.number
        )
