"""支付单 over HTTP."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api import caller
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation.api.views import Listed, act, look
from settlement import selectors
from settlement import serializers as s
from settlement.api.common import UUID_PATTERN
from settlement.models import PayoutOrder
from settlement.services import payouts


class PayoutViewSet(Listed):
    """支付单：制单、复核、发送三人办理，登记国库结果。"""

    serializer_class = s.PayoutOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["state", "claim", "claim__batch", "number"]

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return s.PayoutRow if self.action == "list" else s.PayoutOut

    def rows(self) -> models.QuerySet[PayoutOrder]:
        return selectors.visible_payouts(caller(self.request))

    @act(
        body=s.PayoutIn,
        out=s.PayoutOut,
        summary="制作支付单（促进中心经办）",
        detail=False,
        path="",
        status=201,
        example={"claim": "0198c0de-0000-7000-8000-000000000000"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> PayoutOrder:
        return payouts.create(by=caller(request), claim_id=data["claim"])

    @act(body=s.SettlementNoteIn, out=s.PayoutOut, summary="复核支付单（促进中心复核）", example={"version": 1})
    def check(self, request: Request, row: PayoutOrder, data: dict[str, Any]) -> PayoutOrder:
        return payouts.check(by=caller(request), order_id=row.pk, **data)

    @act(body=s.SettlementNoteIn, out=s.PayoutOut, summary="发送国库（财政厅）", example={"version": 2})
    def send(self, request: Request, row: PayoutOrder, data: dict[str, Any]) -> PayoutOrder:
        return payouts.send(by=caller(request), order_id=row.pk, **data)

    @act(
        body=s.PayoutPaidIn,
        out=s.PayoutOut,
        summary="登记支付成功（财政厅）",
        example={"version": 3, "voucher_no": "GK2026060100001", "paid_on": "2026-06-08"},
    )
    def paid(self, request: Request, row: PayoutOrder, data: dict[str, Any]) -> PayoutOrder:
        return payouts.paid(by=caller(request), order_id=row.pk, **data)

    @act(
        body=s.PayoutReturnedIn,
        out=s.PayoutOut,
        summary="登记支付退回（财政厅）",
        example={"version": 3, "code": "name", "text": "收款人户名括号不符"},
    )
    def returned(self, request: Request, row: PayoutOrder, data: dict[str, Any]) -> PayoutOrder:
        return payouts.returned(by=caller(request), order_id=row.pk, **data)

    @act(
        body=s.SettlementReasonIn,
        out=s.PayoutOut,
        summary="发送前退回重制（当前环节的复核或财政人员）",
        example={"version": 1, "reason": "用途有误"},
    )
    def reject(self, request: Request, row: PayoutOrder, data: dict[str, Any]) -> PayoutOrder:
        return payouts.reject(by=caller(request), order_id=row.pk, **data)

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: PayoutOrder) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)
