"""兑付批次 over HTTP."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from accounts.api import caller
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation.api.fields import ErrorBody, ExplanationBody, Versioned
from foundation.api.filters import refuse_unknown
from foundation.api.views import Listed, act, look
from settlement import selectors
from settlement import serializers as s
from settlement.api.common import UUID_PATTERN, attachment
from settlement.models import Batch, BatchExport
from settlement.services import approving, batches, exports, funding, showing
from settlement.states import ExportKind


class BatchViewSet(Listed):
    """兑付批次：方案、审定、公示、标记确认、支付、办结。"""

    serializer_class = s.BatchOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["year", "state", "number"]

    def rows(self) -> models.QuerySet[Batch]:
        """To be read: also what has its notice out. Acts, figures and records: only what the caller has a part in."""
        read = self.action in ("list", "retrieve")
        return (selectors.readable_batches if read else selectors.visible_batches)(caller(self.request))

    def whole(self, batch: Batch) -> Batch:
        """The batch as its page shows it, read anew after an act."""
        return selectors.visible_batches(caller(self.request)).get(pk=batch.pk)

    @act(
        body=s.BatchIn,
        out=s.BatchOut,
        summary="拟定兑付通知，发起批次（促进中心经办）；超出年度批次数的须写明理由",
        detail=False,
        path="",
        status=201,
        example={
            "title": "2026年度第一批服务券兑付通知",
            "intake_from": "2026-04-01",
            "intake_to": "2026-04-30",
        },
    )
    def create(self, request: Request, data: dict[str, Any]) -> Batch:
        return self.whole(batches.open_batch(by=caller(request), **data))

    @act(body=s.SettlementNoteIn, out=s.BatchOut, summary="发布兑付通知（促进中心复核）", example={"version": 1})
    def issue(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(batches.issue(by=caller(request), batch_id=row.pk, **data))

    @act(body=s.SettlementNoteIn, out=s.BatchOut, summary="截止受理", example={"version": 2})
    def close_intake(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(batches.close_intake(by=caller(request), batch_id=row.pk, **data))

    @act(body=s.BatchPlanIn, out=s.BatchOut, summary="拟定结算方案（厅职能处室）", example={"version": 3})
    def plan(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(
            batches.plan(by=caller(request), batch_id=row.pk, version=data["version"], claim_ids=data.get("claims"))
        )

    @act(
        body=s.SettlementNoteIn,
        out=s.BatchOut,
        summary="复核结算方案（促进中心复核或厅职能处室另一人）",
        example={"version": 4, "note": "同意"},
    )
    def review_plan(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(batches.review_plan(by=caller(request), batch_id=row.pk, **data))

    @act(
        body=s.BatchApproveIn,
        out=s.BatchOut,
        summary="审定（厅审定）；服务商年度上限已满的申请转入下一服务年度",
        example={"version": 5, "approval_no": "桂工信签〔2026〕18号"},
    )
    def approve(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(approving.approve(by=caller(request), batch_id=row.pk, **data))

    @act(
        body=s.BatchPublicityIn,
        out=s.BatchOut,
        summary="公示结算名单（厅职能处室）",
        example={
            "version": 6,
            "publicity_from": "2026-06-01",
            "publicity_to": "2026-06-05",
            "reference": "桂工信公示〔2026〕9号",
        },
    )
    def publicise(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(
            showing.publicise(
                by=caller(request),
                batch_id=row.pk,
                version=data["version"],
                first=data["publicity_from"],
                last=data.get("publicity_to"),
                reference=data["reference"],
            )
        )

    @act(body=Versioned, out=s.BatchOut, summary="登记公示期满（厅职能处室）", example={"version": 7})
    def clear(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(showing.clear(by=caller(request), batch_id=row.pk, **data))

    @act(
        body=s.BatchMarkIn,
        out=s.BatchOut,
        summary="标记确认并申请拨款（厅职能处室）",
        example={"version": 8, "request_no": "桂工信函〔2026〕31号"},
    )
    def mark(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(funding.mark(by=caller(request), batch_id=row.pk, **data))

    @act(
        body=s.BatchFundIn,
        out=s.BatchOut,
        summary="确认拨款，按次序转入支付（财政厅）",
        example={"version": 9, "funding_no": "桂财企〔2026〕12号", "amount": "10000.00"},
    )
    def fund(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(funding.fund(by=caller(request), batch_id=row.pk, **data))

    @act(body=s.SettlementNoteIn, out=s.BatchOut, summary="办结批次", example={"version": 12})
    def close(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(batches.close(by=caller(request), batch_id=row.pk, **data))

    @act(
        body=s.SettlementReasonIn,
        out=s.BatchOut,
        summary="撤销批次",
        example={"version": 2, "reason": "本轮没有申请"},
    )
    def cancel(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return self.whole(batches.cancel(by=caller(request), batch_id=row.pk, **data))

    @extend_schema(
        summary="导出拨付清单（电子表格），逐次留痕",
        responses={(200, exports.XLSX_TYPE): OpenApiTypes.BINARY, 403: ErrorBody, 404: ErrorBody, 409: ErrorBody},
    )
    @action(detail=True, methods=["get"], url_path="export/xlsx")
    def export_xlsx(self, request: Request, **kwargs: Any) -> HttpResponse:
        return self._export(request, ExportKind.XLSX, exports.XLSX_TYPE)

    @extend_schema(
        summary="导出拨付清单（打印用PDF），逐次留痕",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, 403: ErrorBody, 404: ErrorBody, 409: ErrorBody},
    )
    @action(detail=True, methods=["get"], url_path="export/pdf")
    def export_pdf(self, request: Request, **kwargs: Any) -> HttpResponse:
        return self._export(request, ExportKind.PDF, "application/pdf")

    def _export(self, request: Request, kind: ExportKind, content_type: str) -> HttpResponse:
        batch: Batch = self.get_object()
        refuse_unknown(request, [])
        content = exports.export(by=caller(request), batch_id=batch.pk, kind=kind)
        return attachment(content, f"{batch.number}-拨付清单.{kind.value}", content_type)

    @look(out=s.ExportOut, summary="导出记录", path="exports", many=True)
    def export_log(self, request: Request, row: Batch) -> models.QuerySet[BatchExport]:
        return selectors.exports_of(caller(request), row)

    @look(out=ExplanationBody, summary="批次金额的依据")
    def explain(self, request: Request, row: Batch) -> dict[str, Any]:
        return selectors.explain_batch(row).as_dict()

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Batch) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)
