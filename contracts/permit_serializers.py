"""What the 关联交易核准 API takes and gives."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api import caller
from accounts.states import OFFICERS
from contracts.models import RelatedPermit
from foundation import clock
from foundation.api.fields import Versioned


class PermitIn(serializers.Serializer[Any]):
    enterprise = serializers.UUIDField(help_text="企业编号")
    provider = serializers.UUIDField(help_text="服务商编号")
    reason = serializers.CharField(max_length=2000, help_text="核准理由：价格何以公允，或何以没有其他服务商可选")
    reference = serializers.CharField(
        max_length=64, required=False, allow_blank=True, default="", help_text="依据文号；与依据文件至少一项"
    )
    file = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="已上传的依据文件编号；与依据文号至少一项"
    )


class PermitGrantIn(Versioned):
    decision_no = serializers.CharField(max_length=64, help_text="审定文号")
    opinion = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default="", help_text="审定意见，选填"
    )


class PermitDeclineIn(Versioned):
    decision_no = serializers.CharField(max_length=64, help_text="审定文号")
    opinion = serializers.CharField(max_length=1000, help_text="不予核准的理由，双方都能看到")


class PermitRevokeIn(Versioned):
    revocation_no = serializers.CharField(max_length=64, help_text="撤销文号")
    reason = serializers.CharField(max_length=1000, help_text="撤销理由，双方都能看到")


class PermitOut(serializers.ModelSerializer[RelatedPermit]):
    """What the permit rests on may speak of other houses' prices: the file is for officers."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    enterprise_name = serializers.CharField(source="enterprise.organisation.name", read_only=True)
    provider_name = serializers.CharField(source="provider.organisation.name", read_only=True)
    file_id = serializers.SerializerMethodField(help_text="依据文件；只有管理部门可见")
    in_force = serializers.SerializerMethodField(help_text="今天可据以起草和签署合同")

    class Meta:
        model = RelatedPermit
        fields = [
            "id", "version", "state", "state_label", "enterprise_id", "enterprise_name", "provider_id", "provider_name",
            "year", "in_force", "reason", "reference", "file_id", "decision_no", "opinion", "decided_at",
            "revocation_no", "revoke_reason", "revoked_at", "created_at",
        ]  # fmt: skip

    def get_file_id(self, row: RelatedPermit) -> str | None:
        may_know = caller(self.context["request"]).has(*OFFICERS)
        return str(row.file_id) if row.file_id and may_know else None

    def get_in_force(self, row: RelatedPermit) -> bool:
        return row.in_force_on(clock.today())
