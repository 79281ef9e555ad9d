"""What waits for whom among contracts: the policies of this room and its states, asked of all rows at once."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.states import Role
from contracts.models import Contract, RelatedPermit, Termination
from contracts.policies import MEDIATORS
from contracts.states import PermitState, State, TerminationState


def terminations_to_check(user: User) -> models.QuerySet[Termination]:
    """Asked for: 促进中心经办 checks or refuses (`may_check_termination`)."""
    rows = _terminations()
    return rows.filter(state=TerminationState.REQUESTED) if user.has(Role.CENTRE_CHECKER) else rows.none()


def terminations_to_decide(user: User) -> models.QuerySet[Termination]:
    """Checked by another person: 促进中心复核 decides (`may_decide_termination`)."""
    rows = _terminations()
    if not user.has(Role.CENTRE_REVIEWER):
        return rows.none()
    return rows.filter(state=TerminationState.CHECKED).exclude(checked_by=user.pk)


def disputes_to_resolve(user: User) -> models.QuerySet[Contract]:
    """In dispute: 促进中心 or 厅职能处室 mediates (`may_resolve_dispute`)."""
    return _contracts(State.DISPUTED) if user.has(*MEDIATORS) else Contract.objects.none()


def contracts_overdue(user: User) -> models.QuerySet[Contract]:
    """Past the last day of performance: 厅职能处室 extends it or ends it (`may_supervise`)."""
    return _contracts(State.OVERDUE) if user.has(Role.DEPARTMENT) else Contract.objects.none()


def contracts_frozen(user: User) -> models.QuerySet[Contract]:
    """Frozen: 厅职能处室 resumes or voids (`may_supervise`)."""
    return _contracts(State.FROZEN) if user.has(Role.DEPARTMENT) else Contract.objects.none()


def permits_to_decide(user: User) -> models.QuerySet[RelatedPermit]:
    """Proposed: 厅审定 who has proposed none for the same pair this year (`may_decide_permit`)."""
    rows = RelatedPermit.objects.select_related("enterprise__organisation", "provider__organisation")
    if not user.has(Role.APPROVER):
        return rows.none()
    own = RelatedPermit.objects.filter(
        enterprise=OuterRef("enterprise"), provider=OuterRef("provider"), year=OuterRef("year"), proposed_by=user.pk
    )
    return rows.filter(~Exists(own), state=PermitState.PROPOSED)


def _terminations() -> models.QuerySet[Termination]:
    return Termination.objects.select_related("contract__enterprise__organisation", "contract__product")


def _contracts(state: State) -> models.QuerySet[Contract]:
    rows = Contract.objects.select_related("enterprise__organisation", "provider__organisation", "product")
    return rows.filter(state=state)
