"""What waits for whom: the policies of this room and its states, asked of all rows at once."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from accounts.states import Role
from providers.models import Bar, SettlementAccount
from providers.states import AccountState, BarState


def bars_to_decide(user: User) -> models.QuerySet[Bar]:
    """Proposed by another person: 厅审定 (`may_decide_bar`)."""
    rows = Bar.objects.select_related("provider")
    if not user.has(Role.APPROVER):
        return rows.none()
    return rows.filter(state=BarState.PROPOSED).exclude(proposed_by=user.pk)


def accounts_to_review(user: User) -> models.QuerySet[SettlementAccount]:
    """Asked for by another person: 促进中心复核 (`may_review_account`)."""
    rows = SettlementAccount.objects.select_related("provider")
    if not user.has(Role.CENTRE_REVIEWER):
        return rows.none()
    return rows.filter(state=AccountState.REQUESTED).exclude(requested_by=user.pk)
