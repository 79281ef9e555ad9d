"""Rosters for officers, titles, and the look-ups that anyone may use."""

from __future__ import annotations

from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller
from foundation.api.fields import Choice, CivilDate, ErrorBody, Versioned
from foundation.api.filters import Filters
from foundation.api.idempotency import once
from foundation.api.parsers import Multipart
from foundation.api.views import KEY, REFUSALS, Listed, act
from foundation.errors import TooLarge
from registry import reference, roster_file, selectors, services, uscc
from registry.models import RosterImport, TitleHolding
from registry.states import RosterKind, RosterState, TitleState


class RosterOut(serializers.ModelSerializer[RosterImport]):
    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = RosterImport
        fields = [
            "id", "version", "kind", "kind_label", "state", "state_label", "source_document", "file_name", "file_sm3",
            "as_of", "row_count", "warnings", "created_at", "confirmed_at",
        ]  # fmt: skip


class RosterIn(serializers.Serializer[Any]):
    kind = Choice(choices=RosterKind.choices, help_text="名册的种类")
    file = serializers.FileField(max_length=200, help_text="CSV，UTF-8 或 GBK，不超过5MB、20000行")
    source_document = serializers.CharField(max_length=200, help_text="来源文件名称或文号")
    as_of = CivilDate(help_text="名册截止日期")


class RegistryReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，写入存证")


class TitleOut(serializers.ModelSerializer[TitleHolding]):
    title_name = serializers.SerializerMethodField()
    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = TitleHolding
        fields = [
            "id", "version", "uscc", "title_code", "title_name", "certificate_no", "issued_by", "doc_no", "valid_from",
            "valid_to", "revoked_on", "state", "state_label", "created_at", "verified_at",
        ]  # fmt: skip

    def get_title_name(self, row: TitleHolding) -> str:
        kind = selectors.title_kind(row.title_code)
        return kind.name if kind else row.title_code


class TitleIn(serializers.Serializer[Any]):
    uscc = serializers.CharField(max_length=32, help_text="持有称号的企业的统一社会信用代码，18位")
    title_code = serializers.CharField(max_length=48, help_text="代码见 registry/title-kinds/")
    certificate_no = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default="", help_text="证书编号，没有的留空"
    )
    issued_by = serializers.CharField(max_length=120, help_text="认定部门")
    doc_no = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default="", help_text="认定文件的文号，没有的留空"
    )
    valid_from = CivilDate(help_text="有效期起，YYYY-MM-DD（北京时间），含当日")
    valid_to = CivilDate(
        required=False,
        allow_null=True,
        default=None,
        help_text="有效期止，YYYY-MM-DD（北京时间），含当日；长期有效的留空",
    )


class RosterFilter(Filters):
    kind = filters.ChoiceFilter(choices=RosterKind.choices)
    state = filters.ChoiceFilter(choices=RosterState.choices)

    class Meta:
        model = RosterImport
        fields = ["kind", "state"]


class TitleFilter(Filters):
    uscc = filters.CharFilter(max_length=18)
    title_code = filters.CharFilter(max_length=48)
    state = filters.ChoiceFilter(choices=TitleState.choices)

    class Meta:
        model = TitleHolding
        fields = ["uscc", "title_code", "state"]


