"""授权书 over HTTP; they are recorded at users/{id}/letters/."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.request import Request

from accounts import selectors
from accounts.api.caller import caller
from accounts.models import AuthorisationLetter
from accounts.services import letters
from accounts.states import PARTY_ROLES, Role
from foundation import clock
from foundation.api.fields import Choice, CivilDate
from foundation.api.views import Listed, act


class LetterIn(serializers.Serializer[Any]):
    role = Choice(
        choices=[(role.value, role.label) for role in Role if role in PARTY_ROLES], help_text="授权以何角色办理"
    )
    file = serializers.UUIDField(help_text="授权书文件的编号，先上传到 files/；须由法定代表人签字并加盖公章")
    valid_from = CivilDate(help_text="授权书所载有效期的第一天")
    valid_until = CivilDate(
        required=False, allow_null=True, default=None, help_text="授权书所载有效期的最后一天；未载明的不填"
    )


class LetterWithdrawIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, help_text="撤销的原因")


class LetterOut(serializers.ModelSerializer[AuthorisationLetter]):
    person_name = serializers.CharField(source="person.name", read_only=True)
    role_label = serializers.CharField(source="get_role_display", read_only=True)
    file_name = serializers.CharField(source="file.name", read_only=True)
    sm3 = serializers.CharField(source="file.sm3", read_only=True)
    standing = serializers.SerializerMethodField(help_text="今天有效、尚未生效、已过期或已撤销")
    standing_label = serializers.SerializerMethodField()

    class Meta:
        model = AuthorisationLetter
        fields = [
            "id", "person", "person_name", "role", "role_label", "file", "file_name", "sm3", "valid_from",
            "valid_until", "standing", "standing_label", "recorded_at", "withdrawn_at", "withdrawn_reason",
        ]  # fmt: skip

    def get_standing(self, letter: AuthorisationLetter) -> str:
        return letter.standing(clock.today()).value

    def get_standing_label(self, letter: AuthorisationLetter) -> str:
        return str(letter.standing(clock.today()).label)


class LetterViewSet(Listed):
    """授权书：本单位人员的；管理部门可查全部。登记见 users/{id}/letters/。"""

    serializer_class = LetterOut
    filterset_fields = ["person", "role"]

    def rows(self) -> models.QuerySet[AuthorisationLetter]:
        return selectors.visible_letters(caller(self.request))

    @act(
        body=LetterWithdrawIn,
        out=LetterOut,
        summary="撤销授权书（本单位签署人）",
        example={"reason": "已调离岗位。"},
    )
    def withdraw(self, request: Request, row: AuthorisationLetter, data: dict[str, Any]) -> AuthorisationLetter:
        return letters.withdraw(by=caller(request), letter_id=row.pk, **data)
