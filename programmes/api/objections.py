"""Objections: the filer asks by his receipt, the offices handle them; who filed is never among what is listed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import caller
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from engines.publicity import papers
from engines.publicity import selectors as engine
from engines.publicity import services as filing
from engines.publicity.models import Objection, ObjectionFile
from engines.publicity.states import AskedBy, FilerKind, ObjectionState, Outcome, Unaccepted
from engines.strangers import Filer
from foundation import clock
from foundation.api.fields import Choice, ErrorBody, Versioned
from foundation.api.filters import Filters
from foundation.api.idempotency import once
from foundation.api.parsers import Multipart
from foundation.api.throttling import Stranger
from foundation.api.views import KEY, REFUSALS, Listed, Rows, act, look
from programmes import selectors
from programmes.api.publicities import followed, public
from programmes.services import objections

PRIVATE = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-store"}


class ObjectionFileOut(serializers.ModelSerializer[ObjectionFile]):
    class Meta:
        model = ObjectionFile
        fields = ["id", "name", "content_type", "size", "sm3", "added_at"]


class ObjectionOut(serializers.ModelSerializer[Objection]):
    """The case without its filer."""

    publicity = serializers.UUIDField(source="item.publicity_id", read_only=True)
    publicity_title = serializers.CharField(source="item.publicity.title", read_only=True)
    item_label = serializers.CharField(source="item.label", read_only=True)
    item_state = serializers.CharField(source="item.state", read_only=True)
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    due_on = serializers.SerializerMethodField(help_text="当前环节的办理期限")
    is_late = serializers.SerializerMethodField(help_text="当前环节是否已超期")
    files = ObjectionFileOut(many=True, read_only=True)

    class Meta:
        model = Objection
        fields = [
            "id", "version", "number", "publicity", "publicity_title", "item", "item_label", "item_state", "filer_kind",
            "grounds", "state", "state_label", "due_on", "is_late", "filed_at", "accept_due", "accepted_at",
            "unaccepted", "result_due", "extended_at", "findings", "decided_at", "outcome", "answer", "notified_at",
            "review_until", "review_asked_by", "review_asked_at", "review_grounds", "review_due", "reviewed_at",
            "review_outcome", "review_answer", "files",
        ]  # fmt: skip

    def get_due_on(self, objection: Objection) -> date | None:
        return engine.due_on(objection)

    def get_is_late(self, objection: Objection) -> bool:
        due = engine.due_on(objection)
        return due is not None and due < clock.today()


class StatusOut(serializers.ModelSerializer[Objection]):
    """What the filer himself is told."""

    receipt = serializers.CharField(source="number", read_only=True, help_text="回执号")
    publicity_title = serializers.CharField(source="item.publicity.title", read_only=True)
    item_label = serializers.CharField(source="item.label", read_only=True)
    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Objection
        fields = [
            "receipt", "publicity_title", "item_label", "state", "state_label", "filed_at", "accept_due", "unaccepted",
            "result_due", "outcome", "answer", "review_until", "review_due", "review_outcome", "review_answer",
        ]  # fmt: skip


class ReceiptIn(serializers.Serializer[Any]):
    receipt = serializers.CharField(max_length=32, help_text="提出异议时取得的回执号（receipt）")
    secret = serializers.CharField(max_length=32, help_text="提出异议时取得的查询码（secret）")


class PaperIn(ReceiptIn):
    file = serializers.FileField(max_length=255, help_text="证据材料")


class ReviewAskIn(ReceiptIn):
    grounds = serializers.CharField(max_length=4000, help_text="申请复核的理由")


class TurnDownIn(Versioned):
    why = Choice(choices=Unaccepted.choices, help_text="不予受理的情形")
    answer = serializers.CharField(max_length=2000, help_text="告知异议人的话")


class FindingsIn(Versioned):
    findings = serializers.CharField(max_length=8000, help_text="核查情况")


class ObjectionReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，写入存证")


class OutcomeIn(Versioned):
    outcome = Choice(choices=Outcome.choices, help_text="异议是否成立")
    answer = serializers.CharField(max_length=4000, help_text="告知异议人和被异议单位的话")


class NotifyIn(Versioned):
    how = serializers.CharField(max_length=200, help_text="以何种方式告知")


class ReviewRegisterIn(Versioned):
    asked_by = Choice(choices=AskedBy.choices, help_text="由谁申请复核")
    grounds = serializers.CharField(max_length=4000, help_text="申请复核的理由")


class FilerOut(serializers.Serializer[Any]):
    """Shown once for each record; the answer that is kept for a retry has none of it."""

    number = serializers.CharField(help_text="回执号")
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=FilerKind.choices)
    name = serializers.CharField()
    identity = serializers.CharField(help_text="公民身份号码，或统一社会信用代码")
    phone = serializers.CharField()
    email = serializers.CharField()
    address = serializers.CharField()


class OpenedOut(serializers.ModelSerializer[Objection]):
    class Meta:
        model = Objection
        fields = ["number", "version"]


class ObjectionFilter(Filters):
    state = filters.ChoiceFilter(choices=ObjectionState.choices)
    outcome = filters.ChoiceFilter(choices=Outcome.choices)
    item = filters.UUIDFilter()
    publicity = filters.UUIDFilter(field_name="item__publicity")
    late = filters.BooleanFilter(method="only_late", help_text="true：本环节期限已过；false：其余")

    class Meta:
        model = Objection
        fields = ["state", "outcome", "item", "publicity", "late"]

    def only_late(self, rows: models.QuerySet[Objection], name: str, value: bool) -> models.QuerySet[Objection]:
        found = engine.late(clock.today())
        return rows.filter(found) if value else rows.exclude(found)


class ObjectionViewSet(Listed):
    """公示异议."""

    serializer_class = ObjectionOut
    filterset_class = ObjectionFilter
    lookup_value_regex = "[0-9a-f-]{36}"
    shown: Filer | tuple[ObjectionFile, bytes] | None = None  # what this very request has opened

    def rows(self) -> models.QuerySet[Objection]:
        return selectors.visible_objections(caller(self.request))

    @extend_schema(
        summary="凭回执号和查询码查询异议办理情况（任何人）",
        request=ReceiptIn,
        responses={200: StatusOut, 400: ErrorBody, 404: ErrorBody},
    )
    @followed
    @action(detail=False, methods=["post"])
    def status(self, request: Request) -> Response:
        form = ReceiptIn(data=request.data)
        form.is_valid(raise_exception=True)
        found = filing.by_receipt(**form.validated_data)
        return Response(StatusOut(found).data, headers={"Cache-Control": "private, no-store"})

    @extend_schema(
        summary="凭回执号和查询码补充证据材料（任何人）",
        request={"multipart/form-data": PaperIn},
        responses={201: StatusOut, 413: ErrorBody, **REFUSALS},
        parameters=[KEY],
    )
    @action(
        detail=False,
        methods=["post"],
        authentication_classes=[],
        permission_classes=[AllowAny],
        throttle_classes=[Stranger],
        parser_classes=[Multipart],
    )
    def papers(self, request: Request) -> Response:
        form = PaperIn(data=request.data)
        form.is_valid(raise_exception=True)
        upload = form.validated_data.pop("file")

        def run() -> Response:
            return Response(StatusOut(objections.attach(upload=upload, **form.validated_data)).data, status=201)

        return once(request, run)

    @public
    @act(
        body=ReviewAskIn,
        out=StatusOut,
        summary="凭回执号和查询码申请复核，限一次（任何人）",
        detail=False,
        path="ask-review",
        example={"receipt": "YY-2026-00001", "secret": "0123456789ABCDEFGHJK", "grounds": "答复未回应附件所列事实。"},
    )
    def ask_review(self, request: Request, data: dict[str, Any]) -> Objection:
        return objections.ask_review(**data)

    @act(body=Versioned, out=ObjectionOut, summary="受理异议（促进中心经办）", example={"version": 1})
    def accept(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        return self._seen(objections.accept(by=caller(request), objection_id=row.pk, **data))

    @act(
        body=TurnDownIn,
        out=ObjectionOut,
        summary="不予受理（促进中心经办）",
        example={"version": 1, "why": "out_of_scope", "answer": "所述合同纠纷不属于公示内容，请依法另行解决。"},
    )
    def turn_down(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        return self._seen(objections.turn_down(by=caller(request), objection_id=row.pk, **data))

    @act(body=Versioned, out=ObjectionOut, summary="开始核查（厅职能处室）", example={"version": 2})
    def investigate(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        return self._seen(objections.investigate(by=caller(request), objection_id=row.pk, **data))

    @act(
        body=FindingsIn,
        out=ObjectionOut,
        summary="提交核查情况（厅职能处室）",
        example={"version": 3, "findings": "经调取合同及访谈，上年度服务企业数与申报一致。"},
    )
    def report(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        return self._seen(objections.report(by=caller(request), objection_id=row.pk, **data))

    @act(
        body=ObjectionReasonIn,
        out=ObjectionOut,
        summary="批准延长答复期限，限一次（厅审定）",
        example={"version": 3, "reason": "须向外省调取证据。"},
    )
    def extend(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        return self._seen(objections.extend(by=caller(request), objection_id=row.pk, **data))

    @act(
        body=OutcomeIn,
        out=ObjectionOut,
        summary="作出决定（厅职能处室或厅审定，未参与受理和核查）",
        example={"version": 4, "outcome": "not_upheld", "answer": "经核查，公示内容属实，异议不成立。"},
    )
    def decide(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        return self._seen(objections.decide(by=caller(request), objection_id=row.pk, **data))

    @act(
        body=NotifyIn,
        out=ObjectionOut,
        summary="登记已告知结果（厅职能处室或促进中心经办）",
        example={"version": 5, "how": "电话告知异议人，书面送达被异议单位。"},
    )
    def notify(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        return self._seen(objections.notify(by=caller(request), objection_id=row.pk, **data))

    @act(
        body=ReviewRegisterIn,
        out=ObjectionOut,
        summary="登记复核申请（促进中心经办）",
        path="register-review",
        example={"version": 6, "asked_by": "party", "grounds": "单位补充了完税证明。"},
    )
    def register_review(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        return self._seen(objections.register_review(by=caller(request), objection_id=row.pk, **data))

    @act(
        body=OutcomeIn,
        out=ObjectionOut,
        summary="作出复核决定（厅职能处室或厅审定，未参与此前各环节）",
        example={"version": 7, "outcome": "not_upheld", "answer": "复核维持原结果。"},
    )
    def conclude(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        return self._seen(objections.conclude(by=caller(request), objection_id=row.pk, **data))

    @extend_schema(responses={200: FilerOut, **REFUSALS})
    @act(
        body=ObjectionReasonIn,
        out=OpenedOut,
        summary="查看异议人身份，每次留痕（厅职能处室、厅审定）",
        example={"version": 3, "reason": "需向异议人核实附件来源。"},
    )
    def identity(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        objection, self.shown = objections.open_identity(by=caller(request), objection_id=row.pk, **data)
        return objection

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **REFUSALS})
    @act(
        body=ObjectionReasonIn,
        out=OpenedOut,
        summary="下载单位的盖章异议函，每次留痕（厅职能处室、厅审定）",
        example={"version": 3, "reason": "核对公章。"},
    )
    def letter(self, request: Request, row: Objection, data: dict[str, Any]) -> Objection:
        self.shown = objections.open_letter(by=caller(request), objection_id=row.pk, **data)
        return row

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What was opened leaves with this answer alone; a retry of the same request is told that it was opened.

        Only with a 200: when the record did not commit, nothing is shown.
        """
        if response.status_code != 200:
            self.shown = None
        if isinstance(self.shown, Filer):
            response.data = {**response.data, **vars(self.shown)}
            response.headers["Cache-Control"] = "private, no-store"
        elif self.shown is not None:
            response = download(*self.shown)
        return super().finalize_response(request, response, *args, **kwargs)

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Objection) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)

    def _seen(self, objection: Objection) -> Objection:
        """As a list shows it, with the papers that may be seen."""
        return self.rows().get(pk=objection.pk)


class ObjectionFileViewSet(Rows):
    """The evidence of an objection; never a letter."""

    serializer_class = ObjectionFileOut
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self) -> models.QuerySet[ObjectionFile]:
        return selectors.visible_papers(caller(self.request))

    @extend_schema(
        summary="下载异议的证据材料",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 404: ErrorBody},
    )
    @action(detail=True, methods=["get"])
    def content(self, request: Request, **kwargs: Any) -> HttpResponse:
        paper: ObjectionFile = self.get_object()
        return download(paper, papers.read(paper))


def download(paper: ObjectionFile, content: bytes) -> HttpResponse:
    """The file as an attachment that no browser runs or keeps."""
    name = f"attachment; filename*=UTF-8''{paper.pk}.{paper.name.rpartition('.')[2]}"
    return HttpResponse(content, content_type=paper.content_type, headers={"Content-Disposition": name, **PRIVATE})
