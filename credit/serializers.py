"""What the credit file says and what it is told."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api import caller
from accounts.states import OrganisationKind
from credit import selectors
from credit.models import Commitment, Complaint, CreditRecord
from credit.states import Ground, Refusal
from engines.publicity.states import FilerKind
from foundation.api.fields import Choice, CivilDate, Phone, Versioned

READ_BY_THE_OTHER = (
    "受理后被投诉单位可见，请勿写明自己的身份（姓名平台无法识别，请自行核对）；含电话、证件号码、邮箱、账号的不予接收"
)
PARTY_KINDS = [(kind.value, kind.label) for kind in (OrganisationKind.ENTERPRISE, OrganisationKind.PROVIDER)]


class CreditNoteIn(Versioned):
    note = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="办理意见，可不填"
    )


class CreditReasonIn(Versioned):
    reason = serializers.CharField(max_length=1000, help_text="理由，写入存证")


class ComplaintIn(serializers.Serializer[Any]):
    uscc = serializers.CharField(max_length=32, help_text="被投诉单位的统一社会信用代码")
    contract_number = serializers.CharField(
        max_length=32, required=False, allow_blank=True, default="", help_text="所涉合同的编号，与合同无关的可不填"
    )
    facts = serializers.CharField(max_length=4000, help_text=f"事实：时间、事项、经过；{READ_BY_THE_OTHER}")
    wish = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default="", help_text=f"诉求；{READ_BY_THE_OTHER}"
    )
    files = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=20,
        required=False,
        default=list,
        help_text="证据文件的编号，先上传到 files/，至多20个",
    )


class PublicComplaintIn(serializers.Serializer[Any]):
    filer_kind = Choice(choices=FilerKind.choices, help_text="以单位名义还是个人名义提出")
    name = serializers.CharField(max_length=120, help_text="姓名，或单位全称")
    identity_number = serializers.CharField(max_length=18, help_text="公民身份号码，或统一社会信用代码")
    phone = Phone(help_text="联系电话，半角数字，5至32位；加密保存")
    email = serializers.EmailField(
        max_length=120, required=False, allow_blank=True, default="", help_text="电子邮箱，可不填；加密保存"
    )
    address = serializers.CharField(max_length=200, required=False, allow_blank=True, default="", help_text="地址")
    uscc = serializers.CharField(max_length=32, help_text="被投诉单位的统一社会信用代码")
    contract_number = serializers.CharField(
        max_length=32, required=False, allow_blank=True, default="", help_text="所涉合同的编号，与合同无关的可不填"
    )
    facts = serializers.CharField(
        max_length=4000, help_text=f"事实：时间、事项、经过；{READ_BY_THE_OTHER}，身份另行密封保存"
    )
    wish = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default="", help_text=f"诉求；{READ_BY_THE_OTHER}"
    )


class ComplaintReceiptOut(serializers.ModelSerializer[Complaint]):
    """The secret is put in as the answer leaves, so that it is kept nowhere."""

    receipt = serializers.CharField(source="number", read_only=True, help_text="回执号，查询办理情况时填写")
    secret = serializers.SerializerMethodField(help_text="查询码，与回执号一并填写；请妥善保存，平台不另行提供")

    class Meta:
        model = Complaint
        fields = ["receipt", "secret", "accept_due"]

    def get_secret(self, complaint: Complaint) -> str:
        return ""


class ComplaintReceiptIn(serializers.Serializer[Any]):
    receipt = serializers.CharField(max_length=32, help_text="提出投诉时取得的回执号（receipt）")
    secret = serializers.CharField(max_length=32, help_text="提出投诉时取得的查询码（secret）")


class ComplaintStatusOut(serializers.ModelSerializer[Complaint]):
    """What the filer himself is told."""

    receipt = serializers.CharField(source="number", read_only=True, help_text="回执号")
    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Complaint
        fields = [
            "receipt", "party_name", "state", "state_label", "accept_due", "result_due", "refusal_code", "refusal_text",
            "decided_at", "result", "created_at",
        ]  # fmt: skip


class ComplaintOpenIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，写入存证")


class ComplaintFilerOut(serializers.Serializer[Any]):
    """Shown with this answer alone; the one that is kept for a retry has none of it."""

    number = serializers.CharField(help_text="投诉编号")
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=FilerKind.choices)
    name = serializers.CharField()
    identity = serializers.CharField(help_text="公民身份号码，或统一社会信用代码")
    phone = serializers.CharField()
    email = serializers.CharField()
    address = serializers.CharField()


class ComplaintOpenedOut(serializers.ModelSerializer[Complaint]):
    class Meta:
        model = Complaint
        fields = ["number", "version"]


class ComplaintAcceptIn(CreditNoteIn):
    told = serializers.CharField(
        max_length=4000,
        required=False,
        allow_blank=True,
        default="",
        help_text="被投诉单位看到的事实；原文可能暴露投诉人（如写有姓名）时由受理人改写，诉求也随之不再显示；不填即为原文",
    )


class ComplaintRefuseIn(Versioned):
    code = Choice(choices=Refusal.choices, help_text="不予受理的情形")
    text = serializers.CharField(max_length=1000, help_text="告知投诉人的说明")


class ComplaintFindingsIn(Versioned):
    findings = serializers.CharField(max_length=4000, help_text="核查情况：双方陈述、证据、结论建议")


class ComplaintExtendIn(Versioned):
    until = CivilDate(help_text="延长后的答复期限，YYYY-MM-DD（北京时间），含当日")
    reason = serializers.CharField(max_length=500, help_text="延长的理由，告知投诉人")


class ComplaintUpholdIn(Versioned):
    result = serializers.CharField(max_length=2000, help_text="处理结果，双方都能看到")
    has_large_effect = serializers.BooleanField(help_text="是否产生较大不良影响（第二十七条第四项）")


class ComplaintDismissIn(Versioned):
    result = serializers.CharField(max_length=2000, help_text="处理结果，双方都能看到")


class ComplaintOut(serializers.ModelSerializer[Complaint]):
    """Who filed is told to the officers and to the filer only, what the centre found to the officers only.

    The party complained of reads the facts as the officer who accepted told them.
    """

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    filer = serializers.SerializerMethodField(help_text="投诉单位；被投诉单位看不到")
    facts = serializers.SerializerMethodField(help_text="事实；被投诉单位看到的是受理时告知的文字")
    wish = serializers.SerializerMethodField(help_text="诉求；受理时改写了事实的，被投诉单位看不到")
    told = serializers.CharField(source="wording", read_only=True, help_text="告知被投诉单位的事实")
    files = serializers.SerializerMethodField(help_text="佐证材料的文件编号")
    findings = serializers.SerializerMethodField(help_text="核查情况；只有管理部门可见")

    class Meta:
        model = Complaint
        fields = [
            "id", "version", "number", "state", "state_label", "filer_kind", "filer", "uscc", "party_name", "party_kind",
            "contract_number", "facts", "wish", "told", "files", "accept_due", "result_due", "longest_due", "accepted_at",
            "refusal_code", "refusal_text", "investigated_at", "findings", "decided_at", "result",
            "has_large_effect", "created_at",
        ]  # fmt: skip

    def _knows(self, row: Complaint) -> bool:
        return selectors.knows_filer(caller(self.context["request"]), row)

    def get_filer(self, row: Complaint) -> str | None:
        if not self._knows(row):
            return None
        return row.filer.name if row.filer is not None else f"{row.get_filer_kind_display()}（实名，身份密封保管）"

    def get_facts(self, row: Complaint) -> str:
        return row.facts if self._knows(row) else row.wording

    def get_wish(self, row: Complaint) -> str:
        return "" if row.told and not self._knows(row) else row.wish

    def get_files(self, row: Complaint) -> list[str]:
        return [str(file.pk) for file in row.files.all()] if self._knows(row) else []

    def get_findings(self, row: Complaint) -> str | None:
        user = caller(self.context["request"])
        return row.findings if selectors.is_officer(user) else None


class CreditRecordIn(serializers.Serializer[Any]):
    uscc = serializers.CharField(max_length=32, help_text="被记录单位的统一社会信用代码，18位")
    ground = Choice(choices=Ground.choices, help_text="失信的事由")
    facts = serializers.CharField(max_length=4000, help_text="事实和依据")
    blocks = serializers.BooleanField(default=True, help_text="true：生效期间不得办理新的服务券业务")
    party_name = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default="", help_text="未注册的单位须填写"
    )
    party_kind = Choice(
        choices=PARTY_KINDS,
        required=False,
        allow_blank=True,
        default="",
        help_text="被记录单位是企业还是服务商；尚未注册的必填，已注册的以注册为准",
    )
    complaint = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="所依据的投诉")
    files = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=20,
        required=False,
        default=list,
        help_text="认定依据的文件编号，先上传到 files/，至多20个",
    )


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
