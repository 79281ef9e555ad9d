"""What the credit file says and what it is told."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api import caller
from accounts.states import OrganisationKind
from credit import selectors
from credit.models import Commitment, Complaint, CreditRecord
from credit.states import Ground, Refusal
from foundation.api.fields import CivilDate, Versioned

PARTY_KINDS = [(kind.value, kind.label) for kind in (OrganisationKind.ENTERPRISE, OrganisationKind.PROVIDER)]


class CreditNoteIn(Versioned):
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class CreditReasonIn(Versioned):
    reason = serializers.CharField(max_length=1000, help_text="理由，写入存证")


class ComplaintIn(serializers.Serializer[Any]):
    uscc = serializers.CharField(max_length=32, help_text="被投诉单位的统一社会信用代码")
    contract_number = serializers.CharField(max_length=32, required=False, allow_blank=True, default="")
    facts = serializers.CharField(max_length=4000, help_text="事实：时间、事项、经过")
    wish = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="", help_text="诉求")
    files = serializers.ListField(child=serializers.UUIDField(), max_length=20, required=False, default=list)


class ComplaintRefuseIn(Versioned):
    code = serializers.ChoiceField(choices=Refusal.choices)
    text = serializers.CharField(max_length=1000)


class ComplaintFindingsIn(Versioned):
    findings = serializers.CharField(max_length=4000, help_text="核查情况：双方陈述、证据、结论建议")


class ComplaintExtendIn(Versioned):
    until = CivilDate()
    reason = serializers.CharField(max_length=500)


class ComplaintUpholdIn(Versioned):
    result = serializers.CharField(max_length=2000, help_text="处理结果，双方都能看到")
    has_large_effect = serializers.BooleanField(help_text="是否产生较大不良影响（第二十七条第四项）")


class ComplaintDismissIn(Versioned):
    result = serializers.CharField(max_length=2000, help_text="处理结果，双方都能看到")


class ComplaintOut(serializers.ModelSerializer[Complaint]):
    """Who filed, and what the centre found, is told to the officers and to the filer only."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    filer = serializers.SerializerMethodField(help_text="投诉单位；被投诉单位看不到")
    files = serializers.SerializerMethodField(help_text="佐证材料的文件编号")
    findings = serializers.SerializerMethodField(help_text="核查情况；只有管理部门可见")

    class Meta:
        model = Complaint
        fields = [
            "id", "version", "number", "state", "state_label", "filer", "uscc", "party_name", "party_kind",
            "contract_number", "facts", "wish", "files", "accept_due", "result_due", "longest_due", "accepted_at",
            "refusal_code", "refusal_text", "investigated_at", "findings", "decided_at", "result",
            "has_large_effect", "created_at",
        ]  # fmt: skip

    def _knows(self, row: Complaint) -> bool:
        return selectors.knows_filer(caller(self.context["request"]), row)

    def get_filer(self, row: Complaint) -> str | None:
        return row.filer.name if self._knows(row) else None

    def get_files(self, row: Complaint) -> list[str]:
        return [str(file.pk) for file in row.files.all()] if self._knows(row) else []

    def get_findings(self, row: Complaint) -> str | None:
        user = caller(self.context["request"])
        return row.findings if selectors.is_officer(user) else None


class CreditRecordIn(serializers.Serializer[Any]):
    uscc = serializers.CharField(max_length=32)
    ground = serializers.ChoiceField(choices=Ground.choices)
    facts = serializers.CharField(max_length=4000, help_text="事实和依据")
    blocks = serializers.BooleanField(default=True, help_text="true：生效期间不得办理新的服务券业务")
    party_name = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default="", help_text="未注册的单位须填写"
    )
    party_kind = serializers.ChoiceField(choices=PARTY_KINDS, required=False, allow_blank=True, default="")
    complaint = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="所依据的投诉")
    files = serializers.ListField(child=serializers.UUIDField(), max_length=20, required=False, default=list)


class CreditDecisionIn(Versioned):
    decision_no = serializers.CharField(max_length=64, help_text="决定文号")
    since = CivilDate(help_text="生效日期，不晚于今天")
    until = CivilDate(required=False, allow_null=True, default=None, help_text="截止日期；不填为至修复或撤销为止")


class CreditRepairIn(Versioned):
    text = serializers.CharField(max_length=2000, help_text="整改情况")


class CreditRecordOut(serializers.ModelSerializer[CreditRecord]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    ground_label = serializers.CharField(source="get_ground_display", read_only=True)
    complaint_number = serializers.CharField(source="complaint.number", read_only=True, allow_null=True, default=None)
    files = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)

    class Meta:
        model = CreditRecord
        fields = [
            "id", "version", "number", "state", "state_label", "uscc", "party_name", "party_kind", "ground",
            "ground_label", "facts", "complaint_number", "files", "blocks", "since", "until", "decision_no",
            "reviewed_at", "decided_at", "repair_text", "ended_at", "end_reason", "created_at",
        ]  # fmt: skip


class CommitmentOut(serializers.ModelSerializer[Commitment]):
    organisation_name = serializers.CharField(source="organisation.name", read_only=True)

    class Meta:
        model = Commitment
        fields = ["id", "organisation", "organisation_name", "text_version", "text_sm3", "signed_at"]


class CommitmentWordsOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    clauses = serializers.ListField(child=serializers.CharField())
    sm3 = serializers.CharField()
