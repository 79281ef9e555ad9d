"""Complaints, credit records and commitments over HTTP: one view, one service call."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller
from credit import commitments, filters, selectors
from credit import serializers as s
from credit.models import Commitment, Complaint, CreditRecord
from credit.services import commitment, complaints, records
from credit.services import public as strangers
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from engines.strangers import Filer
from foundation.api.fields import ErrorBody
from foundation.api.views import REFUSALS, Listed, act, look
from foundation.errors import not_found
from programmes.api.publicities import followed, public

UUID_PATTERN = "[0-9a-f-]{36}"
PUBLIC_COMPLAINT = {
    "filer_kind": "person",
    "name": "张三",
    "identity_number": "459900198501010037",
    "phone": "10012345678",
    "uscc": "91450199MA6K00014C",
    "facts": "2026年4月8日培训约定的讲师未到场，由他人代替。",
}


class ComplaintViewSet(Listed):
    """投诉：企业、服务商提出，促进中心受理、核查，厅职能处室决定。"""

    serializer_class = s.ComplaintOut
    filterset_class = filters.ComplaintFilter
    lookup_value_regex = UUID_PATTERN
    shown: Filer | None = None  # whom this very request has opened

    def rows(self) -> models.QuerySet[Complaint]:
        return selectors.visible_complaints(caller(self.request))

    @act(
        body=s.ComplaintIn,
        out=s.ComplaintOut,
        summary="提出投诉（企业或服务商）",
        detail=False,
        path="",
        status=201,
        example={"uscc": "91450199MA6K00014C", "contract_number": "FWQ-2026-000001", "facts": "约定人员未到场。"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Complaint:
        return complaints.file(by=caller(request), file_ids=data.pop("files"), **data)

    @public
    @act(
        body=s.PublicComplaintIn,
        out=s.ComplaintReceiptOut,
        summary="公众投诉（任何人，须实名，无需登录）",
        detail=False,
        path="public",
        status=201,
        example=PUBLIC_COMPLAINT,
    )
    def file_publicly(self, request: Request, data: dict[str, Any]) -> Complaint:
        who = {name: data.pop(name) for name in ("name", "phone", "email", "address")}
        filer = Filer(kind=data.pop("filer_kind"), identity=data.pop("identity_number"), **who)
        return strangers.file(filer=filer, **data)

    @extend_schema(
        summary="凭回执号和查询码查询投诉办理情况（任何人）",
        request=s.ComplaintReceiptIn,
        responses={200: s.ComplaintStatusOut, 400: ErrorBody, 404: ErrorBody},
    )
    @followed
    @action(detail=False, methods=["post"])
    def status(self, request: Request) -> Response:
        form = s.ComplaintReceiptIn(data=request.data)
        form.is_valid(raise_exception=True)
        found = strangers.by_receipt(**form.validated_data)
        return Response(s.ComplaintStatusOut(found).data, headers={"Cache-Control": "private, no-store"})

    @extend_schema(responses={200: s.ComplaintFilerOut, **REFUSALS})
    @act(
        body=s.ComplaintOpenIn,
        out=s.ComplaintOpenedOut,
        summary="查看公众投诉人身份，每次留痕（促进中心复核、厅职能处室、厅审定）",
        example={"version": 2, "reason": "须向投诉人核实时间和经过。"},
    )
    def identity(self, request: Request, row: Complaint, data: dict[str, Any]) -> Complaint:
        complaint, self.shown = strangers.open_identity(by=caller(request), complaint_id=row.pk, **data)
        return complaint

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The receipt leaves with its secret, also when the answer is given again; who was opened with this answer alone.

        Only with a success: when the record did not commit, nothing is shown.
        """
        if self.action == "file_publicly" and response.status_code == 201:
            response.data["secret"] = strangers.secret_of(response.data["receipt"])
        if self.shown is not None and response.status_code == 200:
            response.data = {**response.data, **vars(self.shown)}
            response.headers["Cache-Control"] = "private, no-store"
        return super().finalize_response(request, response, *args, **kwargs)

    @act(
        body=s.ComplaintAcceptIn,
        out=s.ComplaintOut,
        summary="受理，可改写被投诉单位看到的文字（促进中心经办）",
        example={"version": 1, "told": "2026年4月8日培训，约定的讲师未到场，由他人代替。"},
    )
    def accept(self, request: Request, row: Complaint, data: dict[str, Any]) -> Complaint:
        return complaints.accept(by=caller(request), complaint_id=row.pk, **data)

    @act(
        body=s.ComplaintRefuseIn,
        out=s.ComplaintOut,
        summary="不予受理（促进中心经办）",
        example={"version": 1, "code": "no_facts", "text": "未说明时间和事项"},
    )
    def refuse(self, request: Request, row: Complaint, data: dict[str, Any]) -> Complaint:
        return complaints.refuse(by=caller(request), complaint_id=row.pk, **data)

    @act(
        body=s.CreditReasonIn,
        out=s.ComplaintOut,
        summary="撤回（投诉单位）",
        example={"version": 1, "reason": "已协商解决"},
    )
    def withdraw(self, request: Request, row: Complaint, data: dict[str, Any]) -> Complaint:
        return complaints.withdraw(by=caller(request), complaint_id=row.pk, **data)

    @act(
        body=s.ComplaintFindingsIn,
        out=s.ComplaintOut,
        summary="核查（促进中心复核）",
        example={"version": 2, "findings": "双方陈述一致，约定人员确未到场。"},
    )
    def investigate(self, request: Request, row: Complaint, data: dict[str, Any]) -> Complaint:
        return complaints.investigate(by=caller(request), complaint_id=row.pk, **data)

    @act(
        body=s.ComplaintExtendIn,
        out=s.ComplaintOut,
        summary="延长答复期限（厅审定）",
        example={"version": 2, "until": "2026-06-30", "reason": "须第三方鉴定"},
    )
    def extend(self, request: Request, row: Complaint, data: dict[str, Any]) -> Complaint:
        return complaints.extend(by=caller(request), complaint_id=row.pk, **data)

    @act(
        body=s.ComplaintUpholdIn,
        out=s.ComplaintOut,
        summary="认定属实（厅职能处室）",
        example={"version": 3, "result": "责令整改", "has_large_effect": False},
    )
    def uphold(self, request: Request, row: Complaint, data: dict[str, Any]) -> Complaint:
        return complaints.uphold(by=caller(request), complaint_id=row.pk, **data)

    @act(
        body=s.ComplaintDismissIn,
        out=s.ComplaintOut,
        summary="认定不属实（厅职能处室）",
        example={"version": 3, "result": "经核查，人员均已到场"},
    )
    def dismiss(self, request: Request, row: Complaint, data: dict[str, Any]) -> Complaint:
        return complaints.dismiss(by=caller(request), complaint_id=row.pk, **data)

    @look(out=TrailOut, summary="存证记录（管理部门和投诉单位）", many=True)
    def trail(self, request: Request, row: Complaint) -> models.QuerySet[EvidenceRecord]:
        if not selectors.knows_filer(caller(request), row):
            raise not_found("投诉")
        return of_subject(row)


