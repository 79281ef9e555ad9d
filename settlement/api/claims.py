"""兑付申请 over HTTP."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from accounts.api import caller
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation.api.fields import ErrorBody, ExplanationBody, Versioned
from foundation.api.filters import refuse_unknown
from foundation.api.views import Listed, act, look
from settlement import checklist, gathering, packs, progress, selectors
from settlement import serializers as s
from settlement.api.common import UUID_PATTERN, attachment
from settlement.filters import ClaimFilter
from settlement.models import Appeal, Claim
from settlement.services import appeals, filing, payouts, refusing, reviewing


class ClaimViewSet(Listed):
    """兑付申请：服务商提交，促进中心形式审核、复核，厅职能处室实质审核。"""

    serializer_class = s.ClaimOut
    lookup_value_regex = UUID_PATTERN
    filterset_class = ClaimFilter

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return s.ClaimRow if self.action == "list" else s.ClaimOut

    def rows(self) -> models.QuerySet[Claim]:
        return selectors.visible_claims(caller(self.request))

    def whole(self, claim: Claim) -> Claim:
        """The claim as its page shows it, read anew after an act."""
        return self.rows().get(pk=claim.pk)

    @act(
        body=s.ClaimIn,
        out=s.ClaimOut,
        summary="发起兑付申请（自动带入材料）",
        detail=False,
        path="",
        status=201,
        example={"contract": "0198c0de-0000-7000-8000-000000000000"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Claim:
        return self.whole(filing.create(by=caller(request), contract_id=data["contract"]))

    @act(body=Versioned, out=s.ClaimOut, summary="签署并提交（服务商签署人）", example={"version": 1})
    def submit(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(filing.submit(by=caller(request), claim_id=row.pk, **data))

    @act(
        body=s.SettlementReasonIn,
        out=s.ClaimOut,
        summary="撤回未受理的申请",
        example={"version": 2, "reason": "材料有误"},
    )
    def withdraw(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(filing.withdraw(by=caller(request), claim_id=row.pk, **data))

    @act(
        body=s.ClaimExtendIn,
        out=s.ClaimOut,
        summary="延长申报期限；已退回的，延长补正期限（厅职能处室）",
        example={"version": 1, "until": "2027-06-30", "reason": "系统升级"},
    )
    def extend(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(filing.extend(by=caller(request), claim_id=row.pk, **data))

    @act(
        body=s.SettlementNoteIn,
        out=s.ClaimOut,
        summary="形式审核通过（促进中心经办）",
        example={"version": 2, "note": "材料齐全"},
    )
    def check(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(reviewing.check(by=caller(request), claim_id=row.pk, **data))

    @act(
        body=s.SettlementNoteIn,
        out=s.ClaimOut,
        summary="复核通过（促进中心复核）",
        example={"version": 3, "note": "同意"},
    )
    def review(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(reviewing.review(by=caller(request), claim_id=row.pk, **data))

    @act(
        body=s.ClaimReturnIn,
        out=s.ClaimOut,
        summary="退回补正（当前审核环节）",
        path="return",
        example={"version": 2, "items": [{"code": "F16", "text": "请补充现场照片"}]},
    )
    def send_back(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        items = [dict(item) for item in data["items"]]
        return self.whole(
            reviewing.send_back(by=caller(request), claim_id=row.pk, version=data["version"], items=items)
        )

    @act(
        body=s.SettlementNoteIn,
        out=s.ClaimOut,
        summary="全额通过（厅职能处室）",
        path="pass",
        example={"version": 4, "note": "同意"},
    )
    def pass_whole(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(reviewing.pass_whole(by=caller(request), claim_id=row.pk, **data))

    @act(
        body=s.ClaimReduceIn,
        out=s.ClaimOut,
        summary="核减通过（厅职能处室）",
        example={"version": 4, "reduction": "500.00", "code": "F09", "reason": "不属于支持范围的部分"},
    )
    def reduce(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(reviewing.reduce(by=caller(request), claim_id=row.pk, **data))

    @act(
        body=s.ClaimRefuseIn,
        out=s.ClaimOut,
        summary="不予通过（厅职能处室；合同已终止、作废的，不论审核到哪一环节）",
        example={"version": 4, "code": "F20", "text": "查实转包"},
    )
    def refuse(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(refusing.refuse(by=caller(request), claim_id=row.pk, **data))

    @act(body=Versioned, out=s.ClaimOut, summary="重新申报（逾期未补正的，服务商）", example={"version": 5})
    def refile(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(filing.refile(by=caller(request), claim_id=row.pk, **data))

    @act(
        body=s.AppealIn,
        out=s.AppealOut,
        summary="对不予通过提出申诉（服务商签署人）",
        status=201,
        example={"version": 6, "grounds": "附第三方检测报告，成果已达到约定指标", "files": []},
    )
    def appeal(self, request: Request, row: Claim, data: dict[str, Any]) -> Appeal:
        return appeals.file(
            by=caller(request),
            claim_id=row.pk,
            version=data["version"],
            grounds=data["grounds"],
            file_ids=data["files"],
        )

    @act(body=Versioned, out=s.ClaimOut, summary="确认现用收款账户（服务商签署人）", example={"version": 12})
    def fix_account(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(payouts.fix_account(by=caller(request), claim_id=row.pk, **data))

    @look(out=s.PreflightOut, summary="提交前核对：审核人员的同一份清单")
    def preflight(self, request: Request, row: Claim) -> dict[str, Any]:
        items = gathering.checklist_of(row.contract, row)
        missing = checklist.missing(items)
        return {"ready": not missing, "missing": len(missing), "items": [item.as_dict() for item in items]}

    @look(out=s.ClockOut, summary="兑付进度：各环节用时、期限、排队位置、预计批次、尚缺什么")
    def clock(self, request: Request, row: Claim) -> dict[str, Any]:
        return progress.clock_of(row).as_dict()

    @look(out=s.QueueOut, summary="排队情况：待列入批次、待支付（先后次序）", detail=False)
    def queue(self, request: Request) -> dict[str, Any]:
        return progress.queue_for(self.rows())

    @look(out=s.PackOut, summary="结算材料清单（平台自动生成，含各文件SM3）")
    def pack(self, request: Request, row: Claim) -> dict[str, Any]:
        return packs.listing(row)

    @extend_schema(summary="结算材料（PDF）", responses={(200, "application/pdf"): OpenApiTypes.BINARY, 404: ErrorBody})
    @action(detail=True, methods=["get"], url_path="pack/pdf")
    def pack_pdf(self, request: Request, **kwargs: Any) -> HttpResponse:
        claim: Claim = self.get_object()
        refuse_unknown(request, [])
        return attachment(packs.pdf(claim), f"{claim.number}-结算材料.pdf", "application/pdf")

    @look(out=ExplanationBody, summary="核定金额的依据")
    def explain(self, request: Request, row: Claim) -> dict[str, Any]:
        return selectors.explain_claim(row).as_dict()

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Claim) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)
