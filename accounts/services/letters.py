"""授权书: who may act for a house, on whose word and how long (第十八条第（一）项).

Recorded and withdrawn by the house's signatory. The platform keeps what the house says; no act waits for a letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from accounts import policies
from accounts.models import AuthorisationLetter, Membership, Organisation, User
from accounts.states import Role
from engines.evidence import services as evidence
from engines.files.models import StoredFile
from engines.files.sniff import KINDS
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work

TYPES = {KINDS[extension] for extension in ("pdf", "ofd", "jpg", "png")}
REPLACED = "已由新的授权书替代。"


def record(
    *, by: User, user_id: UUID, role: str, file_id: UUID, valid_from: date, valid_until: date | None = None
) -> AuthorisationLetter:
    """The person's letter for that role is on record; one that stood before is withdrawn, replaced by it.

    Raises NOT_ALLOWED, USER_INACTIVE, ROLE_NOT_HELD, LETTER_PERIOD_INVALID when it ends before it begins or has ended already,
    LETTER_FILE_MISFIT, or NOT_FOUND for a file that is not the caller's.
    """
    with unit_of_work():
        person, organisation = _house(user_id)
        if not policies.may_keep_letters(by, person):
            raise not_allowed("登记授权书")
        if not person.is_active:
            raise Refused("USER_INACTIVE", f"账号“{person.username}”已停用，请先启用。", username=person.username)
        if not Membership.objects.filter(user=person, role=role, ended_at=None).exists():
            raise Refused(
                "ROLE_NOT_HELD", f"{person.name}现未担任“{Role(role).label}”，请先授予角色再登记授权书。", role=role
            )
        _check_period(valid_from, valid_until)
        file = _file(by, file_id)
        for old in _standing(person, role):
            _end(old, by, REPLACED)
        letter = AuthorisationLetter.objects.create(
            person=person,
            role=role,
            file=file,
            valid_from=valid_from,
            valid_until=valid_until,
            recorded_by=by,
            recorded_at=clock.now(),
        )
        evidence.record(organisation, act="record_letter", by=by, facts=_facts(letter))
    return letter


def withdraw(*, by: User, letter_id: UUID, reason: str) -> AuthorisationLetter:
    """The letter stands no more; what was done under it stands. Raises NOT_ALLOWED, LETTER_WITHDRAWN."""
    with unit_of_work():
        known = AuthorisationLetter.objects.filter(pk=letter_id).values_list("person_id", flat=True).first()
        if known is None:
            raise not_found("授权书")
        person, organisation = _house(known)
        if not policies.may_keep_letters(by, person):
            raise not_allowed("撤销授权书")
        letter = lock(AuthorisationLetter.objects.select_related("person", "file"), letter_id)
        if letter.withdrawn_at is not None:
            raise Refused(
                "LETTER_WITHDRAWN",
                f"该授权书已于{clock.local_date(letter.withdrawn_at)}撤销：{letter.withdrawn_reason}",
                withdrawn_at=letter.withdrawn_at.isoformat(),
            )
        _end(letter, by, reason)
        evidence.record(organisation, act="withdraw_letter", by=by, reason=reason, facts=_facts(letter))
    return letter


def lapse(*, by: User, person: User, roles: Iterable[str], reason: str) -> None:
    """The letters of these roles of the locked person end with the roles; the caller puts that on the chain."""
    for role in roles:
        for letter in _standing(person, role):
            _end(letter, by, reason)


def _house(user_id: UUID) -> tuple[User, Organisation]:
    """Person first, then the house: the order of every act on people."""
    person = lock(User.objects.all(), user_id)
    return person, lock(Organisation.objects.all(), person.organisation_id)


def _standing(person: User, role: str) -> list[AuthorisationLetter]:
    return list(AuthorisationLetter.objects.filter(person=person, role=role, withdrawn_at=None))


def _end(letter: AuthorisationLetter, by: User, reason: str) -> None:
    letter.withdrawn_by, letter.withdrawn_at, letter.withdrawn_reason = by, clock.now(), reason
    letter.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])


def _check_period(valid_from: date, valid_until: date | None) -> None:
    if valid_until is None:
        return
    today = clock.today()
    if valid_until < max(valid_from, today):
        why = "早于起始日期" if valid_until < valid_from else f"早于今天（{today}），授权已经过期"
        raise Invalid(
            "LETTER_PERIOD_INVALID",
            f"授权书有效期至{valid_until}，{why}。请按授权书所载填写，或换一份有效的授权书。",
            field="valid_until",
            valid_from=valid_from.isoformat(),
            valid_until=valid_until.isoformat(),
            today=today.isoformat(),
        )


def _file(by: User, file_id: UUID) -> StoredFile:
    file = StoredFile.objects.filter(pk=file_id, organisation_id=by.organisation_id).first()
    if file is None:
        raise not_found("授权书文件")
    if file.content_type not in TYPES:
        raise Invalid(
            "LETTER_FILE_MISFIT",
            f"文件“{file.name}”（{file.content_type}）不能作为授权书，请上传加盖公章的PDF、OFD或图片。",
            field="file",
            content_type=file.content_type,
            takes=sorted(TYPES),
        )
    return file


def _facts(letter: AuthorisationLetter) -> dict[str, Any]:
    return {
        "username": letter.person.username,
        "role": letter.role,
        "valid_from": letter.valid_from.isoformat(),
        "valid_until": letter.valid_until.isoformat() if letter.valid_until else None,
        "sm3": letter.file.sm3,
    }
