"""Who may make notices, enter budget and pause signing (DOMAIN section 4, rows 6, 18, 29)."""

from __future__ import annotations

from accounts.models import User
from accounts.states import Role
from programmes.models import Appropriation, Notice


def may_draft_notice(by: User) -> bool:
    """厅职能处室."""
    return by.has(Role.DEPARTMENT)


def may_approve_notice(by: User, notice: Notice) -> bool:
    """厅审定, never the one who drafted it."""
    return by.has(Role.APPROVER) and by.pk != notice.drafted_by_id


def may_publish_notice(by: User) -> bool:
    """厅职能处室."""
    return by.has(Role.DEPARTMENT)


def may_record_appropriation(by: User) -> bool:
    """厅职能处室."""
    return by.has(Role.DEPARTMENT)


def may_confirm_appropriation(by: User, appropriation: Appropriation) -> bool:
    """财政厅, never the one who recorded it."""
    return by.has(Role.FINANCE) and by.pk != appropriation.recorded_by_id


def may_suspend(by: User) -> bool:
    """厅职能处室: also the one who resumes."""
    return by.has(Role.DEPARTMENT)


def may_publish_list(by: User) -> bool:
    """厅职能处室: shows a list, closes its period, withdraws it (row 11: D, P)."""
    return by.has(Role.DEPARTMENT)
