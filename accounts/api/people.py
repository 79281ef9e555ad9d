"""Sign-in, tokens, people, files and the audit log."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.db import models
from django.http import FileResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts import selectors, services
from accounts.api.caller import caller
from accounts.api.letters import LetterIn, LetterOut
from accounts.models import AuthorisationLetter, Organisation, User
from accounts.services import contact, letters, password
from accounts.states import Role
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.files import services as files
from engines.files.models import StoredFile
from foundation.api.fields import Choice, ErrorBody, Shaped
from foundation.api.filters import Filters
from foundation.api.idempotency import once
from foundation.api.parsers import Multipart
from foundation.api.throttling import Guesser
from foundation.api.views import KEY, REFUSALS, Listed, Rows, act
from foundation.errors import Invalid


class Mailbox(serializers.EmailField):
    """An address in ASCII: what every mail server takes."""

    default_error_messages = {"ascii": "邮箱须为半角字符，例如 lisi@example.com。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = str(super().to_internal_value(data))
        if not value.isascii():
            self.fail("ascii")
        return value


class Credentials(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=64, help_text="登录用的用户名")
    password = serializers.CharField(max_length=128, trim_whitespace=False, help_text="密码")


class UserOut(serializers.ModelSerializer[User]):
    roles = serializers.SerializerMethodField()
    organisation = serializers.CharField(source="organisation.name")
    organisation_kind = serializers.CharField(source="organisation.kind")
    email = serializers.SerializerMethodField(help_text="邮箱，只显示首字符和域名")
    email_verified = serializers.SerializerMethodField(help_text="邮箱已验证，通知会发到该邮箱")

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "name",
            "organisation_id",
            "organisation",
            "organisation_kind",
            "roles",
            "is_active",
            "email",
            "email_verified",
        ]

    def get_roles(self, user: User) -> list[str]:
        return sorted(m.role for m in user.memberships.all() if m.ended_at is None)

    def get_email(self, user: User) -> str:
        return contact.masked_email(user.email)

    def get_email_verified(self, user: User) -> bool:
        return user.email_verified_at is not None


class TokenOut(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class OrganisationOut(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ["id", "kind", "name", "uscc", "city", "version"]


class PersonIn(serializers.Serializer[Any]):
    username = Shaped(
        r"^[\w.@+-]{3,64}$",
        says="用户名须为3至64个字母、数字、汉字或 . @ + - _，不含空格。",
        help_text="登录用的用户名，全平台不重复",
    )
    password = serializers.CharField(
        max_length=128, trim_whitespace=False, help_text="初始密码，至少10位，不能是常见密码"
    )
    name = serializers.CharField(max_length=64, help_text="姓名")
    identity_number = serializers.CharField(max_length=18, help_text="18位公民身份号码；只保存摘要，一人一个账号")
    roles = serializers.ListField(
        child=Choice(choices=Role.choices),
        max_length=4,
        default=list,
        help_text="授予的角色，可多项；只能授予本组织可有的",
    )


COLLEAGUE = {
    "username": "wangliu",
    "password": "Choose-your-own-3",
    "name": "王六",
    "identity_number": "459900198501010037",
    "roles": ["EO"],
}


class RoleIn(serializers.Serializer[Any]):
    role = Choice(choices=Role.choices, help_text="授予的角色")


class RoleEndIn(RoleIn):
    reason = serializers.CharField(max_length=500, help_text="收回角色的理由")


class EmailIn(serializers.Serializer[Any]):
    email = Mailbox(allow_blank=True, help_text="接收通知的邮箱；留空表示取消")


class EmailTokenIn(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=600, help_text="验证邮件中的验证码，24小时内有效")


class PasswordIn(serializers.Serializer[Any]):
    current_password = serializers.CharField(max_length=128, trim_whitespace=False, help_text="原密码")
    password = serializers.CharField(
        max_length=128, trim_whitespace=False, help_text="新密码，至少10位，不能是常见密码，不能与用户名、姓名相近"
    )


class AccountSwitchIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, help_text="停用或启用账号的理由")


class FileOut(serializers.ModelSerializer[StoredFile]):
    class Meta:
        model = StoredFile
        fields = ["id", "name", "content_type", "size", "sm3", "purpose", "uploaded_at"]


PURPOSES = [
    ("evidence", "佐证材料"),
    ("receipt", "付款回单"),
    ("invoice", "发票"),
    ("material", "申报材料"),
    ("letter", "授权书"),
    ("other", "其他"),
]


class FileIn(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=255, help_text="文件内容")
    purpose = Choice(choices=PURPOSES, default="other", help_text="文件的用途")


class FileFilter(Filters):
    purpose = filters.ChoiceFilter(choices=PURPOSES)

    class Meta:
        model = StoredFile
        fields = ["purpose"]


class AuditOut(TrailOut):
    class Meta(TrailOut.Meta):
        fields = ["subject_type", "subject_id", *TrailOut.Meta.fields]


class SignInFailed(Invalid):
    """The same words for an unknown name and a wrong password."""

    status = 401


def _authenticated(request: Request) -> User:
    form = Credentials(data=request.data)
    form.is_valid(raise_exception=True)
    user = authenticate(request._request, **form.validated_data)
    if not isinstance(user, User):
        raise SignInFailed("SIGN_IN_FAILED", "用户名或密码不正确。")
    return user


class SessionView(APIView):
    """Session sign-in for people; the CSRF cookie comes with GET."""

    permission_classes = [AllowAny]

    @method_decorator(ensure_csrf_cookie)
    @extend_schema(summary="当前登录人", responses={200: UserOut, 401: ErrorBody})
    def get(self, request: Request) -> Response:
        if not request.user.is_authenticated:
            return Response({"code": "NOT_SIGNED_IN", "message": "请先登录或提供令牌。", "details": {}}, status=401)
        return Response(UserOut(caller(request)).data)

    @method_decorator(csrf_protect)
    @extend_schema(
        summary="登录（会话）", request=Credentials, responses={200: UserOut, 400: ErrorBody, 401: ErrorBody}
    )
    def post(self, request: Request) -> Response:
        user = _authenticated(request)
        login(request._request, user)
        return Response(UserOut(user).data)

    @extend_schema(summary="退出登录", responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


class TokenView(APIView):
    """Tokens for machines and for curl."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "POST" else [IsAuthenticated()]

    @extend_schema(summary="领取令牌", request=Credentials, responses={201: TokenOut, 400: ErrorBody, 401: ErrorBody})
    def post(self, request: Request) -> Response:
        token, row = services.issue_token(user=_authenticated(request))
        return Response({"token": token, "expires_at": row.expiry}, status=201)

    @extend_schema(summary="注销当前令牌", responses={204: None, 401: ErrorBody})
    def delete(self, request: Request) -> Response:
        if not isinstance(request.auth, AuthToken):
            raise NotAuthenticated
        services.revoke_token(token=request.auth)
        return Response(status=204)


