"""关联交易核准 over HTTP: one view, one service call."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.request import Request

from accounts.api import caller
from contracts import permit_serializers as s
from contracts import selectors
from contracts.api.contract import AN_ID, UUID_PATTERN
from contracts.filters import PermitFilter
from contracts.models import RelatedPermit
from contracts.services import permits
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation.api.views import Listed, act, look


class RelatedPermitViewSet(Listed):
    """关联交易核准：处室提出，厅审定核准、不予核准或撤销；双方可看本单位的。"""

    serializer_class = s.PermitOut
    lookup_value_regex = UUID_PATTERN
    filterset_class = PermitFilter

    def rows(self) -> models.QuerySet[RelatedPermit]:
        return selectors.visible_permits(caller(self.request))

    @act(
        body=s.PermitIn,
        out=s.PermitOut,
        summary="提出关联交易核准（厅职能处室）",
        detail=False,
        path="",
        status=201,
        example={
            "enterprise": AN_ID,
            "provider": AN_ID,
            "reason": "同类诊断服务另有三家报价，该服务商报价低于均价，且熟悉企业产线。",
            "reference": "桂工信规划函〔2026〕15号",
        },
    )
    def create(self, request: Request, data: dict[str, Any]) -> RelatedPermit:
        pair = {f"{name}_id": data.pop(name) for name in ("enterprise", "provider", "file")}
        return permits.propose(by=caller(request), **pair, **data)

    @act(
        body=s.PermitGrantIn,
        out=s.PermitOut,
        summary="核准（厅审定）",
        example={"version": 1, "decision_no": "桂工信审〔2026〕8号", "opinion": "价格公允，同意。"},
    )
    def grant(self, request: Request, row: RelatedPermit, data: dict[str, Any]) -> RelatedPermit:
        return permits.grant(by=caller(request), permit_id=row.pk, **data)

    @act(
        body=s.PermitDeclineIn,
        out=s.PermitOut,
        summary="不予核准（厅审定）",
        example={
            "version": 1,
            "decision_no": "桂工信审〔2026〕9号",
            "opinion": "报价高于同类服务均价，且另有服务商可选。",
        },
    )
    def decline(self, request: Request, row: RelatedPermit, data: dict[str, Any]) -> RelatedPermit:
        return permits.decline(by=caller(request), permit_id=row.pk, **data)

    @act(
        body=s.PermitRevokeIn,
        out=s.PermitOut,
        summary="撤销核准（厅审定），未签署的合同不能再签署",
        example={"version": 2, "revocation_no": "桂工信审〔2026〕21号", "reason": "经核查，比价材料不实。"},
    )
    def revoke(self, request: Request, row: RelatedPermit, data: dict[str, Any]) -> RelatedPermit:
        return permits.revoke(by=caller(request), permit_id=row.pk, **data)

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: RelatedPermit) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)
