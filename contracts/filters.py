"""Filters of the lists."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet

from contracts.models import Contract, RelatedPermit
from contracts.states import STANDING, Awaited, PermitState
from foundation import clock
from foundation.api.filters import Coded, Filters, Words, invalid
from programmes.selectors import category_codes
from providers.models import Provider

LONGEST_WAIT = 3650  # days: what is asked about lies within the platform's own time


class ContractFilter(Filters):
    """By state, party, category, year, number, and when it was drawn up."""

    category = Coded(known=category_codes)

    class Meta:
        model = Contract
        fields = {
            "state": ["exact"],
            "enterprise": ["exact"],
            "provider": ["exact"],
            "quota_year": ["exact"],
            "number": ["exact"],
            "created_at": ["gte", "lt"],
        }


class StandingFilter(Filters):
    """By what is awaited, the enterprise's city, the provider, and for how many days at least."""

    reason = django_filters.ChoiceFilter(
        field_name="awaited",
        choices=[(one.value, one.label) for one in Awaited if one in STANDING],
        help_text="等待事项",
    )
    city = django_filters.CharFilter(
        field_name="enterprise__organisation__city", max_length=6, help_text="企业所在设区市代码，例如 450100"
    )
    days = django_filters.NumberFilter(method="waited", help_text=f"至少已等天数，日历天，0至{LONGEST_WAIT}的整数")

    class Meta:
        model = Contract
        fields = ["reason", "city", "provider", "days"]

    def waited(self, rows: QuerySet[Any], name: str, value: Decimal) -> QuerySet[Any]:
        """Those that have waited `value` days or longer. Raises FILTER_INVALID."""
        if value != int(value) or value > LONGEST_WAIT:
            raise invalid(name, str(value), f"须为0至{LONGEST_WAIT}之间的整数天数")
        return rows.filter(since_on__lte=clock.today() - timedelta(days=int(value)))


class PermitFilter(Filters):
    """By state, year and party."""

    state = django_filters.MultipleChoiceFilter(choices=PermitState.choices)

    class Meta:
        model = RelatedPermit
        fields = ["state", "year", "enterprise", "provider"]


class PerformanceFilter(Filters):
    """By part of the name, and code. `year` names the figures' quota year; every provider stays on the list."""

    name = Words(lookup_expr="icontains", max_length=60)
    uscc = django_filters.CharFilter(max_length=18)
    year = django_filters.NumberFilter(field_name="year", method="kept")

    class Meta:
        model = Provider
        fields = ["name", "uscc", "year"]

    def kept(self, rows: QuerySet[Provider], name: str, value: Any) -> QuerySet[Provider]:
        """The figures are counted for the year; the rows are the same."""
        return rows
