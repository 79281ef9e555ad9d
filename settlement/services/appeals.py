"""An appeal against a refusal: filed by the provider's signatory, answered by somebody who had no hand in the case."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accounts import selectors as accounts
from accounts.models import User
from accounts.states import OrganisationKind, Role
from contracts.models import Contract
from engines.evidence import selectors as trail
from engines.evidence import services as evidence
from engines.files import services as files
from engines.files.models import StoredFile
from engines.notifications import services as notifications
from foundation import clock
from foundation.errors import Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.names import sentence
from foundation.states import move
from settlement import policies
from settlement.models import Appeal, Claim
from settlement.services import clocks, common, following, refusing
from settlement.states import ENDED, ClaimState

APPEALS = Appeal.objects.select_related("claim")


def file(*, by: User, claim_id: UUID, version: int, grounds: str, file_ids: Sequence[UUID] = ()) -> Appeal:
    """The refusal is contested: the claim is under appeal, and its money stays set aside until the answer.

    Raises ALREADY_APPEALED (once per claim), REFUSAL_FINAL, APPEAL_LATE after the last day, NOT_FOUND for files
    that are not the provider's own.
    """
    with unit_of_work():
        contract, claim = common.lock_case(claim_id, version)
        if not policies.may_sign(by, claim):
            raise not_allowed("提出申诉", Role.PROVIDER_SIGNATORY)
        common.require_state(claim, [ClaimState.REFUSED], "提出申诉")
        _require_appealable(claim)
        found = list(StoredFile.objects.filter(pk__in=file_ids, organisation_id=by.organisation_id).order_by("pk"))
        if len(found) != len(set(file_ids)):
            raise not_found("文件")
        move(claim, "appeal_against", "提出申诉")()
        clocks.start(claim)
        following.follow(contract, claim, by)
        appeal = Appeal(
            claim=claim,
            grounds=grounds,
            files=[{"id": str(one.pk), "name": one.name, "sm3": one.sm3} for one in found],
            filed_by=by,
            against=claim.decided_by,
            refusal_code=claim.refusal_code,
            refusal_text=claim.refusal_text,
            due=claim.step_due,
        )
        facts = {"files": [one.sm3 for one in found], "due": str(claim.step_due or "")}
        evidence.record(claim, act="appeal", by=by, reason=grounds, facts=facts)
        evidence.record(appeal, act="file", by=by, reason=grounds, facts={**facts, "claim": claim.number})
        files.share(files=found, organisation_ids=_department())
        notifications.tell(
            organisation_ids=_department(),
            topic="claim.appeal",
            title="收到兑付申诉",
            body=f"兑付申请{claim.number}（{claim.provider.name}）对不予通过提出申诉：{grounds}",
            subject=appeal,
        )
    return appeal


def uphold(*, by: User, appeal_id: UUID, version: int, decision: str) -> Appeal:
    """The refusal was wrong: the claim waits, as reviewed, for a new decision by another person.

    Raises NOT_ALLOWED for anyone who had a stage of the case, and CONTRACT_ENDED when there is nothing left to pay.
    """
    with unit_of_work():
        contract, claim, appeal = _lock(appeal_id, version)
        _require_answerer(by, claim)
        if contract.state in ENDED:
            raise Refused(
                "CONTRACT_ENDED",
                f"合同{contract.number}{contract.get_state_display()}，已没有可以兑付的资金，请维持原结论并说明。",
                state=contract.state,
            )
        move(appeal, "uphold", "答复申诉")(by, clock.now(), decision)
        evidence.record(appeal, act="uphold", by=by, reason=decision, facts={"stage": policies.APPEAL})
        move(claim, "reopen", "答复申诉")()
        clocks.start(claim)
        following.follow(contract, claim, by)
        evidence.record(claim, act="appeal_upheld", by=by, reason=decision, facts={"stage": policies.APPEAL})
        body = f"{sentence(decision)}将由其他人员重新作出审核结论。"
        common.tell_provider(claim, "claim.appeal_upheld", "申诉成立", body)
    return appeal


def dismiss(*, by: User, appeal_id: UUID, version: int, decision: str) -> Appeal:
    """The refusal stands, for good: what was set aside is let go."""
    with unit_of_work():
        contract, claim, appeal = _lock(appeal_id, version)
        _require_answerer(by, claim)
        move(appeal, "dismiss", "答复申诉")(by, clock.now(), decision)
        evidence.record(appeal, act="dismiss", by=by, reason=decision, facts={"stage": policies.APPEAL})
        move(claim, "stay_refused", "答复申诉")(clock.now())
        refusing.let_go(contract, claim, by)
        clocks.start(claim)
        following.follow(contract, claim, by)
        evidence.record(claim, act="appeal_dismissed", by=by, reason=decision, facts={"stage": policies.APPEAL})
        common.tell_provider(claim, "claim.appeal_dismissed", "申诉维持原结论", decision)
    return appeal


def _lock(appeal_id: UUID, version: int) -> tuple[Contract, Claim, Appeal]:
    """Contract, claim, appeal: the order of locks."""
    claim_id = Appeal.objects.filter(pk=appeal_id).values_list("claim_id", flat=True).first()
    if claim_id is None:
        raise not_found("申诉")
    contract, claim = common.lock_case(claim_id)
    return contract, claim, lock(APPEALS, appeal_id, version=version)


def _require_answerer(by: User, claim: Claim) -> None:
    if not policies.may_answer_appeal(by, trail.stages_done([claim], by)):
        raise not_allowed("答复申诉（参与过该申请审核的人不得答复）", Role.DEPARTMENT, Role.APPROVER)


def _require_appealable(claim: Claim) -> None:
    if common.appeal_of(claim) is not None:
        raise Refused("ALREADY_APPEALED", f"兑付申请{claim.number}已申诉过一次，答复后不再受理。")
    if claim.final_at is not None:
        raise Refused("REFUSAL_FINAL", f"兑付申请{claim.number}不予通过已生效，不再受理申诉。")
    if claim.appeal_until is None:
        raise Refused(
            "NOT_APPEALABLE",
            f"兑付申请{claim.number}因逾期未补正不予通过，请在{claim.refile_until}前重新申报，无需申诉。",
            refile_until=str(claim.refile_until),
        )
    if clock.today() > claim.appeal_until:
        raise Refused(
            "APPEAL_LATE", f"申诉截止{claim.appeal_until}，今天是{clock.today()}。", until=str(claim.appeal_until)
        )


def _department() -> list[UUID]:
    return accounts.organisation_ids([OrganisationKind.DEPARTMENT])
