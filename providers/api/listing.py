"""What becomes of a qualification in its year, and bars for good."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.request import Request

from accounts.api import caller
from engines.evidence import selectors as evidence
from engines.evidence.models import EvidenceRecord
from foundation.api.views import Listed, act, look
from providers import selectors
from providers import serializers as bodies
from providers.api.provider import ID
from providers.filters import ListingFilter
from providers.models import Bar, Listing
from providers.services import standing


class ListingViewSet(Listed):
    """Qualifications of a year: one's own; all for officers. They begin with the accreditation's decision."""

    lookup_value_regex = ID
    serializer_class = bodies.ListingOut
    filterset_class = ListingFilter

    def rows(self) -> models.QuerySet[Listing]:
        return selectors.visible_listings(caller(self.request))

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ListingOut,
        summary="暂停（厅职能处室）",
        example={"version": 1, "reason": "投诉核查期间暂停。"},
    )
    def suspend(self, request: Request, row: Listing, data: dict[str, Any]) -> Listing:
        return standing.suspend(by=caller(request), listing_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ListingOut,
        summary="恢复（厅职能处室）",
        example={"version": 2, "reason": "投诉不成立。"},
    )
    def resume(self, request: Request, row: Listing, data: dict[str, Any]) -> Listing:
        return standing.resume(by=caller(request), listing_id=row.pk, **data)

    @act(
        body=bodies.TerminateIn,
        out=bodies.ListingOut,
        summary="终止服务资格（厅审定，办法第二十七条）",
        example={"version": 1, "decision_no": "桂工信罚〔2026〕2号", "reason": "转包服务合同。"},
    )
    def terminate(self, request: Request, row: Listing, data: dict[str, Any]) -> Listing:
        return standing.terminate(by=caller(request), listing_id=row.pk, **data)

    @look(out=bodies.ProviderTrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def evidence(self, request: Request, row: Listing) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)


class BarViewSet(Listed):
    """Codes barred for false material (第十六条): proposed by 处室, decided by 厅审定."""

    lookup_value_regex = ID
    serializer_class = bodies.BarOut

    def rows(self) -> models.QuerySet[Bar]:
        return selectors.visible_bars(caller(self.request))

    @act(
        body=bodies.BarIn,
        out=bodies.BarOut,
        summary="提出禁止申报（厅职能处室）",
        detail=False,
        path="",
        status=201,
        example={"provider": "0198c0de-0000-7000-8000-000000000000", "grounds": "虚报上年服务企业数。"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Bar:
        return standing.propose_bar(by=caller(request), provider_id=data["provider"], grounds=data["grounds"])

    @act(
        body=bodies.BarDecideIn,
        out=bodies.BarOut,
        summary="决定禁止申报（厅审定）",
        example={"version": 1, "decision_no": "桂工信罚〔2026〕3号"},
    )
    def decide(self, request: Request, row: Bar, data: dict[str, Any]) -> Bar:
        return standing.decide_bar(by=caller(request), bar_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.BarOut,
        summary="不予禁止申报（厅审定）",
        example={"version": 1, "reason": "事实不清。"},
    )
    def decline(self, request: Request, row: Bar, data: dict[str, Any]) -> Bar:
        return standing.decline_bar(by=caller(request), bar_id=row.pk, **data)
