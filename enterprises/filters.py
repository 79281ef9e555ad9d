"""Filters of the lists."""

from __future__ import annotations

import django_filters

from enterprises.models import Enterprise, QuotaAdjustment
from enterprises.states import AdjustmentState, State
from foundation.api.filters import Filters, Words


class EnterpriseFilter(Filters):
    """By state, code, part of the name, region prefix, industry prefix."""

    state = django_filters.MultipleChoiceFilter(choices=State.choices)
    uscc = django_filters.CharFilter(max_length=18)
    name = Words(lookup_expr="icontains", max_length=60)
    region = django_filters.CharFilter(field_name="region_code", lookup_expr="startswith", max_length=6)
    industry = django_filters.CharFilter(field_name="industry_code", lookup_expr="startswith", max_length=4)

    class Meta:
        model = Enterprise
        fields = ["state", "uscc", "name", "region", "industry"]


class AdjustmentFilter(Filters):
    """By enterprise, year, state."""

    state = django_filters.MultipleChoiceFilter(choices=AdjustmentState.choices)

    class Meta:
        model = QuotaAdjustment
        fields = ["state", "enterprise", "year"]
