"""Filters of the lists."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from foundation.api.filters import Coded, Filters, Words
from programmes.selectors import category_codes
from providers.models import Listing, Product, ProductVersion, Provider, SettlementAccount
from providers.states import AccountState, ListingState, ProductState, VersionState


class ProviderFilter(Filters):
    """By part of the name, code, region prefix."""

    name = Words(lookup_expr="icontains", max_length=60)
    uscc = django_filters.CharFilter(max_length=18)
    region = django_filters.CharFilter(field_name="region_code", lookup_expr="startswith", max_length=6)

    class Meta:
        model = Provider
        fields = ["name", "uscc", "region"]


class ListingFilter(Filters):
    """By state, provider, year."""

    state = django_filters.MultipleChoiceFilter(choices=ListingState.choices)

    class Meta:
        model = Listing
        fields = ["state", "provider", "year"]


class AccountFilter(Filters):
    """By state, provider."""

    state = django_filters.MultipleChoiceFilter(choices=AccountState.choices)

    class Meta:
        model = SettlementAccount
        fields = ["state", "provider"]


class ProductFilter(Filters):
    """The catalogue's, by the version on the shelf: category, kind, provider, price between, words."""

    state = django_filters.MultipleChoiceFilter(choices=ProductState.choices)
    category = Coded(known=category_codes)
    sub_type = Words(field_name="current__sub_type", max_length=64)
    is_diagnosis = django_filters.BooleanFilter(field_name="current__is_diagnosis")
    price_from = django_filters.NumberFilter(field_name="current__price", lookup_expr="gte")
    price_to = django_filters.NumberFilter(field_name="current__price", lookup_expr="lte")
    q = Words(method="matching", max_length=60, label="每个词都出现在名称、目的、功能内容或服务商名称中")

    class Meta:
        model = Product
        fields = ["state", "category", "sub_type", "provider", "is_diagnosis", "price_from", "price_to", "q"]

    def matching(self, rows: QuerySet[Product], name: str, value: str) -> QuerySet[Product]:
        """Every word of `value` stands in the name, the aim, the functions or the provider's name."""
        for word in value.split():
            rows = rows.filter(
                Q(name__icontains=word)
                | Q(current__aim__icontains=word)
                | Q(current__functions__icontains=word)
                | Q(provider__name__icontains=word)
            )
        return rows


class VersionFilter(Filters):
    """By product, state, category: the history of a product, or what is under way."""

    state = django_filters.MultipleChoiceFilter(choices=VersionState.choices)
    category = Coded(known=category_codes)

    class Meta:
        model = ProductVersion
        fields = ["state", "product", "category"]
