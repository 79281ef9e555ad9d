"""What hangs on a contract, over HTTP: payments, invoices, supplements, terminations, queries on its evidence."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.request import Request

from accounts.api import caller
from contracts import selectors
from contracts import serializers as s
from contracts.api.contract import AN_ID, UUID_PATTERN
from contracts.models import EvidenceQuery, Invoice, PaymentOrder, Supplement, Termination
from contracts.services import changes, endings, invoices, payments, queries
from foundation.api.fields import Versioned
from foundation.api.views import Listed, act


class PaymentViewSet(Listed):
    """付款订单：付款方登记，收款方核对。"""

    serializer_class = s.PaymentOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["state", "kind", "contract"]

    def rows(self) -> models.QuerySet[PaymentOrder]:
        return selectors.visible_payments(caller(self.request))

    @act(
        body=s.PaymentReportIn,
        out=s.PaymentOut,
        summary="登记付款",
        example={
            "version": 1,
            "bank_serial": "2026030100012345",
            "paid_at": "2026-03-01T10:00:00+08:00",
            "receipt": AN_ID,
        },
    )
    def report(self, request: Request, row: PaymentOrder, data: dict[str, Any]) -> PaymentOrder:
        receipt_id = data.pop("receipt")
        return payments.report(by=caller(request), order_id=row.pk, receipt_id=receipt_id, **data)

    @act(body=Versioned, out=s.PaymentOut, summary="核对到账", example={"version": 2})
    def confirm(self, request: Request, row: PaymentOrder, data: dict[str, Any]) -> PaymentOrder:
        return payments.confirm(by=caller(request), order_id=row.pk, **data)

    @act(
        body=s.ReasonIn,
        out=s.PaymentOut,
        summary="标记核对不符",
        example={"version": 2, "reason": "账户未收到该笔款项。"},
    )
    def dispute(self, request: Request, row: PaymentOrder, data: dict[str, Any]) -> PaymentOrder:
        return payments.dispute(by=caller(request), order_id=row.pk, **data)


class InvoiceViewSet(Listed):
    """发票：服务商登记、作废；登记见 contracts/{id}/invoices/。"""

    serializer_class = s.InvoiceOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["state", "contract", "number"]

    def rows(self) -> models.QuerySet[Invoice]:
        return selectors.visible_invoices(caller(self.request))

    @act(
        body=s.InvoiceWithdrawIn,
        out=s.InvoiceOut,
        summary="作废或红冲发票（服务商）",
        example={"version": 1, "how": "reversed", "reason": "购买方名称有误，已开具红字发票。"},
    )
    def withdraw(self, request: Request, row: Invoice, data: dict[str, Any]) -> Invoice:
        return invoices.withdraw(by=caller(request), invoice_id=row.pk, **data)


class SupplementViewSet(Listed):
    """补充协议。"""

    serializer_class = s.SupplementOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["state", "contract"]

    def rows(self) -> models.QuerySet[Supplement]:
        return selectors.visible_supplements(caller(self.request))

    @act(body=Versioned, out=s.SupplementOut, summary="签署补充协议", example={"version": 1})
    def assent(self, request: Request, row: Supplement, data: dict[str, Any]) -> Supplement:
        return changes.assent(by=caller(request), supplement_id=row.pk, **data)

    @act(
        body=s.ReasonIn,
        out=s.SupplementOut,
        summary="不同意补充协议",
        example={"version": 1, "reason": "金额须再商议。"},
    )
    def refuse(self, request: Request, row: Supplement, data: dict[str, Any]) -> Supplement:
        return changes.refuse(by=caller(request), supplement_id=row.pk, **data)

    @act(
        body=s.ReasonIn,
        out=s.SupplementOut,
        summary="撤回补充协议",
        example={"version": 1, "reason": "改为另行签订合同。"},
    )
    def withdraw(self, request: Request, row: Supplement, data: dict[str, Any]) -> Supplement:
        return changes.withdraw(by=caller(request), supplement_id=row.pk, **data)


class TerminationViewSet(Listed):
    """终止申请：经办核对，复核决定。"""

    serializer_class = s.TerminationOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["state", "contract"]

    def rows(self) -> models.QuerySet[Termination]:
        return selectors.visible_terminations(caller(self.request))

    @act(
        body=s.FaultIn,
        out=s.TerminationOut,
        summary="核对终止申请（促进中心经办）",
        example={"version": 1, "fault": "none", "reason": "已向双方核实。"},
    )
    def check(self, request: Request, row: Termination, data: dict[str, Any]) -> Termination:
        return endings.check_termination(by=caller(request), termination_id=row.pk, **data)

    @act(
        body=s.ReasonIn,
        out=s.TerminationOut,
        summary="复核并终止（促进中心复核）",
        example={"version": 2, "reason": "情况属实，同意终止。"},
    )
    def decide(self, request: Request, row: Termination, data: dict[str, Any]) -> Termination:
        return endings.decide_termination(by=caller(request), termination_id=row.pk, **data)

    @act(
        body=s.ReasonIn,
        out=s.TerminationOut,
        summary="不予终止",
        example={"version": 2, "reason": "另一方不同意且无违约事实。"},
    )
    def refuse(self, request: Request, row: Termination, data: dict[str, Any]) -> Termination:
        return endings.refuse_termination(by=caller(request), termination_id=row.pk, **data)


class EvidenceQueryViewSet(Listed):
    """佐证质询：服务商补充，质询方认定不予采信或撤回。"""

    serializer_class = s.QueryOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["state", "contract"]

    def rows(self) -> models.QuerySet[EvidenceQuery]:
        return selectors.visible_queries(caller(self.request))

    @act(
        body=s.QuerySupplementIn,
        out=s.QueryOut,
        summary="补充佐证材料（服务商）",
        example={"version": 1, "files": [AN_ID], "kind": "photo", "note": "重新拍摄的设备铭牌"},
    )
    def supplement(self, request: Request, row: EvidenceQuery, data: dict[str, Any]) -> EvidenceQuery:
        file_ids = data.pop("files")
        return queries.supplement(by=caller(request), query_id=row.pk, file_ids=file_ids, **data)

    @act(
        body=s.ReasonIn,
        out=s.QueryOut,
        summary="认定材料不予采信（质询方）",
        example={"version": 1, "reason": "照片拍摄的不是本项目设备。"},
    )
    def reject(self, request: Request, row: EvidenceQuery, data: dict[str, Any]) -> EvidenceQuery:
        return queries.reject(by=caller(request), query_id=row.pk, **data)

    @act(
        body=s.ReasonIn,
        out=s.QueryOut,
        summary="撤回质询（质询方）",
        example={"version": 1, "reason": "经现场核对，材料属实。"},
    )
    def withdraw(self, request: Request, row: EvidenceQuery, data: dict[str, Any]) -> EvidenceQuery:
        return queries.withdraw(by=caller(request), query_id=row.pk, **data)
