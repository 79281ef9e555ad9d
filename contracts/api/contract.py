"""The contract over HTTP: one view, one service call."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api import caller
from contracts import selectors
from contracts import serializers as s
from contracts.filters import ContractFilter
from contracts.models import Contract, EvidenceQuery, Invoice, Supplement, Termination
from contracts.services import changes, drafting, endings, invoices, performance, queries, signing
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation.api.fields import ExplanationBody, Versioned
from foundation.api.views import Listed, act, look

AN_ID = "0198c0de-0000-7000-8000-000000000000"
UUID_PATTERN = "[0-9a-f-]{36}"
WHOLE = (
    "milestones__evidence__file",
    "milestones__evidence__queries",
    "signatures__signer",
    "payments__payer",
    "payments__payee",
    "payments__contract",
)
TERMS = {
    "amount": "12500.00",
    "voucher": "10000.00",
    "start_date": "2026-03-01",
    "end_date": "2026-06-30",
    "milestones": [{"title": "提交诊断报告", "due_date": "2026-06-15", "evidence_kinds": ["report", "photo"]}],
}


class ContractViewSet(Listed):
    """合同：起草、同意、签署、履行、验收、确认。"""

    serializer_class = s.ContractOut
    lookup_value_regex = UUID_PATTERN
    filterset_class = ContractFilter

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return s.ContractRow if self.action == "list" else s.ContractOut

    def rows(self) -> models.QuerySet[Contract]:
        rows = selectors.visible_to(caller(self.request))
        return rows.prefetch_related(*WHOLE) if self.action == "retrieve" else rows

    def whole(self, contract: Contract) -> Contract:
        """The contract as its page shows it, read anew after an act."""
        return self.rows().prefetch_related(*WHOLE).get(pk=contract.pk)

    @act(
        body=s.DraftIn,
        out=s.ContractOut,
        summary="起草合同",
        detail=False,
        path="",
        status=201,
        example={"enterprise": AN_ID, "product": AN_ID, **TERMS},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Contract:
        terms = s.TermsIn().terms(data)
        return self.whole(
            drafting.draft(
                by=caller(request),
                enterprise_id=data["enterprise"],
                product_id=data["product"],
                demand_id=data.get("demand"),
                terms=terms,
            )
        )

    @act(body=s.ReviseIn, out=s.ContractOut, summary="修改草稿（双方须重新同意）", example={"version": 1, **TERMS})
    def revise(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        terms = s.TermsIn().terms(data)
        return self.whole(drafting.revise(by=caller(request), contract_id=row.pk, version=data["version"], terms=terms))

    @act(body=Versioned, out=s.ContractOut, summary="同意草稿", example={"version": 1})
    def agree(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(drafting.agree(by=caller(request), contract_id=row.pk, **data))

    @act(body=s.ReasonIn, out=s.ContractOut, summary="撤回草稿", example={"version": 2, "reason": "需求已变化"})
    def withdraw(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(drafting.withdraw(by=caller(request), contract_id=row.pk, **data))

    @act(body=Versioned, out=s.ContractOut, summary="发起签署并锁定资金", example={"version": 3})
    def start_signing(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(signing.start_signing(by=caller(request), contract_id=row.pk, **data))

    @act(body=s.SignIn, out=s.ContractOut, summary="签署", example={"version": 4})
    def sign(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(signing.sign(by=caller(request), contract_id=row.pk, **data))

    @act(
        body=s.ReasonIn, out=s.ContractOut, summary="拒签或解除未生效合同", example={"version": 4, "reason": "条款有误"}
    )
    def refuse(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(signing.refuse(by=caller(request), contract_id=row.pk, **data))

    @act(
        body=s.EvidenceIn,
        out=s.ContractOut,
        summary="提交关键环节佐证材料",
        path="evidence",
        example={
            "version": 7,
            "milestone": 1,
            "files": [AN_ID],
            "kind": "photo",
            "taken_at": "2026-03-10T10:00:00+08:00",
            "note": "现场照片",
        },
    )
    def add_evidence(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        file_ids = data.pop("files")
        return self.whole(performance.add_evidence(by=caller(request), contract_id=row.pk, file_ids=file_ids, **data))

    @act(
        body=s.QueryIn,
        out=s.QueryOut,
        summary="质询佐证材料（企业或厅职能处室）",
        path="evidence-queries",
        status=201,
        example={"version": 8, "evidence": AN_ID, "reason": "照片看不清设备铭牌，请补充。"},
    )
    def query_evidence(self, request: Request, row: Contract, data: dict[str, Any]) -> EvidenceQuery:
        evidence_id = data.pop("evidence")
        return queries.ask(by=caller(request), contract_id=row.pk, evidence_id=evidence_id, **data)

    @act(
        body=s.InvoiceIn,
        out=s.InvoiceOut,
        summary="登记发票（服务商）",
        path="invoices",
        status=201,
        example={
            "version": 7,
            "number": "26452000000000000001",
            "issued_on": "2026-03-05",
            "amount": "12500.00",
            "file": AN_ID,
        },
    )
    def register_invoice(self, request: Request, row: Contract, data: dict[str, Any]) -> Invoice:
        file_id = data.pop("file")
        return invoices.register(by=caller(request), contract_id=row.pk, file_id=file_id, **data)

    @act(
        body=s.DeliverIn,
        out=s.ContractOut,
        summary="提交交付",
        example={
            "version": 8,
            "note": "诊断报告已提交",
            "indicators": [{"seq": 1, "reached": "已覆盖12道工序，见诊断报告第二章"}],
        },
    )
    def deliver(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(performance.deliver(by=caller(request), contract_id=row.pk, **data))

    @act(body=s.AcceptIn, out=s.ContractOut, summary="验收通过", example={"version": 9})
    def accept(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(performance.accept(by=caller(request), contract_id=row.pk, **data))

    @act(
        body=s.ReasonIn,
        out=s.ContractOut,
        summary="验收不通过，退回整改",
        example={"version": 9, "reason": "指标未达到"},
    )
    def reject(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(performance.reject(by=caller(request), contract_id=row.pk, **data))

    @act(
        body=s.ConfirmationIn,
        out=s.ContractOut,
        summary="服务商签署服务确认书",
        example={"version": 12, "content": "已完成诊断"},
    )
    def sign_confirmation(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(performance.sign_confirmation(by=caller(request), contract_id=row.pk, **data))

    @act(
        body=s.CountersignIn,
        out=s.ContractOut,
        summary="企业评价并签署服务确认书",
        example={
            "version": 13,
            "ratings": {"quality": 5, "competence": 5, "timeliness": 4, "communication": 5, "value": 4},
            "comment": "满意",
        },
    )
    def countersign_confirmation(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        ratings = dict(data.pop("ratings"))
        return self.whole(
            performance.countersign_confirmation(by=caller(request), contract_id=row.pk, ratings=ratings, **data)
        )

    @act(
        body=s.SupplementIn,
        out=s.SupplementOut,
        summary="提出补充协议",
        status=201,
        example={
            "version": 7,
            "amount": "12000.00",
            "voucher": "9000.00",
            "end_date": "2026-08-31",
            "reason": "减少一条产线，顺延两个月。",
        },
    )
    def supplements(self, request: Request, row: Contract, data: dict[str, Any]) -> Supplement:
        return changes.propose(by=caller(request), contract_id=row.pk, **data)

    @act(
        body=s.FaultIn,
        out=s.TerminationOut,
        summary="申请终止合同",
        status=201,
        example={"version": 7, "fault": "none", "reason": "企业停产，双方同意不再履行。"},
    )
    def terminations(self, request: Request, row: Contract, data: dict[str, Any]) -> Termination:
        return endings.request_termination(by=caller(request), contract_id=row.pk, **data)

    @act(
        body=s.ReasonIn,
        out=s.ContractOut,
        summary="提出争议",
        example={"version": 8, "reason": "对交付内容是否符合约定有分歧。"},
    )
    def dispute(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(endings.open_dispute(by=caller(request), contract_id=row.pk, **data))

    @act(
        body=s.ReasonIn,
        out=s.ContractOut,
        summary="冻结（厅职能处室）",
        example={"version": 8, "reason": "收到举报，核查期间冻结。"},
    )
    def freeze(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(endings.freeze(by=caller(request), contract_id=row.pk, **data))

    @act(
        body=s.ReasonIn,
        out=s.ContractOut,
        summary="恢复争议中或冻结的合同",
        example={"version": 9, "reason": "双方已就整改达成一致。"},
    )
    def resume(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(endings.resume(by=caller(request), contract_id=row.pk, **data))

    @act(
        body=s.ExtendIn,
        out=s.ContractOut,
        summary="逾期合同延期（厅职能处室）",
        example={"version": 8, "end_date": "2026-09-30", "reason": "因汛期停工顺延。"},
    )
    def extend(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(endings.extend(by=caller(request), contract_id=row.pk, **data))

    @act(
        body=s.ReasonIn,
        out=s.ContractOut,
        summary="作废（厅职能处室）",
        example={"version": 8, "reason": "经查实为虚假交易。"},
    )
    def void(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        return self.whole(endings.void(by=caller(request), contract_id=row.pk, **data))

    @look(out=ExplanationBody, summary="服务券上限的依据", path="voucher/explain")
    def explain_voucher(self, request: Request, row: Contract) -> dict[str, Any]:
        return selectors.explain_voucher(row).as_dict()

    @look(out=ExplanationBody, summary="定金与余款的依据", path="shares/explain")
    def explain_shares(self, request: Request, row: Contract) -> dict[str, Any]:
        return selectors.explain_shares(row).as_dict()

    @look(out=TrailOut, summary="存证记录", path="trail", many=True)
    def trail(self, request: Request, row: Contract) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)
