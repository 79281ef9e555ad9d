"""Responses and the talk over them."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.request import Request

from accounts.api import caller
from demands import selectors
from demands import serializers as bodies
from demands.api.common import ID
from demands.filters import ResponseFilter
from demands.models import DemandMessage, Response
from demands.services import responding, talking
from engines.evidence import selectors as evidence
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from foundation.api.fields import Versioned
from foundation.api.views import Listed, NoBody, act, look


class ResponseViewSet(Listed):
    """需求应答：报价只有需求企业、报价服务商和管理部门可见。"""

    lookup_value_regex = ID
    serializer_class = bodies.DemandResponseOut
    filterset_class = ResponseFilter

    def rows(self) -> models.QuerySet[Response]:
        return selectors.visible_responses(caller(self.request))

    def whole(self, response: Response) -> Response:
        """The response as its page shows it, read anew after an act."""
        return self.rows().get(pk=response.pk)

    @act(body=Versioned, out=bodies.DemandResponseOut, summary="列为入围（企业）", example={"version": 1})
    def shortlist(self, request: Request, row: Response, data: dict[str, Any]) -> Response:
        return self.whole(responding.shortlist(by=caller(request), response_id=row.pk, **data))

    @act(body=Versioned, out=bodies.DemandResponseOut, summary="选定此应答（企业）", example={"version": 2})
    def take_up(self, request: Request, row: Response, data: dict[str, Any]) -> Response:
        return self.whole(responding.take_up(by=caller(request), response_id=row.pk, **data))

    @act(
        body=bodies.DemandReasonIn,
        out=bodies.DemandResponseOut,
        summary="不选用此应答（企业）",
        example={"version": 1, "reason": "报价高于预算。"},
    )
    def decline(self, request: Request, row: Response, data: dict[str, Any]) -> Response:
        return self.whole(responding.decline(by=caller(request), response_id=row.pk, **data))

    @act(
        body=bodies.DemandReasonIn,
        out=bodies.DemandResponseOut,
        summary="撤回应答（服务商）",
        example={"version": 1, "reason": "人员已排满。"},
    )
    def withdraw(self, request: Request, row: Response, data: dict[str, Any]) -> Response:
        return self.whole(responding.withdraw(by=caller(request), response_id=row.pk, **data))

    @act(
        body=bodies.DemandTalkIn,
        out=bodies.DemandTalkOut,
        summary="发送消息（需求企业或该服务商）",
        status=201,
        example={"text": "请问现场共有几条产线？"},
    )
    def say(self, request: Request, row: Response, data: dict[str, Any]) -> DemandMessage:
        return talking.say(by=caller(request), response_id=row.pk, text=data["text"], file_ids=data["files"])

    @act(body=NoBody, out=bodies.DemandResponseOut, summary="对方消息标为已读")
    def read(self, request: Request, row: Response, data: dict[str, Any]) -> Response:
        return self.whole(talking.read(by=caller(request), response_id=row.pk))

    @look(out=bodies.DemandTalkOut, summary="对接消息，先后顺序", many=True)
    def messages(self, request: Request, row: Response) -> models.QuerySet[DemandMessage]:
        return selectors.messages(row)

    @look(out=TrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def trail(self, request: Request, row: Response) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)
