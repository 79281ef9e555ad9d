"""The provider's side of a claim: making it, submitting it, taking it back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accounts.models import User
from contracts import selectors as contract_rows
from contracts.models import Contract
from contracts.services import closing
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import unit_of_work
from foundation.models import next_number
from foundation.money import yuan
from foundation.states import move
from settlement import checklist, deadlines, gathering, policies, selectors
from settlement.models import Claim
from settlement.services import common
from settlement.states import CLAIM_EDITABLE


def create(*, by: User, contract_id: UUID) -> Claim:
    """A draft claim on a confirmed contract exists, filled from what the platform knows (8-47).

    Raises NOT_FOUND for a contract the caller may not see, NOT_ALLOWED, CONTRACT_NOT_CONFIRMED, or
    ALREADY_CLAIMED: a contract is settled once.
    """
    with unit_of_work():
        seen = contract_rows.visible_to(by).filter(pk=contract_id).first()
        if seen is None:
            raise not_found("合同")
        if not policies.may_claim(by, seen):
            raise not_allowed("申请兑付（须为该合同的服务商）")
        existing = Claim.objects.filter(contract_id=contract_id).first()
        if existing is None:
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
    and what to do about each, and nothing is submitted.
    """
    with unit_of_work():
        contract, claim = common.lock_case(claim_id, version)
        if not policies.may_sign(by, claim):
            raise not_allowed("提交兑付申请（须为服务商授权签署人）")
        common.require_state(claim, CLAIM_EDITABLE, "提交兑付申请")
        items = gathering.checklist_of(contract, due=claim.due)
        _require_complete(items)
        gathering.fill(claim, contract)
        claim.checklist = [item.as_dict() for item in items]
        move(claim, "submit", "提交兑付申请")(by, clock.now(), selectors.digest_of(claim))
        risks = [item.code for item in checklist.risks(items)]
        evidence.record(claim, act="submit", by=by, facts={**_facts(claim), "digest": claim.digest, "risks": risks})
        common.tell_provider(
            claim, "claim.submitted", "兑付申请已提交", f"申请金额{yuan(claim.requested)}，等待形式审核。"
        )
    return claim


def withdraw(*, by: User, claim_id: UUID, version: int, reason: str) -> Claim:
    """Not yet looked at, the claim is a draft again."""
    with unit_of_work():
        claim = common.lock_claim(claim_id, version)
        if not policies.may_withdraw(by, claim):
            raise not_allowed("撤回兑付申请")
        move(claim, "withdraw", "撤回兑付申请")()
        evidence.record(claim, act="withdraw", by=by, reason=reason)
    return claim


def extend(*, by: User, claim_id: UUID, version: int, until: date, reason: str) -> Claim:
    """The department gives more time to submit (8-16). Raises DEADLINE_NOT_LATER."""
    with unit_of_work():
        claim = common.lock_claim(claim_id, version)
        if not policies.may_extend(by):
            raise not_allowed("延长申报期限")
        common.require_state(claim, CLAIM_EDITABLE, "延长申报期限")
        if until <= claim.due or until < clock.today():
            raise Invalid("DEADLINE_NOT_LATER", f"新的期限须晚于{claim.due}且不早于今天。", due=str(claim.due))
        before, claim.due = claim.due, until
        evidence.record(claim, act="extend", by=by, reason=reason, facts={"from": str(before), "to": str(until)})
        common.tell_provider(claim, "claim.extended", "申报期限已延长", f"延至{until}。{reason}")
    return claim


def _draft(contract: Contract) -> Claim:
    if contract.confirmed_at is None or contract.quota_year is None:
        raise Refused("CONTRACT_NOT_CONFIRMED", f"合同{contract.number}没有确认时间或额度年度，不能兑付。")
    today = clock.today()
    claim = Claim(
        number=f"DF-{today.year}-{next_number(f'claim-{today.year}'):06d}",
        contract=contract,
        provider=contract.provider,
        notice=contract.notice,
        due=deadlines.claim_due(
            contract.notice.parsed,
            confirmed_on=clock.local_date(contract.confirmed_at),
            quota_year=contract.quota_year,
        ),
    )
    gathering.fill(claim, contract)
    return claim


def _require_complete(items: list[checklist.Item]) -> None:
    missing = checklist.missing(items)
    if missing:
        raise Refused(
            "CLAIM_INCOMPLETE",
            f"有{len(missing)}项未满足，不能提交：{'；'.join(item.label for item in missing)}。",
            missing=[item.as_dict() for item in missing],
        )


def _facts(claim: Claim) -> dict[str, str]:
    return {
        "contract": str(claim.contract_id),
        "notice": claim.notice.label,
        "requested": f"{claim.requested:.2f}",
        "due": str(claim.due),
    }