class OrganisationViewSet(Listed):
    """Organisations: one's own; all for officers and administrators."""

    serializer_class = OrganisationOut
    filterset_fields = ["kind"]

    def rows(self) -> models.QuerySet[Organisation]:
        return selectors.visible_organisations(caller(self.request))

    @act(body=PersonIn, out=UserOut, summary="添加本组织人员", status=201, path="people", example=COLLEAGUE)
    def add_person(self, request: Request, row: Organisation, data: dict[str, Any]) -> User:
        person = services.Person(roles=tuple(data.pop("roles")), **data)
        return services.add_person(by=caller(request), organisation_id=row.pk, person=person)


class UserViewSet(Listed):
    """Accounts: of one's own organisation; all for administrators."""

    serializer_class = UserOut
    filterset_fields = ["organisation"]

    def rows(self) -> models.QuerySet[User]:
        return selectors.visible_users(caller(self.request))

    @act(body=RoleIn, out=UserOut, summary="授予角色（机关由安全管理员，企业和服务商由本单位签署人）", path="roles")
    def grant_role(self, request: Request, row: User, data: dict[str, Any]) -> User:
        return self.rows().get(pk=services.grant_role(by=caller(request), user_id=row.pk, role=data["role"]).pk)

    @act(
        body=RoleEndIn,
        out=UserOut,
        summary="终止角色（机关由安全管理员，企业和服务商由本单位签署人）",
        path="end-role",
        example={"role": "EO", "reason": "调离岗位。"},
    )
    def end_role(self, request: Request, row: User, data: dict[str, Any]) -> User:
        return self.rows().get(pk=services.end_role(by=caller(request), user_id=row.pk, **data).pk)

    @act(
        body=AccountSwitchIn,
        out=UserOut,
        summary="停用账号，令牌和会话即时失效（机关由系统管理员，企业和服务商由本单位签署人）",
        example={"reason": "已离职。"},
    )
    def deactivate(self, request: Request, row: User, data: dict[str, Any]) -> User:
        return self.rows().get(pk=services.deactivate(by=caller(request), user_id=row.pk, **data).pk)

    @act(
        body=AccountSwitchIn,
        out=UserOut,
        summary="重新启用账号（同停用）",
        example={"reason": "返岗。"},
    )
    def activate(self, request: Request, row: User, data: dict[str, Any]) -> User:
        return self.rows().get(pk=services.activate(by=caller(request), user_id=row.pk, **data).pk)

    @act(
        body=LetterIn,
        out=LetterOut,
        summary="登记授权书，替代同一角色的前一份（本单位签署人）",
        status=201,
        path="letters",
        example={
            "role": "EL",
            "file": "0198a3c2-7d1e-7c33-9a52-3f6b1c2d4e5f",
            "valid_from": "2026-01-01",
            "valid_until": "2026-12-31",
        },
    )
    def record_letter(self, request: Request, row: User, data: dict[str, Any]) -> AuthorisationLetter:
        file_id = data.pop("file")
        return letters.record(by=caller(request), user_id=row.pk, file_id=file_id, **data)

    def get_throttles(self) -> list[BaseThrottle]:
        return [Guesser()] if self.action == "change_password" else super().get_throttles()

    @act(
        body=PasswordIn,
        out=UserOut,
        summary="修改本人密码（其他会话和令牌即时失效）",
        example={"current_password": "Choose-your-own-3", "password": "Another-one-of-mine-4"},
    )
    def change_password(self, request: Request, row: User, data: dict[str, Any]) -> User:
        token = request.auth if isinstance(request.auth, AuthToken) else None
        user = password.change(by=caller(request), user_id=row.pk, token=token, **data)
        if token is None:
            update_session_auth_hash(request._request, user)
        return self.rows().get(pk=user.pk)

    @act(
        body=EmailIn,
        out=UserOut,
        summary="登记本人邮箱（向其发送验证码）",
        example={"email": "lisi@example.com"},
    )
    def set_email(self, request: Request, row: User, data: dict[str, Any]) -> User:
        return self.rows().get(pk=contact.set_email(by=caller(request), user_id=row.pk, **data).pk)

    @act(
        body=EmailTokenIn,
        out=UserOut,
        summary="验证本人邮箱",
        example={"token": "eyJ1c2VyIjoi…"},
    )
    def verify_email(self, request: Request, row: User, data: dict[str, Any]) -> User:
        return self.rows().get(pk=contact.verify_email(by=caller(request), user_id=row.pk, **data).pk)


