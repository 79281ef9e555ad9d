"""Who may keep the rosters (DOMAIN section 4, row 4): 促进中心 records, a second person confirms."""

from __future__ import annotations

from accounts.models import User
from accounts.states import Role
from registry.models import RosterImport, TitleHolding

_RECORD = (Role.CENTRE_CHECKER,)
_CONFIRM = (Role.CENTRE_REVIEWER, Role.DEPARTMENT)


def may_upload_roster(by: User) -> bool:
    """促进中心经办."""
    return by.has(*_RECORD)


def may_confirm_roster(by: User, roster: RosterImport) -> bool:
    """促进中心复核 or 处室, never the one who imported it."""
    return by.has(*_CONFIRM) and by.pk != roster.imported_by_id


def may_record_title(by: User) -> bool:
    """促进中心经办."""
    return by.has(*_RECORD)


def may_verify_title(by: User, holding: TitleHolding) -> bool:
    """促进中心复核 or 处室, never the one who recorded it."""
    return by.has(*_CONFIRM) and by.pk != holding.recorded_by_id


def may_revoke_title(by: User) -> bool:
    """促进中心复核 or 处室."""
    return by.has(*_CONFIRM)
