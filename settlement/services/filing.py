"""The provider's side of a claim: making it, submitting it, taking it back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from contracts import selectors as contract_rows
from contracts.models import Contract
from contracts.services import closing
from contracts.states import State as ContractState
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import unit_of_work
from foundation.models import next_number
from foundation.money import yuan
from foundation.states import move
from settlement import checklist, deadlines, gathering, policies, selectors
from settlement.models import Claim
from settlement.services import clocks, common, following
from settlement.states import CLAIM_EDITABLE, ClaimState


def create(*, by: User, contract_id: UUID) -> Claim:
    """A draft claim on a confirmed contract exists, filled from what the platform knows (8-47).

    Raises NOT_FOUND for a contract the caller may not see, NOT_ALLOWED, CLAIM_LAPSED for one that is overdue
    because nobody claimed in time, CONTRACT_NOT_CONFIRMED, or ALREADY_CLAIMED: a contract is settled once.
    """
    with unit_of_work():
        seen = contract_rows.visible_to(by).filter(pk=contract_id).first()
        if seen is None:
            raise not_found("合同")
        if not policies.may_claim(by, seen):
            raise not_allowed("申请兑付", Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
        existing = Claim.objects.filter(contract_id=contract_id).first()
        if existing is None:
            _require_not_lapsed(seen)
            contract = closing.lock_for_settlement(contract_id)
            existing = Claim.objects.filter(contract_id=contract_id).first()
        if existing is not None:
            raise Refused(
                "ALREADY_CLAIMED", f"该合同已有兑付申请{existing.number}，一份合同只兑付一次。", claim=existing.number
            )
        claim = _draft(contract)
        evidence.record(claim, act="create", by=by, facts=_facts(claim))
    return claim


def submit(*, by: User, claim_id: UUID, version: int) -> Claim:
    """The signatory signs the claim and it waits for the formal check.

    The reviewers' checklist is gone through first: CLAIM_INCOMPLETE carries everything that is missing
    and what to do about each, and nothing is submitted. Raises CLAIM_LAPSED when the contract has become overdue
    because its time to claim has passed.
    """
    with unit_of_work():
        contract, claim = common.lock_case(claim_id, version)
        if not policies.may_sign(by, claim):
            raise not_allowed("提交兑付申请", Role.PROVIDER_SIGNATORY)
        common.require_state(claim, CLAIM_EDITABLE, "提交兑付申请")
        _require_not_lapsed(contract, claim)
        items = gathering.checklist_of(contract, claim)
        _require_complete(items)
        claim.due = deadlines.later(claim.due, contract.claim_until)
        gathering.fill(claim, contract)
        claim.checklist = [item.as_dict() for item in items]
        move(claim, "submit", "提交兑付申请")(by, clock.now(), selectors.digest_of(claim))
        clocks.start(claim)
        risks = [item.code for item in checklist.risks(items)]
        following.follow(contract, claim, by)
        evidence.record(claim, act="submit", by=by, facts={**_facts(claim), "digest": claim.digest, "risks": risks})
        common.tell_provider(
            claim, "claim.submitted", "兑付申请已提交", f"申请金额{yuan(claim.requested)}，等待形式审核。"
        )
    return claim


def withdraw(*, by: User, claim_id: UUID, version: int, reason: str) -> Claim:
    """Not yet looked at, the claim is a draft again."""
    with unit_of_work():
        contract, claim = common.lock_case(claim_id, version)
        if not policies.may_withdraw(by, claim):
            raise not_allowed("撤回兑付申请", Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
        move(claim, "withdraw", "撤回兑付申请")()
        clocks.start(claim)
        following.follow(contract, claim, by)
        evidence.record(claim, act="withdraw", by=by, reason=reason)
    return claim


def refile(*, by: User, claim_id: UUID, version: int) -> Claim:
    """A claim refused because nothing was put right in time is filed anew: a draft, for the next round (8-40).

    Raises NOT_REFILABLE for a refusal of another kind or one that is final, REFILE_LATE after the last day.
    """
    with unit_of_work():
        contract, claim = common.lock_case(claim_id, version)
        if not policies.may_withdraw(by, claim):
            raise not_allowed("重新申报", Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
        common.require_state(claim, [ClaimState.REFUSED], "重新申报")
        if claim.refile_until is None or claim.final_at is not None:
            raise Refused("NOT_REFILABLE", "只有因逾期未补正不予通过、且仍在申报期限内的申请可以重新申报。")
        if clock.today() > claim.refile_until:
            raise Refused("REFILE_LATE", f"重新申报截止{claim.refile_until}。", until=str(claim.refile_until))
        move(claim, "refile", "重新申报")()
        clocks.start(claim)
        following.follow(contract, claim, by)
        evidence.record(claim, act="refile", by=by, facts={"due": str(claim.due)})
    return claim


def extend(*, by: User, claim_id: UUID, version: int, until: date, reason: str) -> Claim:
    """The department gives more time: to submit (8-16), or to put right what was returned (8-40).

    Raises DEADLINE_NOT_LATER, or CLAIM_LAPSED: an overdue contract is given time itself.
    """
    with unit_of_work():
        contract, claim = common.lock_case(claim_id, version)
        if not policies.may_extend(by):
            raise not_allowed("延长申报期限", Role.DEPARTMENT)
        common.require_state(claim, CLAIM_EDITABLE, "延长申报期限")
        _require_not_lapsed(contract, claim)
        before = gathering.last_day(contract, claim)
        if until <= before or until < clock.today():
            raise Invalid("DEADLINE_NOT_LATER", f"新的期限须晚于{before}且不早于今天。", due=str(before))
        what = "申报期限" if claim.correction_due is None else "补正期限"
        if claim.correction_due is None:
            claim.due = until
        else:
            claim.correction_due = until
        clocks.start(claim)
        following.follow(contract, claim, by)
        evidence.record(claim, act="extend", by=by, reason=reason, facts={"from": str(before), "to": str(until)})
        common.tell_provider(claim, "claim.extended", f"{what}已延长", f"延至{until}。{reason}")
    return claim


def _draft(contract: Contract) -> Claim:
    today = clock.today()
    claim = Claim(
        number=f"DF-{today.year}-{next_number(f'claim-{today.year}'):06d}",
        contract=contract,
        provider=contract.provider,
        notice=contract.notice,
        due=gathering.last_day(contract),
    )
    gathering.fill(claim, contract)
    clocks.start(claim)
    return claim


def _require_not_lapsed(contract: Contract, claim: Claim | None = None) -> None:
    if contract.state == ContractState.OVERDUE:
        last = gathering.last_day(contract, claim)
        raise Refused(
            "CLAIM_LAPSED",
            f"申报期限{last}已过，合同{contract.number}已逾期。请联系厅职能处室为合同办理延期，延期后再提交。",
            due=str(last),
        )


def _require_complete(items: list[checklist.Item]) -> None:
    missing = checklist.missing(items)
    if missing:
        listed = "".join(f"{n}. {item.label}（{item.found}）：{item.todo}" for n, item in enumerate(missing, 1))
        raise Refused(
            "CLAIM_INCOMPLETE",
            f"有{len(missing)}项未满足，不能提交：{listed}",
            missing=[item.as_dict() for item in missing],
        )


def _facts(claim: Claim) -> dict[str, str]:
    return {
        "contract": str(claim.contract_id),
        "notice": claim.notice.label,
        "requested": f"{claim.requested:.2f}",
        "due": str(claim.due),
    }