class FileViewSet(Listed):
    """Files: uploaded first, then named by the act that needs them."""

    serializer_class = FileOut
    filterset_class = FileFilter

    def rows(self) -> models.QuerySet[StoredFile]:
        return selectors.visible_files(caller(self.request))

    def get_parsers(self) -> list[Any]:
        return [Multipart()]

    @extend_schema(
        summary="上传文件",
        request={"multipart/form-data": FileIn},
        responses={201: FileOut, 413: ErrorBody, **REFUSALS},
        parameters=[KEY],
    )
    def create(self, request: Request) -> Response:
        form = FileIn(data=request.data)
        form.is_valid(raise_exception=True)
        user = caller(request)

        def run() -> Response:
            row = files.store(
                upload=form.validated_data["file"],
                by=user,
                organisation_id=user.organisation_id,
                purpose=form.validated_data["purpose"],
            )
            return Response(FileOut(row).data, status=201)

        return once(request, run)

    @extend_schema(
        summary="下载文件", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 404: ErrorBody}
    )
    @action(detail=True, methods=["get"])
    def content(self, request: Request, **kwargs: Any) -> FileResponse:
        row: StoredFile = self.get_object()
        response = FileResponse(
            row.path.open("rb"), as_attachment=True, filename=row.name, content_type=row.content_type
        )
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response.headers["Cache-Control"] = "private, no-store"
        return response


class AuditViewSet(mixins.ListModelMixin, Rows):
    """The audit log: who did what to which record, newest first."""

    serializer_class = AuditOut
    filterset_fields = {
        "subject_type": ["exact"],
        "subject_id": ["exact"],
        "actor": ["exact"],
        "act": ["exact"],
        "at": ["gte", "lt"],
    }

    def rows(self) -> models.QuerySet[EvidenceRecord]:
        return selectors.audit(caller(self.request))
