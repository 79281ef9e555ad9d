"""Filters of the lists."""

from __future__ import annotations

from contracts.models import Contract
from foundation.api.filters import Coded, Filters
from programmes.selectors import category_codes


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
