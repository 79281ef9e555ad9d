"""The budget: public figures that explain themselves, entries with their documents, pauses of signing."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller
from foundation import clock
from foundation.api.fields import Choice, ErrorBody, ExplanationBody, Positive, Versioned, Whole
from foundation.api.filters import Filters
from foundation.api.views import Listed, act
from programmes import explanations, selectors, services
from programmes.models import Appropriation, Suspension
from programmes.states import AppropriationKind, AppropriationState, SuspensionKind

FIRST_YEAR, LAST_YEAR = 2024, 2099


class SuspensionOut(serializers.ModelSerializer[Suspension]):
    """A pause; who decided it stands in the evidence, not here."""

    kind_label = serializers.CharField(source="get_kind_display", read_only=True)

    class Meta:
        model = Suspension
        fields = ["id", "version", "year", "kind", "kind_label", "reason", "started_at", "ended_at"]


class BudgetOut(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    as_of = serializers.DateTimeField(help_text="数字截止的时刻")
    total = serializers.DecimalField(14, 2, help_text="预算总额")
    committed = serializers.DecimalField(14, 2, help_text="已占用：签约占用和已生效合同")
    approved = serializers.DecimalField(14, 2, help_text="已审定未支付")
    paid = serializers.DecimalField(14, 2, help_text="已支付")
    left = serializers.DecimalField(14, 2, help_text="剩余")
    carried = serializers.DecimalField(14, 2, help_text="已结转下年")
    expired = serializers.DecimalField(14, 2, help_text="已作废")
    suspended = serializers.BooleanField(help_text="是否暂停签约")
    suspension = SuspensionOut(allow_null=True)


class BudgetExplained(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    as_of = serializers.DateTimeField()
    figures = ExplanationBody(many=True)


def _known_year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    return year


class BudgetView(APIView):
    """实时显示用于结算的预算剩余资金（第二十一条）."""

    permission_classes = [AllowAny]

    @extend_schema(summary="年度预算实时数字", responses={200: BudgetOut, 404: ErrorBody})
    def get(self, request: Request, year: int) -> Response:
        as_of, figures = clock.now(), selectors.figures(_known_year(year))
        suspension = selectors.open_suspension(year)
        shown = {**vars(figures), "as_of": as_of, "suspended": suspension is not None, "suspension": suspension}
        return Response(BudgetOut(shown).data)


class BudgetExplainView(APIView):
    """Every figure with rule, article, notice version, inputs and formula."""

    permission_classes = [AllowAny]

    @extend_schema(summary="预算数字的由来", responses={200: BudgetExplained, 404: ErrorBody})
    def get(self, request: Request, year: int) -> Response:
        as_of, figures = clock.now(), selectors.figures(_known_year(year))
        entries = list(Appropriation.objects.filter(year=year).order_by("pk"))
        made = explanations.of_budget(figures, selectors.notice_of_year(year), entries)
        return Response(
            BudgetExplained({"year": year, "as_of": as_of, "figures": [one.as_dict() for one in made]}).data
        )


class AppropriationOut(serializers.ModelSerializer[Appropriation]):
    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Appropriation
        fields = [
            "id", "version", "year", "kind", "kind_label", "source_doc_no", "amount", "state", "state_label",
            "created_at", "confirmed_at",
        ]  # fmt: skip


class AppropriationIn(serializers.Serializer[Any]):
    year = Whole(min_value=FIRST_YEAR, max_value=LAST_YEAR, help_text="预算年度，四位数字")
    source_doc_no = serializers.CharField(max_length=80, help_text="预算文号")
    amount = Positive(help_text="元；核减也填正数，类别选 reduction")
    kind = Choice(choices=AppropriationKind.choices, default=AppropriationKind.APPROPRIATION, help_text="下达或核减")


class BudgetReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，写入存证")


class AppropriationConfirmIn(Versioned):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="确认意见，可不填，写入存证"
    )


class SuspensionIn(serializers.Serializer[Any]):
    year = Whole(min_value=FIRST_YEAR, max_value=LAST_YEAR, help_text="暂停签约的预算年度，四位数字")
    reason = serializers.CharField(max_length=500, help_text="公开显示")


class AppropriationFilter(Filters):
    year = filters.NumberFilter()
    state = filters.ChoiceFilter(choices=AppropriationState.choices)

    class Meta:
        model = Appropriation
        fields = ["year", "state"]


class SuspensionFilter(Filters):
    year = filters.NumberFilter()
    kind = filters.ChoiceFilter(choices=SuspensionKind.choices)
    open = filters.BooleanFilter(
        field_name="ended_at", lookup_expr="isnull", help_text="true：仍在暂停；false：已恢复签约"
    )

    class Meta:
        model = Suspension
        fields = ["year", "kind"]


class AppropriationViewSet(Listed):
    """预算登记: the 处室 records, 财政厅 confirms."""

    serializer_class = AppropriationOut
    filterset_class = AppropriationFilter
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self) -> models.QuerySet[Appropriation]:
        return selectors.visible_appropriations(caller(self.request))

    @act(
        body=AppropriationIn,
        out=AppropriationOut,
        summary="登记预算（厅职能处室）",
        detail=False,
        path="",
        status=201,
        example={"year": 2026, "source_doc_no": "桂财工交〔2026〕12号", "amount": "30000000.00"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Appropriation:
        return services.record_appropriation(by=caller(request), **data)

    @act(body=AppropriationConfirmIn, out=AppropriationOut, summary="确认入账（财政厅）", example={"version": 1})
    def confirm(self, request: Request, row: Appropriation, data: dict[str, Any]) -> Appropriation:
        return services.confirm_appropriation(by=caller(request), appropriation_id=row.pk, **data)

    @act(
        body=BudgetReasonIn,
        out=AppropriationOut,
        summary="退回（财政厅）",
        example={"version": 1, "reason": "金额与文件不符"},
    )
    def reject(self, request: Request, row: Appropriation, data: dict[str, Any]) -> Appropriation:
        return services.reject_appropriation(by=caller(request), appropriation_id=row.pk, **data)


class SuspensionViewSet(Listed):
    """暂停签约: everybody may see, the 处室 decides."""

    permission_classes = [IsAuthenticatedOrReadOnly]
    serializer_class = SuspensionOut
    filterset_class = SuspensionFilter
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self) -> models.QuerySet[Suspension]:
        return Suspension.objects.all()

    @act(
        body=SuspensionIn,
        out=SuspensionOut,
        summary="人工暂停签约（厅职能处室）",
        detail=False,
        path="",
        status=201,
        example={"year": 2026, "reason": "年中预算调整期间暂停"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Suspension:
        return services.suspend_manually(by=caller(request), **data)

    @act(
        body=BudgetReasonIn,
        out=SuspensionOut,
        summary="恢复签约（厅职能处室）",
        example={"version": 1, "reason": "预算已追加"},
    )
    def resume(self, request: Request, row: Suspension, data: dict[str, Any]) -> Suspension:
        return services.resume_manually(by=caller(request), suspension_id=row.pk, **data)
