"""The officers' side of a claim: formal check, review, the department's decision; each by another person."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from accounts.models import User
from contracts.models import Contract
from contracts.services import closing
from credit import services as credit
from engines.evidence import selectors as trail
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, wrong_state
from foundation.locking import unit_of_work
from foundation.money import yuan
from foundation.states import move
from programmes.deadlines import last_day
from settlement import gathering, policies, selectors
from settlement.models import Claim
from settlement.services import clocks, common, following
from settlement.states import Fault


def check(*, by: User, claim_id: UUID, version: int, note: str = "") -> Claim:
    """促进中心经办 finds the papers complete and in agreement."""
    with unit_of_work():
        claim = common.lock_claim(claim_id, version)
        require_stage(by, claim, policies.CHECK, "形式审核")
        move(claim, "check_form", "形式审核")(by, clock.now())
        clocks.start(claim)
        evidence.record(claim, act="check", by=by, reason=note, facts={"stage": policies.CHECK})
    return claim


def review(*, by: User, claim_id: UUID, version: int, note: str = "") -> Claim:
    """促进中心复核 agrees with the formal check."""
    with unit_of_work():
        claim = common.lock_claim(claim_id, version)
        require_stage(by, claim, policies.REVIEW, "复核")
        move(claim, "review", "复核")(by, clock.now())
        clocks.start(claim)
        evidence.record(claim, act="review", by=by, reason=note, facts={"stage": policies.REVIEW})
    return claim


def send_back(*, by: User, claim_id: UUID, version: int, items: list[dict[str, str]]) -> Claim:
    """Whoever's turn it is returns the claim with one list of all that must be put right.

    `items` is a list of {code, text} with the codes of DOMAIN 3.4. From now on the claim has its own date to be
    put right by, counted from today by the notice; whether it was filed in time was settled when it was first
    submitted (8-40). Raises RETURNS_USED_UP when it was returned as often as the notice allows: then it is
    decided as it stands; CALENDAR_MISSING for working days of a year nobody has imported.
    """
    with unit_of_work():
        contract, claim = common.lock_case(claim_id, version)
        stage = policies.STAGE_IN.get(claim.state)
        if stage is None:
            raise wrong_state("退回补正", claim.state, claim.get_state_display())
        require_stage(by, claim, stage, "退回补正")
        most = claim.notice.parsed.max_returns
        if claim.returns >= most:
            raise Refused("RETURNS_USED_UP", f"已退回补正{most}次，请按现有材料作出审核结论。", limit=most)
        limit = claim.notice.parsed.limit("correction")
        until = last_day(limit, clock.today())
        move(claim, "send_back", "退回补正")(items, until)
        clocks.start(claim)
        following.follow(contract, claim, by)
        facts = {"stage": stage, "round": claim.returns, "items": items, "until": str(until)}
        evidence.record(claim, act="return", by=by, facts=facts)
        listed = "；".join(f"{Fault(item['code']).label}：{item['text']}" for item in items)
        common.tell_provider(
            claim,
            "claim.returned",
            "兑付申请退回补正",
            f"第{claim.returns}次退回，请在{limit}内（截至{until}）补正：{listed}",
        )
    return claim


def pass_whole(*, by: User, claim_id: UUID, version: int, note: str = "") -> Claim:
    """The department approves of the whole amount requested."""
    with unit_of_work():
        contract, claim = common.lock_settleable(claim_id, version)
        require_stage(by, claim, policies.DECIDE, "实质审核")
        credit.refuse_restricted(claim.provider.uscc, "通过兑付审核")
        _require_held(contract, claim.requested)
        move(claim, "pass_whole", "审核通过")(by, clock.now())
        clocks.start(claim)
        evidence.record(claim, act="pass", by=by, reason=note, facts=decision(claim))
        common.tell_provider(claim, "claim.passed", "兑付申请审核通过", f"核定金额{_approved(claim)}，待列入兑付批次。")
    return claim


def reduce(*, by: User, claim_id: UUID, version: int, reduction: Decimal, code: str, reason: str) -> Claim:
    """核减: `reduction` in 元 comes off, with its code (DOMAIN 3.4) and reason; the approved amount follows by subtraction.

    What is taken off is free again on all three books. Raises REDUCTION_TOO_LARGE: to take off
    everything is a refusal and needs a code.
    """
    with unit_of_work():
        contract, claim = common.lock_settleable(claim_id, version)
        require_stage(by, claim, policies.DECIDE, "核减")
        credit.refuse_restricted(claim.provider.uscc, "通过兑付审核")
        if not 0 < reduction < claim.requested:
            raise Invalid(
                "REDUCTION_TOO_LARGE",
                f"核减金额须大于零且低于申请金额{yuan(claim.requested)}；全部不予支付请选择不予通过。",
                limit=f"{claim.requested:.2f}",
            )
        _require_held(contract, claim.requested - reduction)
        move(claim, "reduce", "核减")(by, clock.now(), reduction, code, reason)
        clocks.start(claim)
        closing.reduce_voucher(contract, amount=_amount(claim), by=by, reason=f"{claim.number} 核减：{reason}")
        facts = {**decision(claim), "reduction": f"{reduction:.2f}", "code": code}
        evidence.record(claim, act="reduce", by=by, reason=reason, facts=facts)
        common.tell_provider(
            claim,
            "claim.reduced",
            "兑付申请核减通过",
            f"核减{yuan(reduction)}，核定金额{_approved(claim)}。{Fault(code).label}：{reason}",
        )
    return claim


def require_stage(by: User, claim: Claim, stage: str, what: str) -> None:
    """The stage's role, no other stage of this case, and no second decision after one that was taken back."""
    again = stage == policies.STAGE_IN.get(claim.state) == policies.DECIDE and selectors.has_decided(claim, by)
    if again or not policies.may_take(by, stage, trail.stages_done([claim], by)):
        raise not_allowed(what, policies.ROLE_OF[stage])


def _require_held(contract: Contract, amount: Decimal) -> None:
    """What an earlier decision took off is free again and cannot be approved after all (8-13). Raises HOLD_SHORT."""
    held = gathering.held(contract)
    if amount > held:
        raise Refused(
            "HOLD_SHORT",
            f"合同{contract.number}仍锁定{yuan(held)}，不足{yuan(amount)}：此前核减的金额已释放，请在{yuan(held)}以内核定。",
            held=f"{held:.2f}",
            wanted=f"{amount:.2f}",
        )


def _amount(claim: Claim) -> Decimal:
    approved: Decimal | None = claim.approved
    if approved is None:
        raise ValueError("not decided")
    return approved


def _approved(claim: Claim) -> str:
    return yuan(_amount(claim))


def decision(claim: Claim) -> dict[str, str]:
    """What a decision puts on the chain."""
    return {"stage": policies.DECIDE, "approved": f"{_amount(claim):.2f}"}
