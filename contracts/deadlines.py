"""Until when a voucher may be claimed, and in which rounds it is paid: what a party may expect. No ORM, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.states import ClaimStage
from programmes.deadlines import last_day
from programmes.rules import Rules


@dataclass(frozen=True)
class Expectation:
    """`claim_by` is the last day to claim; `final` whether that day is settled or still the latest possible."""

    claim_by: date
    final: bool
    rounds: int
    sentence: str


def claim_by(rules: Rules, *, confirmed_on: date | None, quota_year: int, extended_to: date | None = None) -> date:
    """The last day to claim (8-16): the notice's limit after confirmation, never past the quota year's claim end.

    Before confirmation the claim end itself: no claim is later. Raises CALENDAR_MISSING for a limit in working days
    of a year nobody has imported.
    """
    end = rules.year_end.claim_end(quota_year)
    due = end if confirmed_on is None else min(last_day(rules.limit("claim"), confirmed_on), end)
    return max(due, extended_to or due)


def expectation(
    rules: Rules,
    *,
    confirmed_on: date | None,
    quota_year: int,
    extended_to: date | None = None,
    stage: ClaimStage = ClaimStage.NONE,
    stage_due: date | None = None,
) -> Expectation:
    """When the provider may expect the state's part, in a sentence shown from the draft on (DOMAIN 3.3).

    `stage` is where its claim stands, `stage_due` the last day of what the provider has to do about it.
    """
    last = claim_by(rules, confirmed_on=confirmed_on, quota_year=quota_year, extended_to=extended_to)
    if stage_due is not None:
        stage_due = max(stage_due, extended_to or stage_due)
        last = stage_due if stage in (ClaimStage.NONE, ClaimStage.REFILABLE) else last
    rounds = rules.batch_rounds
    if stage != ClaimStage.NONE:
        when = _at(stage, stage_due)
    elif confirmed_on is None:
        when = f"服务商须在服务确认后{rules.limit('claim')}内申请兑付，且不晚于{last}"
    else:
        when = f"服务商须在{last}前（含当日）申请兑付"
    sentence = (
        f"{when}；每年集中兑付{'1—' if rounds > 1 else ''}{rounds}次，审定并公示后列入申请之后最近的一次，"
        "具体以兑付通知为准；当年预算不足的部分列入下一年度优先兑付（办法第二十条）。"
    )
    return Expectation(claim_by=last, final=confirmed_on is not None, rounds=rounds, sentence=sentence)


def _at(stage: ClaimStage, due: date | None) -> str:
    """What is to be done next about a claim that was filed."""
    until = f"在{due}前（含当日）" if due else "尽快"
    match stage:
        case ClaimStage.RETURNED:
            return f"兑付申请已退回，服务商须{until}补正"
        case ClaimStage.APPEALABLE:
            return f"兑付申请不予通过，服务商可{until}申诉，期满不予兑付；申诉成立的，重新审核"
        case ClaimStage.REFILABLE:
            return f"兑付申请逾期未补正，服务商可{until}重新申报，期满不予兑付"
        case ClaimStage.BOUNCED:
            return f"支付被退回，服务商须{until}更正收款账户并由签署人确认，再行支付"
    return "兑付申请已提交，由管理部门审核支付，服务商无需办理"
