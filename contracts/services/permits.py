"""关联交易核准 from its proposal to its end, and what signing asks of it (8-35)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import selectors as accounts
from accounts.models import User
from accounts.states import Role
from contracts import policies
from contracts.models import Contract, RelatedPermit
from contracts.states import PERMIT_STANDING, PermitState, State
from engines.evidence import selectors as trail
from engines.evidence import services as evidence
from engines.files.models import StoredFile
from engines.notifications import services as notifications
from enterprises.models import Enterprise
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, lock_all, unit_of_work
from foundation.states import move
from programmes import selectors as programmes
from providers.models import Provider

ROWS = RelatedPermit.objects.select_related("enterprise__organisation", "provider__organisation")
UNSIGNED = frozenset({State.DRAFT, State.READY, State.SIGNING})


def propose(
    *, by: User, enterprise_id: UUID, provider_id: UUID, reason: str, reference: str = "", file_id: UUID | None = None
) -> RelatedPermit:
    """The permit for the pair and the year of the notice in force today waits for 厅审定.

    `reason` says why the price is fair, or why no other provider will do; it rests on a document: its number, a
    file, or both. Raises NOT_ALLOWED (also for who has decided on the pair this year), NOT_FOUND, SAME_PARTY,
    PERMIT_BASIS_MISSING, NOTICE_NOT_PUBLISHED, PERMIT_EXISTS.
    """
    if not policies.may_propose_permit(by, frozenset()):
        raise _may_not_propose()
    with unit_of_work():
        enterprise = Enterprise.objects.select_related("organisation").filter(pk=enterprise_id).first()
        provider = Provider.objects.select_related("organisation").filter(pk=provider_id).first()
        if enterprise is None or provider is None:
            raise not_found("企业或服务商")
        if enterprise.uscc == provider.uscc:
            raise Refused("SAME_PARTY", "企业不得购买本单位提供的服务，不能核准。", uscc=enterprise.uscc)
        if not reference and file_id is None:
            raise Invalid("PERMIT_BASIS_MISSING", "请填写依据文号（reference）或上传依据文件（file），至少一项。")
        file = _file(by, file_id)
        notice = programmes.current_notice(clock.today())
        permit = RelatedPermit(
            enterprise=enterprise,
            provider=provider,
            notice=notice,
            year=notice.year,
            reason=reason,
            reference=reference,
            file=file,
            proposed_by=by,
        )
        earlier = lock_all(_rounds(permit))
        if not policies.may_propose_permit(by, trail.stages_done(earlier, by)):
            raise _may_not_propose()
        if any(one.state in PERMIT_STANDING for one in earlier):
            raise _exists(permit)
        facts = {
            "stage": policies.PROPOSE,
            "enterprise": enterprise.uscc,
            "provider": provider.uscc,
            "year": permit.year,
            "reference": reference,
            "file_sm3": file.sm3 if file else "",
        }
        try:
            with transaction.atomic():
                evidence.record(permit, act="propose", by=by, reason=reason, facts=facts)
        except IntegrityError as error:  # two at once: the database's word counts
            if "permit_once" not in str(error):
                raise
            raise _exists(permit) from error
        _tell(
            permit,
            "permit.proposed",
            "关联交易核准已提请审定",
            f"厅职能处室已就{permit.year}年度提请审定，核准前不能起草存在关联关系的合同。",
        )
    return permit


def grant(*, by: User, permit_id: UUID, version: int, decision_no: str, opinion: str = "") -> RelatedPermit:
    """For the rest of its year the two may draw up and sign contracts that say they are related.

    Raises NOT_ALLOWED for who has proposed it in whatever round, WRONG_STATE, PERMIT_YEAR_OVER.
    """
    with unit_of_work():
        permit = _locked(by, permit_id, version, "核准关联交易（须为厅审定，提出人不得审定）")
        today = clock.today()
        if permit.year != today.year:
            raise Refused(
                "PERMIT_YEAR_OVER",
                f"该核准针对{permit.year}年度，今天是{today}，核准已无意义；请不予核准，由厅职能处室就本年度重新提出。",
                year=permit.year,
                today=str(today),
            )
        move(permit, "grant", "核准关联交易")(by, clock.now(), decision_no, opinion)
        evidence.record(permit, act="grant", by=by, reason=opinion, facts=_decided(decision_no))
        _tell(
            permit,
            "permit.granted",
            "关联交易已核准",
            f"依据{decision_no}，{permit.year}年度内可起草和签署服务券合同，合同须如实填写存在关联关系。",
        )
    return permit


def decline(*, by: User, permit_id: UUID, version: int, decision_no: str, opinion: str) -> RelatedPermit:
    """The two may not contract. It may be proposed again. Raises NOT_ALLOWED, WRONG_STATE."""
    with unit_of_work():
        permit = _locked(by, permit_id, version, "不予核准关联交易（须为厅审定，提出人不得审定）")
        move(permit, "decline", "不予核准关联交易")(by, clock.now(), decision_no, opinion)
        evidence.record(permit, act="decline", by=by, reason=opinion, facts=_decided(decision_no))
        _tell(permit, "permit.declined", "关联交易未获核准", f"依据{decision_no}，不得使用服务券。理由：{opinion}")
    return permit


def revoke(*, by: User, permit_id: UUID, version: int, revocation_no: str, reason: str) -> RelatedPermit:
    """Nothing more is signed on it from now on; what both have signed stands.

    A contract just being signed holds the permit's lock: it is signed before this, or refused after it.
    Raises NOT_ALLOWED, WRONG_STATE.
    """
    with unit_of_work():
        permit = _locked(by, permit_id, version, "撤销关联交易核准（须为厅审定，提出人不得撤销）")
        move(permit, "revoke", "撤销关联交易核准")(by, clock.now(), revocation_no, reason)
        rows = Contract.objects.filter(enterprise=permit.enterprise_id, permit=permit, state__in=sorted(UNSIGNED))
        unsigned = list(rows.order_by("number").values_list("number", flat=True))
        facts = {"stage": policies.DECIDE, "revocation_no": revocation_no, "unsigned": unsigned}
        evidence.record(permit, act="revoke", by=by, reason=reason, facts=facts)
        left = f"尚未签署的合同{'、'.join(unsigned)}不能再签署，" if unsigned else "不能再起草和签署新合同，"
        _tell(
            permit,
            "permit.revoked",
            "关联交易核准已撤销",
            f"依据{revocation_no}撤销{permit.decision_no}，{left}已签署的合同不受影响。理由：{reason}",
        )
    return permit


def require_in_force(contract: Contract, day: date) -> RelatedPermit:
    """The locked contract's permit is in force on `day` and stays so until this transaction ends.

    The permit is locked after its contract, so that it cannot be revoked while the contract is signed.
    Raises PERMIT_NOT_IN_FORCE with its document, who ended it, and what to do.
    """
    if contract.permit_id is None:
        raise not_found("关联交易核准")
    permit = lock(RelatedPermit.objects.all(), contract.permit_id)
    if permit.in_force_on(day):
        return permit
    ended = f"已由{permit.revocation_no}撤销" if permit.state == PermitState.REVOKED else f"仅{permit.year}年度有效"
    todo = "请撤回草稿" if contract.hold is None else "请拒签，所锁定的服务券随即释放"
    raise Refused(
        "PERMIT_NOT_IN_FORCE",
        f"合同{contract.number}所依据的关联交易核准{permit.decision_no}{ended}，不能签署。{todo}；"
        "经厅职能处室重新核准的，可修改草稿或另行起草后由双方重新同意。",
        permit=str(permit.pk),
        decision_no=permit.decision_no,
        state=permit.state,
        year=permit.year,
    )


def _rounds(permit: RelatedPermit) -> Any:
    """All that was ever proposed for the pair and year: one case in several rounds."""
    return ROWS.filter(enterprise=permit.enterprise_id, provider=permit.provider_id, year=permit.year)


def _locked(by: User, permit_id: UUID, version: int, what: str) -> RelatedPermit:
    """The permit, locked for somebody who may decide on it."""
    permit = lock(ROWS, permit_id, version=version)
    rounds: Sequence[RelatedPermit] = list(_rounds(permit))
    if not policies.may_decide_permit(by, trail.stages_done(rounds, by)):
        raise not_allowed(what, Role.APPROVER)
    return permit


def _decided(decision_no: str) -> dict[str, str]:
    return {"stage": policies.DECIDE, "decision_no": decision_no}


def _file(by: User, file_id: UUID | None) -> StoredFile | None:
    if file_id is None:
        return None
    file = accounts.visible_files(by).filter(pk=file_id).first()
    if file is None:
        raise not_found("依据文件")
    return file


def _may_not_propose() -> Exception:
    return not_allowed("提出关联交易核准（审定过同一双方的人不得提出）", Role.DEPARTMENT)


def _exists(permit: RelatedPermit) -> Refused:
    pair = f"{permit.enterprise.organisation.name}与{permit.provider.organisation.name}"
    return Refused(
        "PERMIT_EXISTS",
        f"{pair}{permit.year}年度已有待审定或已核准的关联交易核准，无需再提出。",
        year=permit.year,
    )


def _tell(permit: RelatedPermit, topic: str, title: str, body: str) -> None:
    """Both parties read it once this commits."""
    enterprise, provider = permit.enterprise.organisation, permit.provider.organisation
    notifications.tell(
        organisation_ids=[enterprise.pk, provider.pk],
        topic=topic,
        title=title,
        body=f"{enterprise.name}与{provider.name}：{body}",
        subject=permit,
    )
