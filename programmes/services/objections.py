"""Objections as the public files them and the offices handle them (DOMAIN section 4, row 12; 8-39)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from accounts import identity
from accounts import selectors as accounts
from accounts.models import User
from accounts.states import OrganisationKind
from engines.notifications import services as notifications
from engines.publicity import services as engine
from engines.publicity.models import Objection, ObjectionFile
from engines.publicity.services import Objector, Receipt
from engines.publicity.states import AskedBy, FilerKind, FileRole, ItemState, Outcome
from engines.strangers import Filer
from foundation.errors import not_allowed
from foundation.locking import unit_of_work
from programmes import policies
from registry import uscc


def file_objection(
    *,
    publicity_id: UUID,
    item_id: UUID,
    kind: str,
    name: str,
    identity_number: str,
    phone: str,
    email: str,
    address: str,
    grounds: str,
    uploads: Mapping[FileRole, UploadedFile[Any]],
) -> Receipt:
    """The objection is filed by its real name; the centre is told its number and what it is about.

    Raises IDENTITY_INVALID or USCC_INVALID, and what the engine's `file_objection` raises.
    """
    number = identity_number.strip().upper()
    if kind == FilerKind.UNIT:
        number = uscc.check(number).code
    else:
        identity.digest(number)  # its check digit holds; the digest itself is not kept: it would tell whose account
    filer = Filer(kind=kind, name=name, identity=number, phone=phone, email=email, address=address)
    with unit_of_work():
        receipt = engine.file_objection(
            publicity_id=publicity_id, item_id=item_id, filer=filer, grounds=grounds, uploads=uploads
        )
        objection = receipt.objection
        body = f"“{objection.item.label}”，请于{objection.accept_due}前决定是否受理。"
        _tell([OrganisationKind.CENTRE], objection, "objection.filed", "收到公示异议", body)
    return receipt


def attach(*, receipt: str, secret: str, upload: UploadedFile[Any]) -> Objection:
    """One more paper by the filer himself."""
    return engine.attach(receipt=receipt, secret=secret, upload=upload)


def accept(*, by: User, objection_id: UUID, version: int) -> Objection:
    """促进中心经办 accepts: the item waits, the 处室 investigates."""
    if not policies.may_accept_objection(by):
        raise not_allowed("受理异议")
    with unit_of_work():
        objection = engine.accept(by=by, objection_id=objection_id, version=version)
        body = f"“{objection.item.label}”暂缓，请于{objection.result_due}前核查、决定并告知。"
        _tell([OrganisationKind.DEPARTMENT], objection, "objection.accepted", "公示异议已受理", body)
    return objection


def turn_down(*, by: User, objection_id: UUID, version: int, why: str, answer: str) -> Objection:
    """促进中心经办 does not accept it."""
    if not policies.may_accept_objection(by):
        raise not_allowed("决定不予受理")
    return engine.turn_down(by=by, objection_id=objection_id, version=version, why=why, answer=answer)


def investigate(*, by: User, objection_id: UUID, version: int) -> Objection:
    """厅职能处室 begins to investigate."""
    if not policies.may_investigate_objection(by):
        raise not_allowed("核查异议")
    return engine.investigate(by=by, objection_id=objection_id, version=version)


def report(*, by: User, objection_id: UUID, version: int, findings: str) -> Objection:
    """厅职能处室 writes what it found."""
    if not policies.may_investigate_objection(by):
        raise not_allowed("提交核查情况")
    return engine.report(by=by, objection_id=objection_id, version=version, findings=findings)


def extend(*, by: User, objection_id: UUID, version: int, reason: str) -> Objection:
    """厅审定 approves a later answer, once."""
    if not policies.may_extend_objection(by):
        raise not_allowed("批准延长答复期限")
    return engine.extend(by=by, objection_id=objection_id, version=version, reason=reason)


def decide(*, by: User, objection_id: UUID, version: int, outcome: str, answer: str) -> Objection:
    """厅职能处室 or 厅审定 decides, somebody who neither accepted nor investigated."""
    if not policies.may_decide_objection(by):
        raise not_allowed("作出异议决定")
    return engine.decide(by=by, objection_id=objection_id, version=version, outcome=outcome, answer=answer)


def notify(*, by: User, objection_id: UUID, version: int, how: str) -> Objection:
    """The filer and the party know the result."""
    if not policies.may_notify_objection(by):
        raise not_allowed("告知异议结果")
    return engine.notify(by=by, objection_id=objection_id, version=version, how=how)


def ask_review(*, receipt: str, secret: str, grounds: str) -> Objection:
    """The filer himself asks for another look, once. Raises RECEIPT_UNKNOWN, REVIEW_LATE."""
    found = engine.by_receipt(receipt, secret)
    with unit_of_work():
        objection = engine.ask_review(
            by=Objector(found.number), objection_id=found.pk, asked_by=AskedBy.FILER, grounds=grounds
        )
        _tell_of_review(objection)
    return objection


def register_review(*, by: User, objection_id: UUID, version: int, asked_by: str, grounds: str) -> Objection:
    """促进中心经办 enters what a party, or a filer on paper, has asked for."""
    if not policies.may_accept_objection(by):
        raise not_allowed("登记复核申请")
    with unit_of_work():
        objection = engine.ask_review(
            by=by, objection_id=objection_id, asked_by=asked_by, grounds=grounds, version=version
        )
        _tell_of_review(objection)
    return objection


def conclude(*, by: User, objection_id: UUID, version: int, outcome: str, answer: str) -> Objection:
    """厅职能处室 or 厅审定, a fourth person, has the last word.

    When it turns the result round and the item is already through or gone, the 处室 is told to deal with it
    outside the list: a cleared one by supervision, a removed one by a new period.
    """
    if not policies.may_decide_objection(by):
        raise not_allowed("作出复核决定")
    with unit_of_work():
        objection = engine.conclude(by=by, objection_id=objection_id, version=version, outcome=outcome, answer=answer)
        way = _way_outside(objection)
        if way:
            _tell([OrganisationKind.DEPARTMENT], objection, "objection.turned", "复核改变了异议结果", way)
    return objection


def open_identity(*, by: User, objection_id: UUID, version: int, reason: str) -> tuple[Objection, Filer]:
    """Who filed, for one officer of the 厅 and one reason, on record."""
    if not policies.may_open_filer(by):
        raise not_allowed("查看异议人身份")
    return engine.open_identity(by=by, objection_id=objection_id, version=version, reason=reason)


def open_letter(*, by: User, objection_id: UUID, version: int, reason: str) -> tuple[ObjectionFile, bytes]:
    """The unit's letter, as `open_identity`."""
    if not policies.may_open_filer(by):
        raise not_allowed("查看盖章异议函")
    return engine.open_letter(by=by, objection_id=objection_id, version=version, reason=reason)


def _way_outside(objection: Objection) -> str:
    """What is left to do when the review differs from the result and the item no longer waits."""
    state, outcome = objection.item.state, objection.review_outcome
    if outcome == Outcome.UPHELD and state == ItemState.CLEARED:
        return f"复核认定异议成立，但“{objection.item.label}”已公示通过，请按监督检查程序处理。"
    if outcome == Outcome.NOT_UPHELD and state == ItemState.REMOVED:
        return f"复核认定异议不成立，但“{objection.item.label}”已移出名单，可另行重新公示。"
    return ""


def _tell_of_review(objection: Objection) -> None:
    body = f"“{objection.item.label}”，请由未办理过此异议的人员于{objection.review_due}前作出复核决定。"
    _tell([OrganisationKind.DEPARTMENT], objection, "objection.review", "异议结果申请复核", body)


def _tell(kinds: Iterable[OrganisationKind], objection: Objection, topic: str, title: str, body: str) -> None:
    """The offices read it; nobody is named who filed."""
    notifications.tell(
        organisation_ids=accounts.organisation_ids(kinds),
        topic=topic,
        title=f"{title}：{objection.number}",
        body=body,
        subject=objection,
    )
