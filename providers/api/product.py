"""The catalogue for everybody, and the way a product gets there."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request

from accounts.api import caller
from engines.evidence import selectors as evidence
from engines.evidence.models import EvidenceRecord
from foundation.api.fields import Versioned
from foundation.api.views import Listed, act, look
from providers import selectors
from providers import serializers as bodies
from providers.api.provider import ID
from providers.filters import ProductFilter
from providers.models import Product
from providers.services import products
from providers.services.products import Offer

OFFER = {
    "name": "数字化转型诊断（离散制造）",
    "category": "diagnosis",
    "sub_type": "数字化转型诊断",
    "aim": "查明生产、质量、设备环节的数字化短板，给出分步改造方案。",
    "deliverables": ["诊断报告", "改造路线图"],
    "indicators": [{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场记录与报告核对"}],
    "min_days": 10,
    "max_days": 45,
    "price": "12500.00",
    "price_proof": "近两年同类合同12份，均价12,600元。",
}


class ProductViewSet(Listed):
    """On shelf and of a listed provider: public. Everything else: the provider itself and officers."""

    lookup_value_regex = ID
    serializer_class = bodies.ProductOut
    filterset_class = ProductFilter

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action in ("list", "retrieve") else [IsAuthenticated()]

    def rows(self) -> models.QuerySet[Product]:
        if self.action == "evidence":
            return selectors.visible_dossiers(caller(self.request))
        return selectors.visible_products(self.request.user)

    @act(
        body=bodies.OfferIn,
        out=bodies.ProductOut,
        summary="申报产品（草稿）",
        detail=False,
        path="",
        status=201,
        example=OFFER,
    )
    def create(self, request: Request, data: dict[str, Any]) -> Product:
        user = caller(request)
        return products.create(by=user, provider_id=selectors.own(user).pk, offer=Offer(**data))

    @act(
        body=bodies.OfferEditIn,
        out=bodies.ProductOut,
        summary="修改产品（填报中、退回补正）",
        example={"version": 1, "price": "12000.00"},
    )
    def edit(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        version = data.pop("version")
        return products.edit(by=caller(request), product_id=row.pk, version=version, changes=data)

    @act(body=Versioned, out=bodies.ProductOut, summary="提交（服务商签署人）", example={"version": 1})
    def submit(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.submit(by=caller(request), product_id=row.pk, version=data["version"])

    @act(
        body=bodies.ProviderRemarkIn, out=bodies.ProductOut, summary="形式审查（促进中心经办）", example={"version": 2}
    )
    def check(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.check(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ProductOut,
        summary="退回补正",
        path="return",
        example={"version": 3, "reason": "验收指标不可量化。"},
    )
    def send_back(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.send_back(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ProductOut,
        summary="不予通过",
        example={"version": 3, "reason": "属常规检验项目，不在使用范围。"},
    )
    def reject(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.reject(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.RecommendIn,
        out=bodies.ProductOut,
        summary="根据专家评审意见推荐（厅职能处室）",
        example={"version": 3, "expert_opinion": "2026年第一批产品专家评审意见"},
    )
    def recommend(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.recommend(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.ApproveIn,
        out=bodies.ProductOut,
        summary="审定（厅审定）",
        example={"version": 4, "approval_no": "桂工信纪要〔2026〕3号"},
    )
    def approve(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.approve(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.PublicityIn,
        out=bodies.ProductOut,
        summary="登记公示（厅职能处室）",
        example={"version": 5, "first": "2026-01-12", "last": "2026-01-16", "reference": "厅网站公示2026-001"},
    )
    def publicise(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.publicise(by=caller(request), product_id=row.pk, **data)

    @act(
        body=Versioned,
        out=bodies.ProductOut,
        summary="公示期满，上架（厅职能处室）",
        example={"version": 6},
    )
    def shelve(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.shelve(by=caller(request), product_id=row.pk, version=data["version"])

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ProductOut,
        summary="暂停（厅职能处室）",
        example={"version": 7, "reason": "投诉核查期间暂停。"},
    )
    def suspend(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.suspend(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ProductOut,
        summary="恢复上架（厅职能处室）",
        example={"version": 8, "reason": "投诉不成立。"},
    )
    def resume(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.resume(by=caller(request), product_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ProductOut,
        summary="下架（厅职能处室，或服务商签署人）",
        example={"version": 7, "reason": "不再提供。"},
    )
    def take_off(self, request: Request, row: Product, data: dict[str, Any]) -> Product:
        return products.take_off(by=caller(request), product_id=row.pk, **data)

    @look(out=bodies.ProviderTrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def evidence(self, request: Request, row: Product) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)
