"""公示: everybody reads lists and objects without an account; the 处室 closes and withdraws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import caller
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from engines.publicity import kinds
from engines.publicity import services as engine
from engines.publicity.models import Publicity, PublicityItem
from engines.publicity.services import Receipt
from engines.publicity.states import FilerKind, FileRole, ItemState, PublicityState
from foundation.api.fields import Choice, Phone, Versioned
from foundation.api.filters import Coded, Filters, Words
from foundation.api.pagination import Keyset
from foundation.api.parsers import Multipart, StrictJSONParser
from foundation.api.throttling import Follower, Stranger
from foundation.api.views import Listed, act, look
from foundation.errors import Invalid, not_allowed
from programmes import policies, selectors
from programmes.services import objections, publicities


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """The act is anybody's, and nobody's: who is signed in is not asked, so that it is kept nowhere."""
    kept: Any = view
    kept.kwargs |= {"authentication_classes": [], "permission_classes": [AllowAny], "throttle_classes": [Stranger]}
    return view


def followed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Who holds the receipt asks how his matter stands: as `public`, with a limit of its own."""
    kept: Any = public(view)
    kept.kwargs["throttle_classes"] = [Follower]
    return view


def with_files(view: Callable[..., Any]) -> Callable[..., Any]:
    """JSON, or multipart with one file."""
    kept: Any = view
    kept.kwargs["parser_classes"] = [StrictJSONParser, Multipart]
    return view


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Not with what stands beside it for everybody."""
    kept: Any = view
    kept.kwargs["permission_classes"] = [IsAuthenticated]
    return view


class ContactOut(serializers.Serializer[Any]):
    office = serializers.CharField()
    address = serializers.CharField()
    phone = serializers.CharField()
    mailbox = serializers.CharField()


class PublicityOut(serializers.ModelSerializer[Publicity]):
    """A list; who opened and closed it stands in the evidence, not here."""

    kind_label = serializers.SerializerMethodField()
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    contact = ContactOut(help_text="受理异议的办公室")
    restarted_as = serializers.SerializerMethodField(help_text="撤回后重新公示的名单")

    class Meta:
        model = Publicity
        fields = [
            "id", "version", "kind", "kind_label", "title", "reference", "basis", "state", "state_label", "first",
            "last", "days", "counts_first_day", "calendars", "clocks", "contact", "digest", "item_count", "restarts",
            "restarted_as", "closed_at", "withdrawn_at", "withdrawn_reason",
        ]  # fmt: skip

    def get_kind_label(self, publicity: Publicity) -> str:
        return kinds.known().get(publicity.kind, publicity.kind)

    def get_restarted_as(self, publicity: Publicity) -> str | None:
        later: Publicity | None = getattr(publicity, "restarted_as", None)
        return str(later.pk) if later is not None else None


class PublicityItemOut(serializers.ModelSerializer[PublicityItem]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    body = serializers.DictField(child=serializers.CharField(), help_text="公示内容")

    class Meta:
        model = PublicityItem
        fields = ["id", "publicity", "position", "label", "body", "hash", "state", "state_label"]


class PublicityWithdrawIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="公开显示")


class ObjectionIn(serializers.Serializer[Any]):
    item = serializers.UUIDField(help_text="公示事项的编号")
    filer_kind = Choice(choices=FilerKind.choices, help_text="以单位名义还是个人名义提出")
    name = serializers.CharField(max_length=120, help_text="姓名，或单位全称")
    identity_number = serializers.CharField(max_length=18, help_text="公民身份号码，或统一社会信用代码")
    phone = Phone(help_text="联系电话，半角数字，5至32位；加密保存")
    email = serializers.EmailField(
        max_length=120, required=False, allow_blank=True, default="", help_text="电子邮箱，可不填；加密保存"
    )
    address = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="通讯地址，可不填；加密保存"
    )
    grounds = serializers.CharField(
        max_length=4000,
        help_text="事实和理由；经办人员可见，请勿在此写明自己的身份（姓名平台无法识别，请自行核对），身份另行密封保存；含电话、证件号码等的不予接收",
    )


OBJECTION = {
    "item": "0198c0de-0000-7000-8000-000000000000",
    "filer_kind": "person",
    "name": "张三",
    "identity_number": "459900198501010037",
    "phone": "10012345678",
    "grounds": "该单位上年度服务的企业数与公示内容不符，详见附件。",
}


class ObjectionForm(ObjectionIn):
    """The same as multipart; one file a request."""

    letter = serializers.FileField(required=False, help_text="盖章的异议函，单位必附")
    evidence = serializers.FileField(required=False, help_text="证据材料，其余随后补充")


OBJECTION_OF_UNIT = {
    **OBJECTION,
    "filer_kind": "unit",
    "name": "南宁某某技术有限公司",
    "identity_number": "91450199MA6K00014C",
    "letter": "（文件：盖章的异议函，PDF或图片）",
}


class ReceiptOut(serializers.Serializer[Any]):
    """The secret is put in as the answer leaves, so that it is kept nowhere."""

    receipt = serializers.CharField(source="objection.number", help_text="回执号，查询、补充材料和申请复核时填写")
    secret = serializers.SerializerMethodField(help_text="查询码，与回执号一并填写；请妥善保存，平台不另行提供")
    accept_due = serializers.DateField(source="objection.accept_due", help_text="受理期限")

    def get_secret(self, receipt: Receipt) -> str:
        return ""


class PublicityFilter(Filters):
    kind = Coded(known=kinds.known)
    state = filters.ChoiceFilter(choices=PublicityState.choices)
    title = Words(lookup_expr="icontains")

    class Meta:
        model = Publicity
        fields = ["kind", "state", "title"]


class PublicityItemFilter(Filters):
    publicity = filters.UUIDFilter()
    state = filters.ChoiceFilter(choices=ItemState.choices)
    label = Words(lookup_expr="icontains")

    class Meta:
        model = PublicityItem
        fields = ["publicity", "state", "label"]


class InOrder(Keyset):
    """As the list was put up: its first item first."""

    ordering = "pk"


class PublicityViewSet(Listed):
    """公示名单."""

    permission_classes = [IsAuthenticatedOrReadOnly]
    serializer_class = PublicityOut
    filterset_class = PublicityFilter
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self) -> models.QuerySet[Publicity]:
        return selectors.visible_publicities(self.request.user).select_related("restarted_as")

    @act(body=Versioned, out=PublicityOut, summary="登记公示期满（厅职能处室）", example={"version": 1})
    def close(self, request: Request, row: Publicity, data: dict[str, Any]) -> Publicity:
        return publicities.close_period(by=caller(request), publicity_id=row.pk, **data)

    @act(
        body=PublicityWithdrawIn,
        out=PublicityOut,
        summary="撤回公示名单，重新公示须满全部期限（厅职能处室）",
        example={"version": 1, "reason": "名单有误，更正后重新公示。"},
    )
    def withdraw(self, request: Request, row: Publicity, data: dict[str, Any]) -> Publicity:
        return publicities.withdraw(by=caller(request), publicity_id=row.pk, **data)

    @extend_schema(
        request={"application/json": ObjectionIn, "multipart/form-data": ObjectionForm},
        examples=[
            OpenApiExample("示例", value=OBJECTION, request_only=True),
            OpenApiExample(
                "单位提出，附异议函", value=OBJECTION_OF_UNIT, request_only=True, media_type="multipart/form-data"
            ),
        ],
    )
    @public
    @with_files
    @act(
        body=ObjectionIn,
        out=ReceiptOut,
        summary="对公示事项提出异议（任何人，须实名）",
        path="objections",
        status=201,
        example=OBJECTION,
    )
    def objections(self, request: Request, row: Publicity, data: dict[str, Any]) -> Receipt:
        kind = data.pop("filer_kind")
        return objections.file_objection(
            publicity_id=row.pk, item_id=data.pop("item"), kind=kind, uploads=uploads(request), **data
        )

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Response:
        """The receipt leaves with its secret, also when the answer is given again."""
        if getattr(self, "action", None) == "objections" and response.status_code == 201:
            response.data["secret"] = engine.secret_of(response.data["receipt"])
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        return answer

    @signed_in
    @look(out=TrailOut, summary="存证记录（机关）", many=True)
    def trail(self, request: Request, row: Publicity) -> models.QuerySet[EvidenceRecord]:
        if not policies.may_see_publicity_trail(caller(request)):
            raise not_allowed("查看公示的存证记录")
        return of_subject(row)


class PublicityItemViewSet(Listed):
    """What stands on the lists: `?publicity=` names one, `?label=` searches."""

    permission_classes = [IsAuthenticatedOrReadOnly]
    pagination_class = InOrder
    serializer_class = PublicityItemOut
    filterset_class = PublicityItemFilter
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self) -> models.QuerySet[PublicityItem]:
        return selectors.visible_items(self.request.user)


def uploads(request: Request) -> dict[FileRole, Any]:
    """The request's file by its role. Raises FILE_FIELD_UNKNOWN."""
    unknown = sorted(set(request.FILES) - {"letter", "evidence"})
    if unknown:
        raise Invalid("FILE_FIELD_UNKNOWN", "文件字段只能是 letter（盖章异议函）或 evidence（证据材料）。")
    return {FileRole(name): request.FILES[name] for name in request.FILES}
