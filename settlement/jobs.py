"""What beat does in settlement. Each job is idempotent and takes one contract per transaction."""

from __future__ import annotations

from datetime import date
from typing import Any

from foundation.actors import SystemActor
from foundation.jobs import job
from settlement.services import lapsing, settling


@job("lapse_unclaimed", "逾期未申报检查")
def lapse_unclaimed(day: date) -> dict[str, Any]:
    """Confirmed contracts whose last day to claim was before `day`, with no claim under way, are overdue (8-16)."""
    by = SystemActor("lapse_unclaimed")
    return {"lapsed": sum(lapsing.lapse(pk, day, by=by) for pk in lapsing.unclaimed_before(day))}


@job("settle_resumed", "恢复合同办结检查")
def settle_resumed(day: date) -> dict[str, Any]:
    """Contracts paid while they were disputed or frozen, and confirmed again since, are settled."""
    by = SystemActor("settle_resumed")
    return {"settled": sum(settling.settle_resumed(pk, by=by) for pk in settling.paid_but_not_settled())}
