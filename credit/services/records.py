"""A credit record from its proposal to its end, and what it keeps its party from (第二十七条)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from accounts.models import User
from accounts.states import PARTIES
from credit import policies, selectors
from credit.models import Complaint, CreditRecord
from credit.services.complaints import files_of
from credit.states import ComplaintState, Ground
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.models import next_number
from foundation.states import move
from registry import uscc as uscc_rules

ROWS = CreditRecord.objects.select_related("organisation")


def refuse_restricted(uscc: str, what: str) -> None:
    """Nothing new begins with a blocked party. Raises PARTY_RESTRICTED naming record, document and last day."""
    record = selectors.restriction(uscc, clock.today())
    if record is None:
        return
    raise Refused(
        "PARTY_RESTRICTED",
        f"{record.says}，不能{what}。如已整改，可由授权签署人申请信用修复。",
        uscc=uscc,
        record=record.number,
        decision_no=record.decision_no,
        until=str(record.until) if record.until else None,
    )


def propose(
    *,
    by: User,
    uscc: str,
    ground: str,
    facts: str,
    blocks: bool = True,
    party_name: str = "",
    party_kind: str = "",
    complaint_id: UUID | None = None,
    file_ids: Sequence[UUID] = (),
) -> CreditRecord:
    """The record waits for a second person. A party that is not registered is named by its code, name and kind.

    Raises USCC_INVALID, PARTY_INCOMPLETE, COMPLAINT_NOT_UPHELD for ground 第四项 without a complaint found true
    and of large effect, NOT_FOUND for an unknown complaint or file.
    """
    if not policies.may_propose(by):
        raise not_allowed("提出信用记录")
    code = uscc_rules.check(uscc).code
    organisation = selectors.registered(code)
    if organisation is None and not (party_name and party_kind in PARTIES):
        raise Invalid("PARTY_INCOMPLETE", f"{code}尚未注册，请同时给出单位名称和类别（企业或服务商）。", uscc=code)
    with unit_of_work():
        complaint = _complaint(complaint_id, code, ground)
        found = files_of(by, file_ids)
        today = clock.today()
        record = CreditRecord(
            number=f"XY-{today.year}-{next_number(f'credit-{today.year}'):06d}",
            uscc=code,
            party_name=organisation.name if organisation else party_name,
            party_kind=organisation.kind if organisation else party_kind,
            organisation=organisation,
            ground=ground,
            facts=facts,
            complaint=complaint,
            blocks=blocks,
            proposed_by=by,
        )
        given = {"uscc": code, "ground": ground, "blocks": blocks, "files": sorted(one.sm3 for one in found)}
        evidence.record(record, act="propose", by=by, reason=facts, facts=given)
        record.files.set(found)
    return record


def review(*, by: User, record_id: UUID, version: int, note: str = "") -> CreditRecord:
    """A second person agrees with facts and ground."""
    with unit_of_work():
        record = _locked(record_id, version)
        if not policies.may_review_record(by, record):
            raise not_allowed("复核信用记录（提出人不得复核）")
        move(record, "review", "复核信用记录")(by, clock.now())
        evidence.record(record, act="review", by=by, reason=note)
    return record


def decline(*, by: User, record_id: UUID, version: int, reason: str) -> CreditRecord:
    """Nothing is recorded against the party."""
    with unit_of_work():
        record = _locked(record_id, version)
        if not policies.may_decline_record(by, record):
            raise not_allowed("不予信用记录")
        move(record, "decline", "不予信用记录")(reason)
        evidence.record(record, act="decline", by=by, reason=reason)
    return record


def decide(
    *, by: User, record_id: UUID, version: int, decision_no: str, since: date, until: date | None = None
) -> CreditRecord:
    """In force from `since` on; with `blocks`, the party begins nothing new anywhere until it ends (8-41).

    Raises RECORD_PERIOD when it would begin in the future or end before it begins.
    """
    with unit_of_work():
        record = _locked(record_id, version)
        if not policies.may_decide_record(by, record):
            raise not_allowed("决定信用记录（提出、复核过的人不得决定）")
        today = clock.today()
        if since > today or (until is not None and until < max(since, today)):
            raise Invalid(
                "RECORD_PERIOD",
                f"生效日期须不晚于今天（{today}），截止日期须不早于今天；现为{since}至{until or '未定'}。",
                since=str(since),
                until=str(until) if until else None,
            )
        move(record, "decide", "决定信用记录")(by, clock.now(), since, until, decision_no)
        facts = {"decision_no": decision_no, "since": str(since), "until": str(until) if until else ""}
        evidence.record(record, act="decide", by=by, facts=facts)
        what = "自生效之日起不得办理新的服务券业务，已签合同逐一核定。" if record.blocks else "记入服务档案。"
        until_text = f"至{until}" if until else "未定截止日期"
        _tell(
            record, "不良信用记录", f"{decision_no}，{Ground(record.ground).label}，{since}生效，{until_text}。{what}"
        )
    return record


def ask_repair(*, by: User, record_id: UUID, version: int, text: str) -> CreditRecord:
    """The party's signatory says what was put right; the record stays in force until it is decided."""
    with unit_of_work():
        record = _locked(record_id, version)
        if not policies.may_ask_repair(by, record):
            raise not_allowed("申请信用修复（须为本单位授权签署人）")
        move(record, "ask_repair", "申请信用修复")(text)
        evidence.record(record, act="ask_repair", by=by, reason=text)
    return record


