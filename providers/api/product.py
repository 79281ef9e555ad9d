"""The catalogue for everybody, and what becomes of a product on the shelf."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request

from accounts.api import caller
from engines.evidence import selectors as evidence
from engines.evidence.models import EvidenceRecord
from foundation.api.views import Listed, act, look
from providers import selectors
from providers import serializers as bodies
from providers.api.provider import ID
from providers.filters import ProductFilter
from providers.models import Product, ProductVersion
from providers.services import offers, shelf
from providers.services.offers import Offer

OFFER = {
    "name": "数字化转型诊断（离散制造）",
    "category": "diagnosis",
    "sub_type": "digital_diagnosis",
    "aim": "查明生产、质量、设备环节的数字化短板，给出分步改造方案。",
    "functions": "现场调研、数据采集、短板分析、改造方案与投入测算。",
    "deliverables": ["诊断报告", "改造路线图"],
    "indicators": [{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场记录与报告核对"}],
    "min_days": 10,
    "max_days": 45,
    "price": "12500.00",
    "price_unit": "项",
    "price_proof": "近两年同类合同12份，均价12,600元。",
    "market_prices": [{"source": "2025年区内同类诊断合同", "price": "12600.00"}],
    "team": "咨询顾问6名，其中高级工程师2名。",
    "cases": "2025年完成离散制造企业诊断12家。",
}
PUBLIC = ("list", "retrieve", "prices")
DOSSIER = ("evidence", "new_version")


class ProductViewSet(Listed):
    """On shelf and of a listed provider: public. Everything else: the provider itself and officers."""

    lookup_value_regex = ID
    serializer_class = bodies.ProductOut
    filterset_class = ProductFilter

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action in PUBLIC else [IsAuthenticated()]

    def rows(self) -> models.QuerySet[Product]:
        if self.action in DOSSIER:
            return selectors.visible_dossiers(caller(self.request))
        return selectors.visible_products(self.request.user)

    @act(
        body=bodies.OfferIn,
        out=bodies.VersionOut,
        summary="申报产品：建立产品及其第一版（草稿）",
        detail=False,
        path="",
        status=201,
        example=OFFER,
    )
    def create(self, request: Request, data: dict[str, Any]) -> ProductVersion:
        user = caller(request)
        return offers.create(by=user, provider_id=selectors.own(user).pk, offer=Offer(**data))

    @act(
        body=bodies.NewVersionIn,
        out=bodies.VersionOut,
        summary="申报新版本（草稿）：提价、改内容或下一年度继续；现行版本照常在架",
        path="new-version",
        status=201,
        example={"version": 2, "price": "15000.00", "price_proof": "增加现场采集内容，见报价单。"},
    )
    def new_version(self, request: Request, row: Product, data: dict[str, Any]) -> ProductVersion:
        version = data.pop("version")
        return offers.draft_version(by=caller(request), product_id=row.pk, version=version, changes=data)

    @act(
        body=bodies.LowerPriceIn,
        out=bodies.VersionOut,
        summary="降价，立即生效（服务商签署人）；提价须申报新版本",
        example={"version": 2, "price": "11000.00", "reason": "批量服务成本下降。"},
    )
    def lower_price(self, request: Request, row: Product, data: dict[str, Any]) -> ProductVersion:
        return shelf.lower_price(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ProductOut,
        summary="暂停（厅职能处室）",
        example={"version": 2, "reason": "投诉核查期间暂停。"},
    )
    def suspend(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return shelf.suspend(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ProductOut,
        summary="恢复上架（厅职能处室）",
        example={"version": 3, "reason": "投诉不成立。"},
    )
    def resume(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return shelf.resume(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ProductOut,
        summary="下架（厅职能处室，或服务商签署人）",
        example={"version": 2, "reason": "不再提供。"},
    )
    def take_off(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return shelf.take_off(by=caller(request), product_id=row.pk, **data)

    @look(out=bodies.PriceOut, summary="价格历史：何时起是什么价", many=True)
    def prices(self, request: Request, row: Product) -> models.QuerySet[ProductVersion]:
        return selectors.prices(row)

    @look(out=bodies.ProviderTrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def evidence(self, request: Request, row: Product) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)
