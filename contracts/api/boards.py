"""What stands still, for officers; how each provider fares, for everybody."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from accounts.api import caller
from contracts import board_serializers as s
from contracts import performance, selectors, waiting
from contracts.api.contract import UUID_PATTERN
from contracts.filters import PerformanceFilter, StandingFilter
from contracts.models import Contract
from contracts.states import STANDING
from foundation import clock
from foundation.api.fields import asked_year
from foundation.api.filters import StrictFilters
from foundation.api.views import Rows, look
from providers import selectors as providers
from providers.models import Provider

YEAR = OpenApiParameter("year", OpenApiTypes.INT, description="额度年度；不填为各年合计")
ASKS = [
    OpenApiParameter("reason", OpenApiTypes.STR, enum=sorted(STANDING), description="等待事项"),
    OpenApiParameter("city", OpenApiTypes.STR, description="企业所在设区市代码，例如 450100"),
    OpenApiParameter("provider", OpenApiTypes.UUID, description="服务商编号"),
    OpenApiParameter("days", OpenApiTypes.INT, description="至少已等天数"),
]


@extend_schema_view(list=extend_schema(summary="停滞合同列表（管理部门；市级看本市）"))
class StandingViewSet(mixins.ListModelMixin, Rows):
    """停滞合同：等谁、等什么、等了多久、占用多少资金。"""

    serializer_class = s.StandingOut
    filterset_class = StandingFilter

    def rows(self) -> models.QuerySet[Contract]:
        return selectors.standing(caller(self.request), clock.today())

    @look(out=s.StandingSumOut, summary="停滞合同按等待事项汇总", path="summary", detail=False, many=True, asks=ASKS)
    def summary(self, request: Request) -> list[dict[str, Any]]:
        rows = StrictFilters().filter_queryset(request, self.rows(), self)
        return waiting.sums(rows, clock.today())


@extend_schema_view(list=extend_schema(summary="名单内服务商的合同执行情况列表（公开）"))
class PerformanceViewSet(mixins.ListModelMixin, Rows):
    """名单内各服务商的合同执行情况（公开）。"""

    permission_classes = [AllowAny]
    serializer_class = s.PerformanceRow
    filterset_class = PerformanceFilter

    def rows(self) -> models.QuerySet[Provider]:
        return providers.visible_providers(AnonymousUser())  # the public list, whoever asks

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        """The page's providers, each with its figures, counted for the whole page at once."""
        page = super().paginate_queryset(queryset) or []
        asked = self.request.query_params.get("year")
        figures = performance.performance(page, int(asked) if asked else None)
        return [_told(row, figures[row.pk]) for row in page]


class ProviderPerformanceViewSet(Rows):
    """一家服务商的合同执行情况（公开）。"""

    permission_classes = [AllowAny]
    serializer_class = s.PerformanceOut
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> models.QuerySet[Provider]:
        return providers.visible_providers(self.request.user)

    @look(out=s.PerformanceOut, summary="服务商合同执行情况（公开）", path="performance", asks=[YEAR])
    def performance(self, request: Request, row: Provider) -> dict[str, Any]:
        year = asked_year(request) if "year" in request.query_params else None
        figures = performance.performance([row], year)[row.pk]
        return {**_told(row, figures), "year": year, "explain": performance.explained(year)}


def _told(row: Provider, figures: performance.Performance) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name, "uscc": row.uscc, **asdict(figures)}
