"""Settlement over HTTP: one view, one service call."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api import caller
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation.api.fields import ExplanationBody, Versioned
from foundation.api.views import Listed, act, look
from settlement import checklist, gathering, selectors
from settlement import serializers as s
from settlement.models import Batch, Claim, PayoutOrder
from settlement.services import batches, filing, payouts, reviewing

UUID_PATTERN = "[0-9a-f-]{36}"


class ClaimViewSet(Listed):
    """兑付申请：服务商提交，促进中心形式审核、复核，厅职能处室实质审核。"""

    serializer_class = s.ClaimOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = {
        "state": ["exact"],
        "provider": ["exact"],
        "contract": ["exact"],
        "batch": ["exact"],
        "number": ["exact"],
        "cap_year": ["exact"],
        "budget_year": ["exact"],
        "created_at": ["gte", "lt"],
    }

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return s.ClaimRow if self.action == "list" else s.ClaimOut

    def rows(self) -> models.QuerySet[Claim]:
        return selectors.visible_claims(caller(self.request))

    def whole(self, claim: Claim) -> Claim:
        """The claim as its page shows it, read anew after an act."""
        return self.rows().get(pk=claim.pk)

    @act(body=s.ClaimIn, out=s.ClaimOut, summary="发起兑付申请（自动带入材料）", detail=False, path="", status=201)
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
        example={"version": 4, "reduction": "500.00", "reason": "不属于支持范围的部分"},
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
        return self.whole(reviewing.refuse(by=caller(request), claim_id=row.pk, **data))

    @act(body=Versioned, out=s.ClaimOut, summary="确认现用收款账户（服务商签署人）", example={"version": 12})
    def fix_account(self, request: Request, row: Claim, data: dict[str, Any]) -> Claim:
        return self.whole(payouts.fix_account(by=caller(request), claim_id=row.pk, **data))

    @look(out=s.PreflightOut, summary="提交前核对：审核人员的同一份清单")
    def preflight(self, request: Request, row: Claim) -> dict[str, Any]:
        items = gathering.checklist_of(row.contract, row)
        missing = checklist.missing(items)
        return {"ready": not missing, "missing": len(missing), "items": [item.as_dict() for item in items]}

    @look(out=ExplanationBody, summary="核定金额的依据")
    def explain(self, request: Request, row: Claim) -> dict[str, Any]:
        return selectors.explain_claim(row).as_dict()

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Claim) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)


class BatchViewSet(Listed):
    """兑付批次：方案、审定、公示、标记确认、支付、办结。"""

    serializer_class = s.BatchOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["year", "state", "number"]

    def rows(self) -> models.QuerySet[Batch]:
        return selectors.visible_batches(caller(self.request))

    @act(
        body=s.BatchIn,
        out=s.BatchOut,
        summary="发起兑付批次（促进中心经办）",
        detail=False,
        path="",
        status=201,
        example={"title": "2026年度第一批服务券兑付通知"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Batch:
        return batches.open_batch(by=caller(request), title=data["title"])

    @act(body=s.BatchPlanIn, out=s.BatchOut, summary="拟定结算方案（厅职能处室）", example={"version": 1})
    def plan(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return batches.plan(by=caller(request), batch_id=row.pk, version=data["version"], claim_ids=data.get("claims"))

    @act(
        body=s.BatchApproveIn,
        out=s.BatchOut,
        summary="审定（厅审定）",
        example={"version": 2, "approval_no": "桂工信签〔2026〕18号"},
    )
    def approve(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return batches.approve(by=caller(request), batch_id=row.pk, **data)

    @act(
        body=s.BatchPublicityIn,
        out=s.BatchOut,
        summary="登记公示（厅职能处室）",
        example={
            "version": 3,
            "publicity_from": "2026-06-01",
            "publicity_to": "2026-06-05",
            "reference": "桂工信公示〔2026〕9号",
        },
    )
    def publicise(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return batches.publicise(
            by=caller(request),
            batch_id=row.pk,
            version=data["version"],
            first=data["publicity_from"],
            last=data["publicity_to"],
            reference=data["reference"],
        )

    @act(body=s.SettlementNoteIn, out=s.BatchOut, summary="公示无异议（厅职能处室）", example={"version": 4})
    def clear(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return batches.clear(by=caller(request), batch_id=row.pk, **data)

    @act(body=s.SettlementNoteIn, out=s.BatchOut, summary="标记确认并进入支付（厅职能处室）", example={"version": 5})
    def pay(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return batches.pay(by=caller(request), batch_id=row.pk, **data)

    @act(body=s.SettlementNoteIn, out=s.BatchOut, summary="办结批次", example={"version": 8})
    def close(self, request: Request, row: Batch, data: dict[str, Any]) -> Batch:
        return batches.close(by=caller(request), batch_id=row.pk, **data)

    @look(out=ExplanationBody, summary="批次金额的依据")
    def explain(self, request: Request, row: Batch) -> dict[str, Any]:
        return selectors.explain_batch(row).as_dict()

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Batch) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)


class PayoutViewSet(Listed):
    """支付单：制单、复核、发送三人办理，登记国库结果。"""

    serializer_class = s.PayoutOut
    lookup_value_regex = UUID_PATTERN
    filterset_fields = ["state", "claim", "claim__batch", "number"]

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return s.PayoutRow if self.action == "list" else s.PayoutOut

    def rows(self) -> models.QuerySet[PayoutOrder]:
        return selectors.visible_payouts(caller(self.request))

    @act(body=s.PayoutIn, out=s.PayoutOut, summary="制作支付单（促进中心经办）", detail=False, path="", status=201)
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