class CreditRecordViewSet(Listed):
    """信用记录：提出、复核、决定三人办理；生效期间限制新业务；可申请修复。"""

    serializer_class = s.CreditRecordOut
    filterset_class = filters.RecordFilter
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> models.QuerySet[CreditRecord]:
        return selectors.visible_records(caller(self.request))

    @act(
        body=s.CreditRecordIn,
        out=s.CreditRecordOut,
        summary="提出信用记录（促进中心经办）",
        detail=False,
        path="",
        status=201,
        example={"uscc": "91450199MA6K00014C", "ground": "subcontracted", "facts": "现场核查发现整体转包"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> CreditRecord:
        file_ids, complaint_id = data.pop("files"), data.pop("complaint")
        return records.propose(by=caller(request), file_ids=file_ids, complaint_id=complaint_id, **data)

    @act(body=s.CreditNoteIn, out=s.CreditRecordOut, summary="复核（促进中心复核）", example={"version": 1})
    def review(self, request: Request, row: CreditRecord, data: dict[str, Any]) -> CreditRecord:
        return records.review(by=caller(request), record_id=row.pk, **data)

    @act(
        body=s.CreditReasonIn,
        out=s.CreditRecordOut,
        summary="不予记录（当前环节）",
        example={"version": 1, "reason": "证据不足"},
    )
    def decline(self, request: Request, row: CreditRecord, data: dict[str, Any]) -> CreditRecord:
        return records.decline(by=caller(request), record_id=row.pk, **data)

    @act(
        body=s.CreditDecisionIn,
        out=s.CreditRecordOut,
        summary="决定并生效（厅职能处室）",
        example={"version": 2, "decision_no": "桂工信信用〔2026〕3号", "since": "2026-05-06", "until": "2028-05-05"},
    )
    def decide(self, request: Request, row: CreditRecord, data: dict[str, Any]) -> CreditRecord:
        return records.decide(by=caller(request), record_id=row.pk, **data)

    @act(
        body=s.CreditRepairIn,
        out=s.CreditRecordOut,
        summary="申请信用修复（本单位授权签署人）",
        example={"version": 3, "text": "已退回补贴并完成整改"},
    )
    def ask_repair(self, request: Request, row: CreditRecord, data: dict[str, Any]) -> CreditRecord:
        return records.ask_repair(by=caller(request), record_id=row.pk, **data)

    @act(
        body=s.CreditReasonIn,
        out=s.CreditRecordOut,
        summary="不予修复（厅职能处室）",
        example={"version": 4, "reason": "补贴尚未退回"},
    )
    def refuse_repair(self, request: Request, row: CreditRecord, data: dict[str, Any]) -> CreditRecord:
        return records.refuse_repair(by=caller(request), record_id=row.pk, **data)

    @act(
        body=s.CreditReasonIn,
        out=s.CreditRecordOut,
        summary="准予修复（厅职能处室）",
        example={"version": 4, "reason": "整改到位"},
    )
    def repair(self, request: Request, row: CreditRecord, data: dict[str, Any]) -> CreditRecord:
        return records.repair(by=caller(request), record_id=row.pk, **data)

    @act(
        body=s.CreditReasonIn,
        out=s.CreditRecordOut,
        summary="撤销记录（厅职能处室，非原决定人）",
        example={"version": 3, "reason": "事实认定有误"},
    )
    def correct(self, request: Request, row: CreditRecord, data: dict[str, Any]) -> CreditRecord:
        return records.correct(by=caller(request), record_id=row.pk, **data)

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: CreditRecord) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)


class CommitmentViewSet(Listed):
    """信用承诺：授权签署人签署现行承诺书；提交注册或申请时一并签署。"""

    serializer_class = s.CommitmentOut
    filterset_class = filters.CommitmentFilter
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> models.QuerySet[Commitment]:
        return selectors.visible_commitments(caller(self.request))

    @act(out=s.CommitmentOut, summary="签署现行信用承诺书", detail=False, path="", status=201)
    def create(self, request: Request, data: dict[str, Any]) -> Commitment:
        return commitment.commit(by=caller(request))


class CommitmentWords(APIView):
    """The words of the 信用承诺书 now in use, for anybody."""

    permission_classes = [AllowAny]

    @extend_schema(summary="现行信用承诺书", responses=s.CommitmentWordsOut(many=True))
    def get(self, request: Request) -> Response:
        words = [commitments.current(kind) for kind, _ in s.PARTY_KINDS]
        return Response(s.CommitmentWordsOut(words, many=True).data)
