"""The versions of products: drafts of the provider, what is in review, and the history."""

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
from providers.filters import VersionFilter
from providers.models import ProductVersion
from providers.services import offers, prechecking
from providers.services.prechecking import Answer
from providers.states import VERSION_EDITABLE


class VersionViewSet(Listed):
    """Every version of one's own products; all for officers. Review is the accreditation's."""

    lookup_value_regex = ID
    serializer_class = bodies.VersionOut
    filterset_class = VersionFilter

    def rows(self) -> models.QuerySet[ProductVersion]:
        return selectors.visible_versions(caller(self.request))

    @act(
        body=bodies.OfferEditIn,
        out=bodies.VersionOut,
        summary="修改产品版本（填报中、退回补正）",
        example={"version": 1, "price": "12000.00"},
    )
    def edit(self, request: Request, row: ProductVersion, data: dict[str, Any]) -> ProductVersion:
        version = data.pop("version")
        return offers.edit(by=caller(request), version_id=row.pk, version=version, changes=data)

    @act(
        body=bodies.ProviderRemarkIn,
        out=bodies.VersionOut,
        summary="撤回产品版本（填报中、退回补正）",
        example={"version": 1, "reason": "改报其他产品。"},
    )
    def withdraw(self, request: Request, row: ProductVersion, data: dict[str, Any]) -> ProductVersion:
        return offers.withdraw(by=caller(request), version_id=row.pk, **data)

    @look(out=bodies.PrecheckOut, summary="预审意见：送审前现算，送审后为送审时的意见；仅供参考，由人决定")
    def precheck(self, request: Request, row: ProductVersion) -> Answer | dict[str, Any]:
        if row.state in VERSION_EDITABLE or not row.precheck:
            return prechecking.ask(row)
        kept: dict[str, Any] = row.precheck
        return kept

    @look(out=bodies.ProviderTrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def evidence(self, request: Request, row: ProductVersion) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)