class RosterViewSet(Listed):
    """Roster files: 促进中心经办 uploads, another officer confirms."""

    serializer_class = RosterOut
    filterset_class = RosterFilter
    lookup_value_regex = "[0-9a-f-]{36}"

    def get_parsers(self) -> list[Any]:
        """The list takes files; the action is not known yet when the parsers are asked for, the route is."""
        upload = (getattr(self, "action_map", None) or {}).get("post") == "create"
        return [Multipart()] if upload else super().get_parsers()

    def rows(self) -> models.QuerySet[RosterImport]:
        return selectors.visible_rosters(caller(self.request))

    @extend_schema(
        summary="导入名册（促进中心经办）",
        request={"multipart/form-data": RosterIn},
        responses={201: RosterOut, 413: ErrorBody, **REFUSALS},
        parameters=[KEY],
    )
    def create(self, request: Request) -> Response:
        form = RosterIn(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        upload = given["file"]
        if upload.size > roster_file.MAX_BYTES:
            raise TooLarge("ROSTER_TOO_LARGE", "名册文件超过5MB，请拆分。", limit=roster_file.MAX_BYTES)

        def run() -> Response:
            row = services.upload_roster(
                by=caller(request),
                kind=given["kind"],
                raw=upload.read(),
                file_name=upload.name,
                source_document=given["source_document"],
                as_of=given["as_of"],
            )
            return Response(RosterOut(row).data, status=201)

        return once(request, run)

    @act(body=RegistryReasonIn, out=RosterOut, summary="退回名册", example={"version": 1, "reason": "截止日期填写有误"})
    def reject(self, request: Request, row: RosterImport, data: dict[str, Any]) -> RosterImport:
        return services.reject_roster(by=caller(request), roster_id=row.pk, **data)


class TitleViewSet(Listed):
    """Titles: officers see all, an enterprise its own."""

    serializer_class = TitleOut
    filterset_class = TitleFilter
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self) -> models.QuerySet[TitleHolding]:
        return selectors.visible_titles(caller(self.request))

    @act(
        body=TitleIn,
        out=TitleOut,
        summary="登记企业称号（促进中心经办）",
        detail=False,
        path="",
        status=201,
        example={
            "uscc": "91450199MA6K00014C",
            "title_code": "little_giant",
            "certificate_no": "XJR-2025-001",
            "issued_by": "工业和信息化部",
            "valid_from": "2025-07-01",
            "valid_to": "2028-06-30",
        },
    )
    def create(self, request: Request, data: dict[str, Any]) -> TitleHolding:
        return services.record_title(by=caller(request), uscc_code=data.pop("uscc"), **data)

    @act(body=RegistryReasonIn, out=TitleOut, summary="核验不通过", example={"version": 1, "reason": "证书编号查无"})
    def reject(self, request: Request, row: TitleHolding, data: dict[str, Any]) -> TitleHolding:
        return services.reject_title(by=caller(request), title_id=row.pk, **data)


class RegionOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.ChoiceField(choices=[("region", "自治区"), ("city", "设区市"), ("county", "县（市、区）")])
    parent = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # a field of ours, not the base class's


class IndustryOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class TitleKindOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()
    article = serializers.CharField()
    derived = serializers.BooleanField(help_text="由名录推算，不单独登记")


class UsccWarningOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class UsccOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    warnings = UsccWarningOut(many=True)


class RegionsView(APIView):
    """GB/T 2260: 广西 with its cities and counties."""

    permission_classes = [AllowAny]

    @extend_schema(summary="广西行政区划", responses={200: RegionOut(many=True)})
    def get(self, request: Request) -> Response:
        return Response(RegionOut(list(reference.regions().values()), many=True).data)


class IndustriesView(APIView):
    """GB/T 4754-2017 divisions 13-43."""

    permission_classes = [AllowAny]

    @extend_schema(summary="制造业行业大类", responses={200: IndustryOut(many=True)})
    def get(self, request: Request) -> Response:
        return Response(IndustryOut(list(reference.industries().values()), many=True).data)


class TitleKindsView(APIView):
    """The titles that 第十条 grades by."""

    permission_classes = [AllowAny]

    @extend_schema(summary="第十条的称号", responses={200: TitleKindOut(many=True)})
    def get(self, request: Request) -> Response:
        return Response(TitleKindOut(list(reference.title_kinds().values()), many=True).data)


class UsccView(APIView):
    """Is this a valid 统一社会信用代码, and what should a clerk look at?"""

    permission_classes = [AllowAny]

    @extend_schema(summary="校验统一社会信用代码", responses={200: UsccOut, 400: ErrorBody})
    def get(self, request: Request, code: str) -> Response:
        return Response(UsccOut(uscc.check(code)).data)
