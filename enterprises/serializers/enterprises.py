"""Shapes of registration, standing, quota and adjustments; who sees contact fields whole."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api import PersonIn
from accounts.models import User
from engines.evidence.models import EvidenceRecord
from enterprises import policies
from enterprises.models import Enterprise, QuotaAdjustment, QuotaGrant
from enterprises.services.registration import CONTACT_FIELDS
from foundation.api.fields import AccountNumber, CivilDate, Money, Phone, RegionCode, Shaped, Versioned
from foundation.names import masked

REASON = "理由，将写入存证并告知企业"
PRIVATE = ("contact_name", "contact_phone", "contact_email", "bank_account")


class EnterpriseProfileIn(serializers.Serializer[Any]):
    """What an enterprise tells of itself beside its name and code."""

    industry_code = Shaped(
        r"^[0-9]{4}$",
        says="行业代码须为4位半角数字（GB/T 4754-2017 小类），例如 3670。",
        help_text="GB/T 4754-2017 四位小类代码，制造业为第13至43大类",
    )
    region_code = RegionCode(help_text="GB/T 2260 县（市、区）代码，区内为45开头")
    address = serializers.CharField(max_length=200, help_text="企业地址")
    registered_on = CivilDate(past=True, help_text="市场主体登记日期，YYYY-MM-DD（北京时间），不晚于今天")
    listed_since = CivilDate(past=True, required=False, allow_null=True, help_text="自报入规年月，划型以名录为准")
    legal_representative = serializers.CharField(max_length=64, help_text="法定代表人姓名")
    contact_name = serializers.CharField(max_length=64, help_text="联系人姓名")
    contact_phone = Phone(help_text="联系人电话，半角数字，5至32位")
    contact_email = serializers.EmailField(
        max_length=120, required=False, allow_blank=True, help_text="联系人电子邮箱，可不填"
    )
    bank_name = serializers.CharField(max_length=120, help_text="支付定金和余款的本企业账户")
    bank_account = AccountNumber(help_text="付款账号，6至32位半角数字")


class EnterpriseRegistrationIn(EnterpriseProfileIn):
    """Open registration: the enterprise and the people who will act for it."""

    name = serializers.CharField(max_length=120, help_text="企业名称，与营业执照一致")
    uscc = serializers.CharField(max_length=32, help_text="统一社会信用代码，18位，校验末位")
    people = serializers.ListField(
        child=PersonIn(), allow_empty=False, max_length=10, help_text="至少一名企业授权签署人（EL）"
    )


class EnterpriseEditIn(Versioned):
    """Only the fields named are changed."""

    name = serializers.CharField(max_length=120, required=False, help_text="企业名称，与营业执照一致")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, field in EnterpriseProfileIn().get_fields().items():
            field.required = False
            fields[name] = field
        return fields


class EnterpriseCorrectIn(Versioned):
    """Whom to reach and the account it pays from; only the fields named are changed."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, field in EnterpriseProfileIn().get_fields().items():
            if name in CONTACT_FIELDS:
                field.required = False
                fields[name] = field
        return fields


class EnterpriseSubmitIn(Versioned):
    commitment = serializers.BooleanField(help_text="true：本单位承诺所填内容真实，接受抽查监督（办法第二十四条）")

    def validate_commitment(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("须签署信用承诺后才能提交。")
        return value


class EnterpriseReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text=REASON)


class EnterpriseRemarkIn(Versioned):
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True, help_text="说明")


class DoubtFindingIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=48, help_text="疑点代码，见 checks 中 result 为 warning 的各项")
    note = serializers.CharField(max_length=500, help_text="核实情况和依据")


class EnterpriseCheckIn(EnterpriseRemarkIn):
    findings = serializers.ListField(
        child=DoubtFindingIn(),
        required=False,
        default=list,
        max_length=20,
        help_text="自动核验存疑的，每处疑点答复一次；没有疑点的不填",
    )


class DisqualifyIn(EnterpriseReasonIn):
    until = CivilDate(help_text="取消资格至何日，YYYY-MM-DD（北京时间），含当日")
    decision_no = serializers.CharField(max_length=64, help_text="决定文号")


class TitleRevokeIn(EnterpriseReasonIn):
    """`version` is the title's."""

    revoked_on = CivilDate(help_text="自该日起不再有效，不晚于今天")


class AdjustmentIn(serializers.Serializer[Any]):
    increase = Money(help_text="增加额，元", required=False)
    decrease = Money(help_text="减少额，元", required=False)
    reason = serializers.CharField(max_length=500, help_text="调整额度的理由")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("increase" in attrs) == ("decrease" in attrs):
            raise serializers.ValidationError("增加额和减少额须填且只填一项。")
        attrs["amount"] = attrs["increase"] if "increase" in attrs else -attrs["decrease"]
        return attrs


