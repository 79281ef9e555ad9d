"""Filters of the lists."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from foundation.api.filters import Coded, Filters, Words
from programmes.selectors import category_codes
from providers.models import Application, Product, Provider, SettlementAccount
from providers.states import AccountState, ApplicationState, ProductState


class ProviderFilter(Filters):
    """By part of the name, code, region prefix."""

    name = Words(lookup_expr="icontains", max_length=60)
    uscc = django_filters.CharFilter(max_length=18)
    region = django_filters.CharFilter(field_name="region_code", lookup_expr="startswith", max_length=6)

    class Meta:
        model = Provider
        fields = ["name", "uscc", "region"]


class ApplicationFilter(Filters):
    """By state, provider, year."""

    state = django_filters.MultipleChoiceFilter(choices=ApplicationState.choices)

    class Meta:
        model = Application
        fields = ["state", "provider", "year"]


class AccountFilter(Filters):
    """By state, provider."""

    state = django_filters.MultipleChoiceFilter(choices=AccountState.choices)

    class Meta:
        model = SettlementAccount
        fields = ["state", "provider"]


class ProductFilter(Filters):
    """The catalogue's: category, provider, 诊断 or not, price between, words in name or aim."""

    state = django_filters.MultipleChoiceFilter(choices=ProductState.choices)
    category = Coded(known=category_codes)
    price_from = django_filters.NumberFilter(field_name="price", lookup_expr="gte")
    price_to = django_filters.NumberFilter(field_name="price", lookup_expr="lte")
    text = Words(method="matching", max_length=60)

    class Meta:
        model = Product
        fields = ["state", "category", "provider", "is_diagnosis", "price_from", "price_to", "text"]

    def matching(self, rows: QuerySet[Product], name: str, value: str) -> QuerySet[Product]:
        """Every word of `value` stands in the name, the aim or the provider's name."""
        for word in value.split():
            rows = rows.filter(Q(name__icontains=word) | Q(aim__icontains=word) | Q(provider__name__icontains=word))
        return rows
