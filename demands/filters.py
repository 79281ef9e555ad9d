"""Filters of the lists."""

from __future__ import annotations

import django_filters
from django.db import models
from django.db.models import Q

from demands.matching import suggest
from demands.matching.tokens import fold
from demands.models import Demand, Response, Synonym
from demands.states import DemandState, ResponseState, SynonymState
from foundation.api.filters import Coded, Filters, Words
from programmes.selectors import category_codes
from registry import reference


def city_codes() -> set[str]:
    """The codes of the cities."""
    return {code for code, region in reference.regions().items() if region.level == "city"}


class BoardFilter(Filters):
    """The public board's: category, city, fee between, words."""

    category = Coded(known=category_codes, method="of_category", help_text="服务类别代码，见年度通知")
    city = Coded(known=city_codes, method="in_city", help_text="企业所在设区市代码，例如 450200")
    fee_from = django_filters.NumberFilter(method="paying_at_least", help_text="愿付费用不低于，元")
    fee_to = django_filters.NumberFilter(method="paying_at_most", help_text="愿付费用不高于，元")
    q = Words(method="about", max_length=60, help_text="每个词或其同义词都出现在标题、内容或企业名称中")

    class Meta:
        model = Demand
        fields = ["category", "city", "fee_from", "fee_to", "q"]

    def of_category(self, rows: models.QuerySet[Demand], name: str, value: str) -> models.QuerySet[Demand]:
        return rows.filter(categories__contains=[value])

    def in_city(self, rows: models.QuerySet[Demand], name: str, value: str) -> models.QuerySet[Demand]:
        return rows.filter(enterprise__region_code__startswith=value[:4])

    def paying_at_least(self, rows: models.QuerySet[Demand], name: str, value: object) -> models.QuerySet[Demand]:
        """What one would pay reaches up to `value`; who names no upper bound is not left out."""
        return rows.filter(Q(fee_high=None) | Q(fee_high__gte=value))

    def paying_at_most(self, rows: models.QuerySet[Demand], name: str, value: object) -> models.QuerySet[Demand]:
        return rows.filter(Q(fee_low=None) | Q(fee_low__lte=value))

    def about(self, rows: models.QuerySet[Demand], name: str, value: str) -> models.QuerySet[Demand]:
        """Every word of `value`, or one that means the same, stands in the demand or the enterprise's name."""
        words = suggest.words_in_force()
        for word in value.split():
            codes = words.group_of.get(fold(word), ())
            same = {word, *(other for code in codes for other in words.groups[code].words)}
            stands = Q()
            for one in same:
                stands |= Q(title__icontains=one) | Q(content__icontains=one) | Q(enterprise__name__icontains=one)
            rows = rows.filter(stands)
        return rows


class DemandFilter(Filters):
    """By state, enterprise, category."""

    state = django_filters.MultipleChoiceFilter(choices=DemandState.choices)
    category = Coded(known=category_codes, method="of_category", help_text="服务类别代码，见年度通知")

    class Meta:
        model = Demand
        fields = ["state", "enterprise", "category"]

    def of_category(self, rows: models.QuerySet[Demand], name: str, value: str) -> models.QuerySet[Demand]:
        return rows.filter(categories__contains=[value])


class ResponseFilter(Filters):
    """By state, demand, provider."""

    state = django_filters.MultipleChoiceFilter(choices=ResponseState.choices)

    class Meta:
        model = Response
        fields = ["state", "demand", "provider"]


class SynonymFilter(Filters):
    """By state, code, a word."""

    state = django_filters.MultipleChoiceFilter(choices=SynonymState.choices)
    code = django_filters.CharFilter(max_length=40)
    word = Words(method="having", max_length=30, help_text="词组中的一个词")

    class Meta:
        model = Synonym
        fields = ["state", "code", "word"]

    def having(self, rows: models.QuerySet[Synonym], name: str, value: str) -> models.QuerySet[Synonym]:
        return rows.filter(words__contains=[fold(value)])
