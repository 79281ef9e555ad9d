"""What waits for whom of the offices: the policies of this room and its states, asked of all rows at once."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from accounts.states import Role
from contracts import selectors
from contracts.models import Contract, RelatedPermit, Termination
from contracts.policies import DECIDE, MEDIATORS
from contracts.states import PermitState, State, TerminationState
from engines.evidence.selectors import took_no_other


def terminations_to_check(user: User) -> models.QuerySet[Termination]:
    """Requested: 促进中心经办 establishes the facts (`may_check_termination`)."""
    rows = _terminations()
    if not user.has(Role.CENTRE_CHECKER):
        return rows.none()
    return rows.filter(state=TerminationState.REQUESTED)


def terminations_to_decide(user: User) -> models.QuerySet[Termination]:
    """Checked by another person: 促进中心复核 decides (`may_decide_termination`)."""
    rows = _terminations()
    if not user.has(Role.CENTRE_REVIEWER):
        return rows.none()
    return rows.filter(state=TerminationState.CHECKED).exclude(checked_by=user.pk)


def disputes(user: User) -> models.QuerySet[Contract]:
    """The centre mediates, or the department (`may_resolve_dispute`)."""
    rows = selectors.whole_rows()
    return rows.filter(state=State.DISPUTED) if user.has(*MEDIATORS) else rows.none()


def stopped(user: User) -> models.QuerySet[Contract]:
    """Frozen or overdue: 厅职能处室 resumes, gives time, or voids (`may_supervise`)."""
    rows = selectors.whole_rows()
    if not user.has(Role.DEPARTMENT):
        return rows.none()
    return rows.filter(state__in=[State.FROZEN, State.OVERDUE])


def permits_to_decide(user: User) -> models.QuerySet[RelatedPermit]:
    """Proposed by another person: 厅审定 decides (`may_decide_permit`)."""
    rows = RelatedPermit.objects.select_related("enterprise__organisation", "provider__organisation")
    if not user.has(Role.APPROVER):
        return rows.none()
    return rows.filter(took_no_other(RelatedPermit, user, DECIDE), state=PermitState.PROPOSED)


def _terminations() -> models.QuerySet[Termination]:
    return Termination.objects.select_related("contract")
