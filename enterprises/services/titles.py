"""Titles recorded, verified or revoked, with the enterprise re-graded in the same transaction (8-06, 8-07)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accounts.models import User
from enterprises.models import Enterprise
from enterprises.services import quota
from foundation.errors import not_found
from foundation.locking import unit_of_work
from registry import services as registry
from registry.models import TitleHolding


def record_title(
    *,
    by: User,
    enterprise: Enterprise,
    title_code: str,
    issued_by: str,
    valid_from: date,
    valid_to: date | None = None,
    certificate_no: str = "",
    doc_no: str = "",
) -> TitleHolding:
    """The title waits for a second person; until then it counts for nothing."""
    return registry.record_title(
        by=by,
        uscc_code=enterprise.uscc,
        title_code=title_code,
        issued_by=issued_by,
        valid_from=valid_from,
        valid_to=valid_to,
        certificate_no=certificate_no,
        doc_no=doc_no,
    )


def verify_title(*, by: User, enterprise: Enterprise, title_id: UUID, version: int, reason: str = "") -> TitleHolding:
    """The title counts, and what it adds to the year's quota is issued."""
    with unit_of_work():
        _belongs(enterprise, title_id)
        holding = registry.verify_title(by=by, title_id=title_id, version=version, reason=reason)
        quota.regrade(by=by, enterprise_id=enterprise.pk)
    return holding


def reject_title(*, by: User, enterprise: Enterprise, title_id: UUID, version: int, reason: str) -> TitleHolding:
    """The title never counts."""
    with unit_of_work():
        _belongs(enterprise, title_id)
        return registry.reject_title(by=by, title_id=title_id, version=version, reason=reason)


def revoke_title(
    *, by: User, enterprise: Enterprise, title_id: UUID, version: int, revoked_on: date, reason: str
) -> TitleHolding:
    """The title counts no more, and what is free and no longer covered is taken back; what is used stays."""
    with unit_of_work():
        _belongs(enterprise, title_id)
        holding = registry.revoke_title(by=by, title_id=title_id, version=version, revoked_on=revoked_on, reason=reason)
        quota.regrade(by=by, enterprise_id=enterprise.pk)
    return holding


def _belongs(enterprise: Enterprise, title_id: UUID) -> None:
    if not TitleHolding.objects.filter(pk=title_id, uscc=enterprise.uscc).exists():
        raise not_found("企业称号")
