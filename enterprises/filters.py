"""Filters of the lists."""

from __future__ import annotations

import django_filters
from django.db import models

from enterprises.models import Enterprise, PassportDispute, QuotaAdjustment, RelationDeclaration
from enterprises.states import (
    UNDECIDED,
    AdjustmentState,
    DeclarationState,
    DisputeKind,
    DisputeState,
    State,
)
from foundation import clock
from foundation.api.filters import Filters, Words


class EnterpriseFilter(Filters):
    """By state, code, part of the name, region prefix, industry prefix, and whether its last day has passed."""

    state = django_filters.MultipleChoiceFilter(choices=State.choices)
    uscc = django_filters.CharFilter(max_length=18)
    name = Words(lookup_expr="icontains", max_length=60)
    region = django_filters.CharFilter(field_name="region_code", lookup_expr="startswith", max_length=6)
    industry = django_filters.CharFilter(field_name="industry_code", lookup_expr="startswith", max_length=4)
    overdue = django_filters.BooleanFilter(method="by_last_day", help_text="true：正在等待办理且期限已过；false：其余")

    class Meta:
        model = Enterprise
        fields = ["state", "uscc", "name", "region", "industry"]

    def by_last_day(self, rows: models.QuerySet[Enterprise], name: str, value: bool) -> models.QuerySet[Enterprise]:
        """Somebody is waited for and his last day has passed; or not."""
        late = models.Q(due_on__lt=clock.today())
        return rows.filter(late) if value else rows.exclude(late, due_on__isnull=False)


class AdjustmentFilter(Filters):
    """By enterprise, year, state."""

    state = django_filters.MultipleChoiceFilter(choices=AdjustmentState.choices)

    class Meta:
        model = QuotaAdjustment
        fields = ["state", "enterprise", "year"]


class DisputeFilter(Filters):
    """By enterprise, state, line, kind, and whether the officers' last day has passed."""

    state = django_filters.MultipleChoiceFilter(choices=DisputeState.choices)
    kind = django_filters.ChoiceFilter(choices=DisputeKind.choices)
    line = django_filters.CharFilter(max_length=48)
    overdue = django_filters.BooleanFilter(method="by_last_day", help_text="true：未办结且期限已过；false：其余")

    class Meta:
        model = PassportDispute
        fields = ["state", "enterprise", "kind", "line"]

    def by_last_day(
        self, rows: models.QuerySet[PassportDispute], name: str, value: bool
    ) -> models.QuerySet[PassportDispute]:
        """Undecided past its last day; or not."""
        late = models.Q(due_on__lt=clock.today(), due_on__isnull=False, state__in=sorted(UNDECIDED))
        return rows.filter(late) if value else rows.exclude(late)


class DeclarationFilter(Filters):
    """By enterprise, year, state."""

    state = django_filters.ChoiceFilter(choices=DeclarationState.choices)

    class Meta:
        model = RelationDeclaration
        fields = ["state", "enterprise", "year"]
