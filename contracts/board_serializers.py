"""What the boards give: contracts that stand still, providers in figures."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contracts import waiting
from contracts.models import Contract
from contracts.serializers import NextStepOut, told_step
from contracts.states import Awaited, Of
from foundation import clock
from foundation.api.fields import Money


class StandingOut(serializers.ModelSerializer[Contract]):
    """A contract that stands still, and why."""

    state_label = serializers.CharField(source="get_state_display")
    enterprise_name = serializers.CharField(source="enterprise.organisation.name")
    provider_name = serializers.CharField(source="provider.organisation.name")
    city = serializers.CharField(source="enterprise.organisation.city")
    step = serializers.SerializerMethodField()
    reminded = serializers.IntegerField(help_text="已提醒次数")
    held = Money(help_text="占用的服务券资金，元")

    class Meta:
        model = Contract
        fields = [
            "id", "number", "state", "state_label", "enterprise_id", "enterprise_name", "city", "provider_id",
            "provider_name", "step", "reminded", "held",
        ]  # fmt: skip

    @extend_schema_field(NextStepOut)
    def get_step(self, contract: Contract) -> dict[str, Any] | None:
        return told_step(waiting.step_of(contract, clock.today()))


class StandingSumOut(serializers.Serializer[Any]):
    """One reason, with the contracts it holds up."""

    awaited = serializers.ChoiceField(choices=Awaited.choices)
    label = serializers.CharField()  # type: ignore[assignment]  # a field that happens to be called label
    of = serializers.ChoiceField(choices=Of.choices)
    contracts = serializers.IntegerField(help_text="合同份数")
    held = Money(help_text="占用的服务券资金，元")
    longest_days = serializers.IntegerField(help_text="最长已等天数")


class ExplainedOut(serializers.Serializer[Any]):
    rule = serializers.CharField()
    article = serializers.CharField()
    notice = serializers.CharField()
    formulas = serializers.DictField(child=serializers.CharField(), help_text="每个数怎样得出")


class PerformanceRow(serializers.Serializer[Any]):
    """A provider in figures."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    uscc = serializers.CharField()
    effective = serializers.IntegerField(help_text="生效合同")
    running = serializers.IntegerField(help_text="履行中")
    confirmed = serializers.IntegerField(help_text="已确认（含已兑付）")
    settled = serializers.IntegerField(help_text="已兑付")
    failed = serializers.IntegerField(help_text="生效后终止、作废")
    cancelled = serializers.IntegerField(help_text="生效前取消")
    completion_rate = serializers.DecimalField(
        max_digits=5, decimal_places=4, allow_null=True, help_text="完成率，0至1；尚无已确认或未履约合同时为空"
    )
    on_time_rate = serializers.DecimalField(
        max_digits=5, decimal_places=4, allow_null=True, help_text="按期交付率，0至1；尚无已确认合同时为空"
    )
    median_days = serializers.DecimalField(
        max_digits=6, decimal_places=1, allow_null=True, help_text="办理天数中位数（生效至确认）"
    )
    agreed_days = serializers.DecimalField(
        max_digits=6, decimal_places=1, allow_null=True, help_text="约定服务天数中位数"
    )
    rectifications = serializers.IntegerField(help_text="整改次数")
    rated = serializers.IntegerField(help_text="评价份数")
    rating = serializers.DecimalField(
        max_digits=4, decimal_places=2, allow_null=True, help_text="评分的平均数，分；份数不足的为空"
    )
    rating_label = serializers.CharField(help_text="总评；份数不足时为“评价不足”")
    ratings = serializers.DictField(
        child=serializers.DecimalField(max_digits=4, decimal_places=2, allow_null=True), help_text="各项评分的平均数"
    )
    complaints = serializers.IntegerField(help_text="查实的投诉件数；按年查询时为该年决定的")


class PerformanceOut(PerformanceRow):
    """A provider in figures, with the formula of each."""

    year = serializers.IntegerField(allow_null=True, help_text="额度年度；空为各年合计")
    explain = ExplainedOut()
