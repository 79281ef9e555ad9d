"""申诉 over HTTP; it is filed at the claim."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.request import Request

from accounts.api import caller
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation.api.views import Listed, act, look
from settlement import selectors
from settlement import serializers as s
from settlement.api.common import UUID_PATTERN
from settlement.models import Appeal
from settlement.services import appeals


class AppealViewSet(Listed):
    """申诉：服务商签署人对不予通过提出，由未参与审核的厅职能处室或厅审定人员答复。"""

    serializer_class = s.AppealOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["state", "claim"]

    def rows(self) -> models.QuerySet[Appeal]:
        return selectors.visible_appeals(caller(self.request))

    @act(
        body=s.AppealAnswerIn,
        out=s.AppealOut,
        summary="申诉成立，重新审核（未参与审核的人员）",
        example={"version": 1, "decision": "所附检测报告可以证明成果达标"},
    )
    def uphold(self, request: Request, row: Appeal, data: dict[str, Any]) -> Appeal:
        return appeals.uphold(by=caller(request), appeal_id=row.pk, **data)

    @act(
        body=s.AppealAnswerIn,
        out=s.AppealOut,
        summary="维持不予通过（未参与审核的人员）",
        example={"version": 1, "decision": "所附材料不能证明成果达标"},
    )
    def dismiss(self, request: Request, row: Appeal, data: dict[str, Any]) -> Appeal:
        return appeals.dismiss(by=caller(request), appeal_id=row.pk, **data)

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Appeal) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)
