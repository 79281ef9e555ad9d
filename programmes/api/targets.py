"""绩效目标 of a year over HTTP: officers read, the 处室 drafts, 厅审定 confirms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api import caller
from foundation.api.fields import Positive, Versioned, Whole
from foundation.api.filters import Filters
from foundation.api.views import Listed, act
from programmes import selectors, services
from programmes.api.budget import FIRST_YEAR, LAST_YEAR
from programmes.models import TargetSet
from programmes.states import TargetState
from programmes.targets import MEASURES, Indicator

OTHER = ("year", "doc_no")


NO_MONEY = {
    "not_text": '数值须为字符串，例如 "95.00"。',
    "shape": "数值须为不超过2位小数的非负数，例如 95.00。",
    "min_value": "数值须大于0。",
}


def _figure(indicator: Indicator) -> Positive:
    measure = MEASURES[indicator]
    said = {} if measure.unit == "元" else NO_MONEY
    return Positive(
        required=False, allow_null=True, help_text=f"{measure.unit}；{measure.counted}", error_messages=said
    )


class TargetsIn(serializers.Serializer[Any]):
    """At least one target; what is left out is not measured against one."""

    year = Whole(min_value=FIRST_YEAR, max_value=LAST_YEAR, help_text="年度，四位数字")
    doc_no = serializers.CharField(max_length=80, help_text="下达或批复绩效目标的文号")
    enterprises = Whole(
        required=False, allow_null=True, min_value=1, max_value=10**6, help_text=MEASURES[Indicator.ENTERPRISES].counted
    )
    contracts = Whole(
        required=False, allow_null=True, min_value=1, max_value=10**6, help_text=MEASURES[Indicator.CONTRACTS].counted
    )
    vouchers = _figure(Indicator.VOUCHERS)
    paid = _figure(Indicator.PAID)
    execution = _figure(Indicator.EXECUTION)
    completion = _figure(Indicator.COMPLETION)
    on_time = _figure(Indicator.ON_TIME)
    rating = _figure(Indicator.RATING)

    @staticmethod
    def targets(data: dict[str, Any]) -> dict[str, Decimal]:
        """The targets of the validated body."""
        return {code: Decimal(value) for code, value in data.items() if code not in OTHER and value is not None}


class TargetsConfirmIn(Versioned):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="审定意见，可不填，写入存证"
    )


class TargetsReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="退回的理由，写入存证")


class TargetsOut(serializers.ModelSerializer[TargetSet]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    targets = serializers.DictField(child=serializers.CharField(), help_text="指标代码和目标值，文本")

    class Meta:
        model = TargetSet
        fields = ["id", "version", "year", "doc_no", "targets", "state", "state_label", "created_at", "confirmed_at"]


class TargetsFilter(Filters):
    year = filters.NumberFilter()
    state = filters.ChoiceFilter(choices=TargetState.choices)

    class Meta:
        model = TargetSet
        fields = ["year", "state"]


class TargetsViewSet(Listed):
    """绩效目标：厅职能处室起草，厅审定审定，后一份替代前一份。"""

    serializer_class = TargetsOut
    filterset_class = TargetsFilter
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self) -> models.QuerySet[TargetSet]:
        return selectors.visible_targets(caller(self.request))

    @act(
        body=TargetsIn,
        out=TargetsOut,
        summary="起草绩效目标（厅职能处室）",
        detail=False,
        path="",
        status=201,
        example={"year": 2026, "doc_no": "桂工信〔2026〕示例8号", "contracts": 300, "execution": "95.00"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> TargetSet:
        targets = TargetsIn.targets(data)
        return services.draft_targets(by=caller(request), year=data["year"], doc_no=data["doc_no"], targets=targets)

    @act(body=TargetsConfirmIn, out=TargetsOut, summary="审定绩效目标（厅审定）", example={"version": 1})
    def confirm(self, request: Request, row: TargetSet, data: dict[str, Any]) -> TargetSet:
        return services.confirm_targets(by=caller(request), targets_id=row.pk, **data)

    @act(
        body=TargetsReasonIn,
        out=TargetsOut,
        summary="退回绩效目标（厅审定）",
        example={"version": 1, "reason": "与批复不符"},
    )
    def reject(self, request: Request, row: TargetSet, data: dict[str, Any]) -> TargetSet:
        return services.reject_targets(by=caller(request), targets_id=row.pk, **data)
