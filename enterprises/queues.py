"""What waits for whom: the policies of this room and its states, asked of all rows at once.

Each gives the rows on which the person may take the next step now; nobody is given a row on which he took another
stage before. Without the role there is nothing.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.states import Role
from engines.evidence.selectors import took_no_other
from enterprises.models import Enterprise, PassportDispute, QuotaAdjustment
from enterprises.policies import CASE, CHECK, DECIDE
from enterprises.states import HANDLED, UNCHECKED, AdjustmentState, DisputeState, State


def registrations_to_check(user: User) -> models.QuerySet[Enterprise]:
    """Submitted and gone through the machine: 促进中心经办 checks (`may_check`)."""
    if not user.has(Role.CENTRE_CHECKER):
        return Enterprise.objects.none()
    mine = took_no_other(Enterprise, user, CHECK, since=CASE)
    return Enterprise.objects.filter(mine, state__in=sorted(UNCHECKED))


def registrations_to_confirm(user: User) -> models.QuerySet[Enterprise]:
    """Checked: 促进中心复核, another person, confirms (`may_confirm`)."""
    if not user.has(Role.CENTRE_REVIEWER):
        return Enterprise.objects.none()
    mine = took_no_other(Enterprise, user, DECIDE, since=CASE) & ~Q(checked_by=user.pk)
    return Enterprise.objects.filter(mine, state=State.CHECKED)


def adjustments_to_review(user: User) -> models.QuerySet[QuotaAdjustment]:
    """Proposed by somebody else: 促进中心复核 reviews (`may_review_adjustment`)."""
    rows = QuotaAdjustment.objects.select_related("enterprise")
    if not user.has(Role.CENTRE_REVIEWER):
        return rows.none()
    return rows.filter(state=AdjustmentState.PROPOSED).exclude(proposed_by=user.pk)


def adjustments_to_decide(user: User) -> models.QuerySet[QuotaAdjustment]:
    """Reviewed, with no part of his in it: 厅职能处室 decides (`may_decide_adjustment`)."""
    rows = QuotaAdjustment.objects.select_related("enterprise")
    if not user.has(Role.DEPARTMENT):
        return rows.none()
    return rows.filter(state=AdjustmentState.REVIEWED).exclude(Q(proposed_by=user.pk) | Q(reviewed_by=user.pk))


def disputes_to_handle(user: User) -> models.QuerySet[PassportDispute]:
    """Open: 促进中心经办 corrects or finds unfounded (`may_handle_dispute`)."""
    rows = PassportDispute.objects.select_related("enterprise")
    if not user.has(Role.CENTRE_CHECKER):
        return rows.none()
    return rows.filter(took_no_other(PassportDispute, user, CHECK), state=DisputeState.OPEN)


def disputes_to_decide(user: User) -> models.QuerySet[PassportDispute]:
    """Handled: 促进中心复核 or 厅职能处室 decides (`may_decide_dispute`)."""
    rows = PassportDispute.objects.select_related("enterprise")
    if not user.has(Role.CENTRE_REVIEWER, Role.DEPARTMENT):
        return rows.none()
    return rows.filter(took_no_other(PassportDispute, user, DECIDE), state__in=sorted(HANDLED))
