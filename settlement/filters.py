"""Filters of the lists."""

from __future__ import annotations

import django_filters
from django.db import models

from foundation import clock
from foundation.api.filters import Filters
from settlement.models import Claim


class ClaimFilter(Filters):
    """By state, party, batch, number, years, when it was drawn up, and whether its step has taken too long."""

    overdue = django_filters.BooleanFilter(method="by_overdue", label="本环节已逾期")

    class Meta:
        model = Claim
        fields = {
            "state": ["exact"],
            "provider": ["exact"],
            "contract": ["exact"],
            "batch": ["exact"],
            "number": ["exact"],
            "cap_year": ["exact"],
            "budget_year": ["exact"],
            "carried_into": ["exact"],
            "created_at": ["gte", "lt"],
        }

    def by_overdue(self, rows: models.QuerySet[Claim], name: str, value: bool) -> models.QuerySet[Claim]:
        """Those whose present step should have been done before today; or all others."""
        late = models.Q(step_due__lt=clock.today())
        return rows.filter(late) if value else rows.exclude(late)
