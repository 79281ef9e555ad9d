"""What waits for whom: the policies of this room and its states, asked of all rows at once."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from accounts.states import Role
from providers.models import Bar
from providers.states import BarState


def bars_to_decide(user: User) -> models.QuerySet[Bar]:
    """Proposed by another person: 厅审定 (`may_decide_bar`)."""
    rows = Bar.objects.select_related("provider")
    if not user.has(Role.APPROVER):
        return rows.none()
    return rows.filter(state=BarState.PROPOSED).exclude(proposed_by=user.pk)
