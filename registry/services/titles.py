"""A title is recorded by one person and counts once another has verified its certificate."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, models

from accounts.models import User
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.states import move
from registry import policies, reference, uscc
from registry.models import RosterImport, TitleHolding
from registry.states import TitleState


def record_title(
    *,
    by: User,
    uscc_code: str,
    title_code: str,
    issued_by: str,
    valid_from: date,
    valid_to: date | None = None,
    certificate_no: str = "",
    doc_no: str = "",
    roster: RosterImport | None = None,
) -> TitleHolding:
    """The title waits for a second person to verify its certificate.

    Raises USCC_INVALID, UNKNOWN_TITLE, TITLE_DERIVED, TITLE_PERIOD, TITLE_WITHOUT_PROOF or TITLE_EXISTS.
    """
    if not policies.may_record_title(by):
        raise not_allowed("登记企业称号")
    code = uscc.check(uscc_code).code
    _check_title(title_code, valid_from, valid_to, has_proof=bool(certificate_no or doc_no))
    with unit_of_work():
        if live_titles().filter(uscc=code, title_code=title_code, valid_from=valid_from).exists():
            raise _title_exists(code, title_code)
        holding = TitleHolding(
            uscc=code,
            title_code=title_code,
            certificate_no=certificate_no,
            issued_by=issued_by,
            doc_no=doc_no,
            valid_from=valid_from,
            valid_to=valid_to,
            recorded_by=by,
            roster=roster,
        )
        try:
            evidence.record(holding, act="record_title", by=by, facts=holding.as_facts())
        except IntegrityError as error:  # two at once: the constraint's word counts
            if "title_once" not in str(error):
                raise
            raise _title_exists(code, title_code) from None
    return holding


def verify_title(*, by: User, title_id: UUID, version: int, reason: str = "") -> TitleHolding:
    """The title counts from its first valid day on."""
    with unit_of_work():
        holding = lock(TitleHolding.objects.all(), title_id, version=version)
        if not policies.may_verify_title(by, holding):
            raise not_allowed("核验企业称号")
        move(holding, "verify", "核验称号")(by, clock.now())
        evidence.record(holding, act="verify_title", by=by, reason=reason, facts=holding.as_facts())
    return holding


def reject_title(*, by: User, title_id: UUID, version: int, reason: str) -> TitleHolding:
    """The title never counts."""
    with unit_of_work():
        holding = lock(TitleHolding.objects.all(), title_id, version=version)
        if not policies.may_verify_title(by, holding):
            raise not_allowed("核验企业称号")
        move(holding, "reject", "退回称号")()
        evidence.record(holding, act="reject_title", by=by, reason=reason)
    return holding


def revoke_title(*, by: User, title_id: UUID, version: int, revoked_on: date, reason: str) -> TitleHolding:
    """The title no longer counts from `revoked_on` on (8-07: signed contracts keep what they have).

    Raises TITLE_REVOCATION_DATE when that day is in the future or before the title's first day.
    """
    with unit_of_work():
        holding = lock(TitleHolding.objects.all(), title_id, version=version)
        if not policies.may_revoke_title(by):
            raise not_allowed("撤销企业称号")
        if not holding.valid_from <= revoked_on <= clock.today():
            raise Invalid(
                "TITLE_REVOCATION_DATE",
                f"撤销日期须在{holding.valid_from}与今天之间，现为{revoked_on}。",
                revoked_on=str(revoked_on),
            )
        move(holding, "revoke", "撤销称号")(by, clock.now(), revoked_on)
        evidence.record(holding, act="revoke_title", by=by, reason=reason, facts={"revoked_on": str(revoked_on)})
    return holding


def live_titles() -> models.QuerySet[TitleHolding]:
    """Those that may not be recorded a second time."""
    return TitleHolding.objects.filter(state__in=[TitleState.RECORDED, TitleState.VERIFIED])


def _check_title(title_code: str, valid_from: date, valid_to: date | None, *, has_proof: bool) -> None:
    kind = reference.title_kinds().get(title_code)
    if kind is None:
        raise Invalid("UNKNOWN_TITLE", f"没有代码为“{title_code[:48]}”的称号。", known=sorted(reference.title_kinds()))
    if kind.derived:
        raise Invalid("TITLE_DERIVED", f"“{kind.name}”由名录推算，不能单独登记。", title_code=title_code)
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("TITLE_PERIOD", f"有效期止{valid_to}早于有效期起{valid_from}。", valid_to=str(valid_to))
    if not has_proof:
        raise Invalid("TITLE_WITHOUT_PROOF", "证书编号和认定文号至少填写一项。")


def _title_exists(code: str, title_code: str) -> Refused:
    name = reference.title_kinds()[title_code].name
    return Refused("TITLE_EXISTS", f"{code} 的“{name}”同一有效期起始日已登记。", uscc=code, title_code=title_code)
