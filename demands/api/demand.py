"""The public board, and a demand's way onto it."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request

from accounts.api import caller
from demands import selectors
from demands import serializers as bodies
from demands.api.common import AN_ID, ID, Rolling
from demands.filters import BoardFilter, DemandFilter
from demands.matching import suggest
from demands.matching.suggest import Suggestion
from demands.models import Demand, Response
from demands.offers import Offer
from demands.services import checking, posting, responding, words
from demands.services.responding import Quote
from engines.evidence import selectors as evidence
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from foundation.api.fields import Versioned
from foundation.api.views import Listed, act, look
from providers import selectors as providers

WISH = {
    "title": "求环境影响评价服务",
    "content": "新建一条年产2万吨的铸造生产线，需编制环境影响报告表并协助报批。",
    "categories": ["innovation"],
    "fee_low": "20000.00",
    "fee_high": "60000.00",
    "starts_on": "2026-04-01",
    "ends_on": "2026-07-31",
    "contact_name": "李四",
    "contact_phone": "0772-0000000",
}


@extend_schema_view(
    list=extend_schema(summary="需求展示列表（公开）"), retrieve=extend_schema(summary="需求展示详情（公开）")
)
class BoardViewSet(Listed):
    """需求展示：任何人可看；服务商在此应答。"""

    lookup_value_regex = ID
    serializer_class = bodies.DemandBoardOut
    filterset_class = BoardFilter
    pagination_class = Rolling

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action in ("list", "retrieve") else [IsAuthenticated()]

    def rows(self) -> models.QuerySet[Demand]:
        return selectors.board()

    @act(
        body=bodies.DemandQuoteIn,
        out=bodies.DemandResponseOut,
        summary="应答需求并报价（服务商）",
        status=201,
        example={
            "price": "48000.00",
            "days": 60,
            "proposal": "现场踏勘、监测、编制报告表并陪同报批。",
            "product": AN_ID,
        },
    )
    def respond(self, request: Request, row: Demand, data: dict[str, Any]) -> Response:
        user = caller(request)
        quote = Quote(data["price"], data["days"], data["proposal"], data.get("product"))
        return responding.respond(by=user, provider_id=providers.own(user).pk, demand_id=row.pk, quote=quote)

    @look(out=bodies.ProposedDemandOut, summary="适合本机构产品的需求（服务商）", detail=False, many=True)
    def suited(self, request: Request) -> list[Suggestion[Demand]]:
        return suggest.demands_for(providers.own(caller(request)).pk)


class DemandViewSet(Listed):
    """需求：企业填报、提交、撤回；促进中心审核、发布、退回、下架。"""

    lookup_value_regex = ID
    serializer_class = bodies.DemandOut
    filterset_class = DemandFilter

    def rows(self) -> models.QuerySet[Demand]:
        return selectors.visible_demands(caller(self.request))

    def whole(self, demand: Demand) -> Demand:
        """The demand as its page shows it, read anew after an act."""
        return self.rows().get(pk=demand.pk)

    @act(
        body=bodies.DemandIn,
        out=bodies.DemandOut,
        summary="填报需求（草稿）",
        detail=False,
        path="",
        status=201,
        example=WISH,
    )
    def create(self, request: Request, data: dict[str, Any]) -> Demand:
        user = caller(request)
        wish = bodies.DemandIn.wish(data)
        return self.whole(posting.create(by=user, enterprise_id=selectors.own_enterprise(user).pk, wish=wish))

    @act(
        body=bodies.DemandEditIn,
        out=bodies.DemandOut,
        summary="修改需求（填报中、退回修改）",
        example={"version": 1, "fee_high": "80000.00"},
    )
    def edit(self, request: Request, row: Demand, data: dict[str, Any]) -> Demand:
        version = data.pop("version")
        return self.whole(posting.edit(by=caller(request), demand_id=row.pk, version=version, changes=data))

    @act(body=Versioned, out=bodies.DemandOut, summary="提交需求（企业）", example={"version": 1})
    def submit(self, request: Request, row: Demand, data: dict[str, Any]) -> Demand:
        return self.whole(posting.submit(by=caller(request), demand_id=row.pk, **data))

    @act(
        body=bodies.DemandReasonIn,
        out=bodies.DemandOut,
        summary="撤回需求（企业）",
        example={"version": 4, "reason": "项目暂缓。"},
    )
    def withdraw(self, request: Request, row: Demand, data: dict[str, Any]) -> Demand:
        return self.whole(posting.withdraw(by=caller(request), demand_id=row.pk, **data))

    @act(
        body=bodies.DemandRemarkIn,
        out=bodies.DemandOut,
        summary="审核需求（促进中心经办）",
        example={"version": 2, "reason": "内容具体，无个人信息。"},
    )
    def check(self, request: Request, row: Demand, data: dict[str, Any]) -> Demand:
        return self.whole(checking.check(by=caller(request), demand_id=row.pk, **data))

    @act(
        body=bodies.DemandRemarkIn,
        out=bodies.DemandOut,
        summary="发布需求（促进中心另一名经办）",
        example={"version": 3},
    )
    def publish(self, request: Request, row: Demand, data: dict[str, Any]) -> Demand:
        return self.whole(checking.publish(by=caller(request), demand_id=row.pk, **data))

    @act(
        body=bodies.DemandReasonIn,
        out=bodies.DemandOut,
        summary="退回修改（促进中心经办）",
        path="return",
        example={"version": 2, "reason": "请写明产线规模。"},
    )
    def send_back(self, request: Request, row: Demand, data: dict[str, Any]) -> Demand:
        return self.whole(checking.send_back(by=caller(request), demand_id=row.pk, **data))

    @act(
        body=bodies.DemandReasonIn,
        out=bodies.DemandOut,
        summary="下架需求（促进中心经办）",
        example={"version": 5, "reason": "内容与事实不符。"},
    )
    def take_down(self, request: Request, row: Demand, data: dict[str, Any]) -> Demand:
        return self.whole(checking.take_down(by=caller(request), demand_id=row.pk, **data))

    @look(out=bodies.ProposedProductOut, summary="适合此需求的在架产品", many=True)
    def suggestions(self, request: Request, row: Demand) -> list[Suggestion[Offer]]:
        found = suggest.products_for(row)
        if not found:
            words.note_missed(row.title)
        return found

    @look(out=TrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def trail(self, request: Request, row: Demand) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)
