"""What beat does in settlement. Each job is idempotent and takes one contract, claim or batch per transaction."""

from __future__ import annotations

from datetime import date
from typing import Any

from foundation.actors import SystemActor
from foundation.jobs import job
from settlement.services import batches, carrying, clocks, lapsing, refusing, settling


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


@job("time_out_corrections", "逾期未补正检查")
def time_out_corrections(day: date) -> dict[str, Any]:
    """Returned claims whose correction was due before `day` are refused and may be filed again (8-40)."""
    by = SystemActor("time_out_corrections")
    return {"refused": sum(refusing.time_out(pk, day, by=by) for pk in refusing.uncorrected_before(day))}


@job("finish_refusals", "不予通过生效检查")
def finish_refusals(day: date) -> dict[str, Any]:
    """Refusals whose time to appeal or to file again was over before `day` are final: the money is free."""
    by = SystemActor("finish_refusals")
    return {"final": sum(refusing.finish(pk, day, by=by) for pk in refusing.to_finish_before(day))}


@job("warn_overdue_claims", "兑付办理时限检查")
def warn_overdue_claims(day: date) -> dict[str, Any]:
    """The office hears once of each claim and step whose time was over before `day`; dates that were not known are
    set; a provider that has not put its account right in time is reminded once."""
    by = SystemActor("warn_overdue_claims")
    dated = sum(clocks.fill_in(pk, by=by) for pk in clocks.undated())
    warned = sum(clocks.warn(pk, day, by=by) for pk in clocks.overdue_before(day))
    unfixed = sum(clocks.remind_of_fix(claim) for claim in clocks.unfixed_before(day))
    return {"dated": dated, "warned": warned, "unfixed": unfixed}


@job("close_intakes", "兑付受理截止")
def close_intakes(day: date) -> dict[str, Any]:
    """Rounds whose last day to submit was before `day` take no more in."""
    by = SystemActor("close_intakes")
    return {"closed": sum(batches.end_intake(pk, day, by=by) for pk in batches.intakes_before(day))}


@job("carry_over_claims", "未支付兑付结转")
def carry_over_claims(day: date) -> dict[str, Any]:
    """What was cleared before `day`'s year and not paid is owed by it and first in line (第二十条).

    After `close_year` has moved the money; what it has not moved yet is taken the next time.
    """
    by = SystemActor("carry_over_claims")
    return {"carried": sum(carrying.carry_over(pk, day.year, by=by) for pk in carrying.unpaid_before(day.year))}