def refuse_repair(*, by: User, record_id: UUID, version: int, reason: str) -> CreditRecord:
    """It is not put right yet; it may be asked again. Not by who made the record."""
    with unit_of_work():
        record = _locked(record_id, version)
        _require_other_hands(by, record, "答复信用修复")
        move(record, "refuse_repair", "不予信用修复")()
        evidence.record(record, act="refuse_repair", by=by, reason=reason)
        _tell(record, "信用修复未通过", reason)
    return record


def repair(*, by: User, record_id: UUID, version: int, reason: str) -> CreditRecord:
    """Put right: nothing is blocked by it any more (信用修复管理办法). Not by who made the record."""
    with unit_of_work():
        record = _locked(record_id, version)
        _require_other_hands(by, record, "认定信用修复")
        move(record, "repair", "信用修复")(by, clock.now(), reason)
        evidence.record(record, act="repair", by=by, reason=reason)
        _tell(record, "信用已修复", reason)
    return record


def correct(*, by: User, record_id: UUID, version: int, reason: str) -> CreditRecord:
    """It should not have been made: taken back, not by who made it."""
    with unit_of_work():
        record = _locked(record_id, version)
        _require_other_hands(by, record, "撤销信用记录")
        move(record, "correct", "撤销信用记录")(by, clock.now(), reason)
        evidence.record(record, act="correct", by=by, reason=reason)
        _tell(record, "信用记录已撤销", reason)
    return record


def expire(*, by: Actor, record_id: UUID, day: date) -> bool:
    """The record whose last day is before `day` is over. Returns whether it was this call that ended it."""
    with unit_of_work():
        record = lock(ROWS, record_id)
        if record.state not in ("in_force", "repair_applied") or record.until is None or record.until >= day:
            return False
        move(record, "expire", "期满")()
        evidence.record(record, act="expire", by=by, facts={"until": str(record.until)})
        _tell(record, "信用记录期满", f"至{record.until}已满，不再限制。")
    return True


def _complaint(complaint_id: UUID | None, uscc: str, ground: str) -> Complaint | None:
    complaint = None
    if complaint_id is not None:
        complaint = Complaint.objects.filter(pk=complaint_id, uscc=uscc).first()
        if complaint is None:
            raise not_found("投诉")
    if ground == Ground.COMPLAINT and (
        complaint is None or complaint.state != ComplaintState.UPHELD or not complaint.has_large_effect
    ):
        raise Refused(
            "COMPLAINT_NOT_UPHELD",
            "以投诉为由的信用记录，须有经查确认属实且产生较大不良影响的投诉（第二十七条第四项）。",
            ground=ground,
        )
    return complaint


def _require_other_hands(by: User, record: CreditRecord, what: str) -> None:
    if not policies.may_end_record(by, record):
        raise not_allowed(f"{what}（须由厅职能处室中未提出、复核、决定过该记录的人办理）")


def _locked(record_id: UUID, version: int) -> CreditRecord:
    return lock(ROWS, record_id, version=version)


def _tell(record: CreditRecord, title: str, body: str) -> None:
    if record.organisation_id is None:
        return
    notifications.tell(
        organisation_ids=[record.organisation_id],
        topic="credit",
        title=f"{title}：{record.number}",
        body=body,
        subject=record,
    )
