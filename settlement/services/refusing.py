"""Refusals: by decision, because the contract ended, because nothing was put right in time; and when they become final.

Until a refusal is final the money stays set aside, so that an appeal or a new filing still finds it.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from contracts.models import Contract
from contracts.services import closing
from engines.evidence import selectors as trail
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor
from foundation.errors import not_allowed
from foundation.locking import unit_of_work
from foundation.names import sentence
from foundation.states import move
from programmes.deadlines import last_day
from settlement import deadlines, policies
from settlement.models import Claim
from settlement.services import clocks, common, following
from settlement.services.reviewing import decision, require_stage
from settlement.states import ENDED, ClaimState, Fault

UNCORRECTED = Fault.F23
UNCORRECTED_TEXT = "逾期未补正"


def refuse(*, by: User, claim_id: UUID, version: int, code: str, text: str) -> Claim:
    """不予通过. The provider may appeal within the notice's limit; nothing is let go before that is over.

    A claim that was appealed once is refused for good. When the contract was terminated or voided its money is
    settled already: the claim is then refused for good at whatever stage it is, and the contract stays as it is.
    Raises CONTRACT_NOT_CONFIRMED while it is disputed or frozen, CALENDAR_MISSING when the appeal's last day
    falls in a year nobody has imported.
    """
    with unit_of_work():
        contract, claim = common.lock_case(claim_id, version)
        if contract.state in ENDED:
            return _refuse_ended(contract, claim, by, code, text)
        require_stage(by, claim, policies.DECIDE, "不予通过")
        common.require_confirmed([contract], "请待争议或冻结办结后再作结论。")
        move(claim, "refuse", "不予通过")(by, clock.now(), code, text)
        facts = {**decision(claim), "code": code}
        if common.appeal_of(claim) is not None:
            claim.final_at = clock.now()
            let_go(contract, claim, by)
        else:
            limit = claim.notice.parsed.limit("appeal")
            claim.appeal_until = last_day(limit, clock.today())
            facts["appeal_until"] = str(claim.appeal_until)
            words = f"{Fault(code).label}：{sentence(text)}如有异议，可在{limit}内（截至{claim.appeal_until}）由签署人提出申诉。"
            common.tell_provider(claim, "claim.refused", "兑付申请未通过", words)
        clocks.start(claim)
        following.follow(contract, claim, by)
        evidence.record(claim, act="refuse", by=by, reason=text, facts=facts)
    return claim


def uncorrected_before(day: date) -> list[UUID]:
    """Returned claims whose correction was due before `day`."""
    rows = Claim.objects.filter(state=ClaimState.RETURNED, correction_due__lt=day)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def time_out(claim_id: UUID, day: date, *, by: Actor) -> bool:
    """Nothing was put right in time: refused, with the right to file again (8-40). False when it is no longer due.

    Where the time to file has passed too, the refusal is final at once; likewise when the contract has ended.
    """
    with unit_of_work():
        contract, claim = common.lock_case(claim_id)
        due = deadlines.later(claim.correction_due or day, contract.claim_until)
        if claim.state != ClaimState.RETURNED or due >= day:
            return False
        year = contract.quota_year or day.year
        until = deadlines.refile_until(claim.notice.parsed, quota_year=year, extended_to=contract.claim_until)
        text = f"{UNCORRECTED_TEXT}（补正截止{due}）"
        move(claim, "time_out", "逾期未补正")(UNCORRECTED, text, until)
        if until < day or contract.state in ENDED:
            claim.final_at = clock.now()
            let_go(contract, claim, by)
        clocks.start(claim)
        following.follow(contract, claim, by)
        evidence.record(claim, act="time_out", by=by, reason=text, facts={"due": str(due), "refile_until": str(until)})
        told = f"{text}。" if claim.final_at else f"{text}。可在{until}前重新申报。"
        common.tell_provider(claim, "claim.timed_out", "兑付申请逾期未补正", told)
    return True


def to_finish_before(day: date) -> list[UUID]:
    """Refusals that nobody may change any more: their dates were before `day`."""
    open_ = Q(appeal_until__gte=day) | Q(refile_until__gte=day)
    rows = Claim.objects.filter(state=ClaimState.REFUSED, final_at=None).exclude(open_)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def finish(claim_id: UUID, day: date, *, by: Actor) -> bool:
    """The time to appeal or to file again is over: the refusal is final. False when it is no longer due."""
    with unit_of_work():
        contract, claim = common.lock_case(claim_id)
        until = max((one for one in (claim.appeal_until, claim.refile_until) if one is not None), default=day)
        if claim.state != ClaimState.REFUSED or claim.final_at is not None or until >= day:
            return False
        claim.final_at, claim.step_due = clock.now(), None
        let_go(contract, claim, by)
        following.follow(contract, claim, by)
        evidence.record(claim, act="finish_refusal", by=by, facts={"until": str(until)})
    return True


def let_go(contract: Contract, claim: Claim, by: Actor) -> None:
    """The locked contract gives back what was set aside for the refused claim; both parties are told."""
    reason = f"兑付申请{claim.number}不予通过，{Fault(claim.refusal_code).label}：{sentence(claim.refusal_text)}"
    closing.refuse_voucher(contract, by=by, reason=reason)  # tells both parties


def _refuse_ended(contract: Contract, claim: Claim, by: User, code: str, text: str) -> Claim:
    if not policies.may_take(by, policies.DECIDE, trail.stages_done([claim], by)):
        raise not_allowed("不予通过", policies.ROLE_OF[policies.DECIDE])
    move(claim, "refuse_ended", "不予通过")(by, clock.now(), code, text)
    clocks.start(claim)
    following.follow(contract, claim, by)
    facts = {**decision(claim), "code": code, "contract_state": contract.state}
    evidence.record(claim, act="refuse", by=by, reason=text, facts=facts)
    body = f"合同{contract.get_state_display()}，不予通过，{Fault(code).label}：{text}"
    common.tell_provider(claim, "claim.refused", "兑付申请未通过", body)
    return claim
