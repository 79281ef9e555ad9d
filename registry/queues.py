"""What waits for a second person here: the policies and states of this room, asked of all rows at once."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from accounts.states import Role
from registry.models import RosterImport, TitleHolding
from registry.states import RosterState, TitleState


def rosters_to_confirm(user: User) -> models.QuerySet[RosterImport]:
    """Imported by somebody else (`may_confirm_roster`). Without their lines."""
    rows = RosterImport.objects.defer("rows")
    if not user.has(Role.CENTRE_REVIEWER, Role.DEPARTMENT):
        return rows.none()
    return rows.filter(state=RosterState.UPLOADED).exclude(imported_by=user.pk)


def titles_to_verify(user: User) -> models.QuerySet[TitleHolding]:
    """Recorded by somebody else (`may_verify_title`)."""
    rows = TitleHolding.objects.all()
    if not user.has(Role.CENTRE_REVIEWER, Role.DEPARTMENT):
        return rows.none()
    return rows.filter(state=TitleState.RECORDED).exclude(recorded_by=user.pk)