class AdjustmentDecideIn(EnterpriseRemarkIn):
    decision_no = serializers.CharField(max_length=64, help_text="决定文书的文号")


class EnterpriseCheckBody(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, not the base class's option
    value = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    result = serializers.ChoiceField(choices=[("ok", "通过"), ("warning", "存疑"), ("fail", "不通过")])
    message = serializers.CharField()
    note = serializers.CharField(default="", help_text="疑点的核实情况（初核填写）；没有疑点或尚未初核的为空")


class EnterpriseRow(serializers.ModelSerializer[Enterprise]):
    """A line of the list: no personal data."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Enterprise
        fields = [
            *["id", "name", "uscc", "industry_code", "region_code", "state", "state_label", "due_on", "version"],
            "updated_at",
        ]


class EnterpriseOut(serializers.ModelSerializer[Enterprise]):
    """The whole record. Contact fields and the account are masked for everyone but the enterprise itself."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    organisation = serializers.UUIDField(source="organisation_id", read_only=True)
    checks = EnterpriseCheckBody(many=True)

    class Meta:
        model = Enterprise
        fields = [
            *["id", "version", "state", "state_label", "organisation", "name", "uscc", "industry_code", "region_code"],
            *["address", "registered_on", "listed_since", "legal_representative", *PRIVATE, "bank_name"],
            *["committed_at", "checks", "auto_checked_at", "checked_at", "confirmed_at", "due_on", "return_reason"],
            *["frozen_reason", "disqualified_until", "decision_no", "created_at", "updated_at"],
        ]

    def to_representation(self, instance: Enterprise) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not self._is_own(instance):
            shown |= {name: masked(shown[name]) for name in PRIVATE}
        return shown

    def _is_own(self, instance: Enterprise) -> bool:
        user = self.context["request"].user
        return isinstance(user, User) and policies.is_own(user, instance)


class QuotaOut(serializers.Serializer[Any]):
    """selectors.QuotaFigures."""

    year = serializers.IntegerField(help_text="额度年度，四位数字")
    tier_code = serializers.CharField(help_text="确定额度的档次代码，见年度通知；没有额度的为空")
    quota = Money(help_text="现额度，元：按本年度档次和人工调整应得的总额")
    issued = Money(help_text="已下达，元：实际记入账户的总额；档次变动后可与现额度不同")
    reserved = Money(help_text="预占，元：签署中、定金尚未到账的合同占用的")
    committed = Money(help_text="已承诺，元：合同生效后、兑付公示期满前占用的")
    due = Money(help_text="应付，元：只用于预算账户，此处为 0.00")
    consumed = Money(help_text="已核销，元：兑付公示期满无异议的")
    expired = Money(help_text="已作废，元：年末未用、兑付被驳回等不再可用的，含已结转")
    available = Money(help_text="账户可用，元：已下达减去已用和已作废")
    used = Money(help_text="已用，元：预占、已承诺、应付与已核销之和")
    left = Money(help_text="剩余，元：新合同还可使用的；账户可用与（现额度－已用－已作废）中较小的，不低于0")


class GrantOut(serializers.ModelSerializer[QuotaGrant]):
    notice = serializers.CharField(source="notice.label")
    kind_label = serializers.CharField(source="get_kind_display")
    by = serializers.CharField(source="record.actor_label")
    why = serializers.CharField(source="record.reason")

    class Meta:
        model = QuotaGrant
        fields = [
            *["id", "year", "notice", "kind", "kind_label", "tier_code", "winning_title", "quota", "amount"],
            *["by", "why", "explanation", "created_at"],
        ]


class EnterpriseTrailOut(serializers.ModelSerializer[EvidenceRecord]):
    by = serializers.CharField(source="actor_label")
    why = serializers.CharField(source="reason")

    class Meta:
        model = EvidenceRecord
        fields = ["seq", "act", "by", "at", "why", "facts", "hash"]


class AdjustmentOut(serializers.ModelSerializer[QuotaAdjustment]):
    state_label = serializers.CharField(source="get_state_display")
    enterprise_name = serializers.CharField(source="enterprise.name")

    class Meta:
        model = QuotaAdjustment
        fields = [
            *["id", "version", "state", "state_label", "enterprise", "enterprise_name", "year", "amount", "reason"],
            *["decision_no", "created_at", "updated_at"],
        ]
