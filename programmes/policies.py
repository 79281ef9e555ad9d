"""Who may make notices, enter budget and pause signing (DOMAIN section 4, rows 6, 18, 29)."""

from __future__ import annotations

from accounts.models import User
from accounts.states import OFFICERS, Role
from programmes.models import Appropriation, Notice, TargetSet


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


def may_draft_targets(by: User) -> bool:
    """厅职能处室."""
    return by.has(Role.DEPARTMENT)


def may_confirm_targets(by: User, targets: TargetSet) -> bool:
    """厅审定, never the one who drafted them."""
    return by.has(Role.APPROVER) and by.pk != targets.drafted_by_id


def may_suspend(by: User) -> bool:
    """厅职能处室: also the one who resumes."""
    return by.has(Role.DEPARTMENT)


def may_publish_list(by: User) -> bool:
    """厅职能处室: shows a list, closes its period, withdraws it (row 11: D, P)."""
    return by.has(Role.DEPARTMENT)


def may_accept_objection(by: User) -> bool:
    """促进中心经办 (row 12: K)."""
    return by.has(Role.CENTRE_CHECKER)


def may_investigate_objection(by: User) -> bool:
    """厅职能处室 (row 12: D)."""
    return by.has(Role.DEPARTMENT)


def may_decide_objection(by: User) -> bool:
    """厅职能处室 or 厅审定 (row 12: D); that it is another person the engine asks of the chain."""
    return by.has(Role.DEPARTMENT, Role.APPROVER)


def may_extend_objection(by: User) -> bool:
    """厅审定 (8-39: with approval)."""
    return by.has(Role.APPROVER)


def may_notify_objection(by: User) -> bool:
    """厅职能处室, or the 促进中心经办 for it."""
    return by.has(Role.DEPARTMENT, Role.CENTRE_CHECKER)


def may_open_filer(by: User) -> bool:
    """厅职能处室 and 厅审定 alone (DOMAIN 10.12)."""
    return by.has(Role.DEPARTMENT, Role.APPROVER)


def may_see_objections(by: User) -> bool:
    """Who handles them, and 第三方监督 (row 12: V)."""
    return by.has(Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER, Role.SUPERVISOR)


def may_see_publicity_trail(by: User) -> bool:
    """Officers: the chain names people of the offices."""
    return by.has(*OFFICERS)
