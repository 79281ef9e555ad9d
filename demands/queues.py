"""What waits for whom: the policies of this room and its states, asked of all rows at once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.states import Role
from demands.models import Demand, Synonym
from demands.policies import CHECK, DECIDE
from demands.states import DemandState, SynonymState
from engines.evidence.selectors import took_no_other


def to_check(user: User) -> models.QuerySet[Demand]:
    """Submitted and not checked: 促进中心经办 checks (`may_check`)."""
    rows = _demands()
    if not user.has(Role.CENTRE_CHECKER):
        return rows.none()
    return rows.filter(took_no_other(Demand, user, CHECK), state=DemandState.SUBMITTED, checked_at=None)


def to_publish(user: User) -> models.QuerySet[Demand]:
    """Checked by another person: 促进中心经办 publishes (`may_publish`)."""
    rows = _demands()
    if not user.has(Role.CENTRE_CHECKER):
        return rows.none()
    mine = took_no_other(Demand, user, DECIDE) & ~Q(checked_by=user.pk)
    return rows.filter(mine, state=DemandState.SUBMITTED, checked_at__isnull=False)


def synonyms_to_decide(user: User) -> models.QuerySet[Synonym]:
    """Proposed by another person: 促进中心复核 decides (`may_decide_synonym`)."""
    rows = Synonym.objects.select_related("proposed_by")
    if not user.has(Role.CENTRE_REVIEWER):
        return rows.none()
    return rows.filter(state=SynonymState.PROPOSED).exclude(proposed_by=user.pk)


def _demands() -> models.QuerySet[Demand]:
    return Demand.objects.select_related("enterprise")
