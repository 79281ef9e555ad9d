"""What goes in and out of the provider API. No rule lives here: shapes, lengths and masking only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api import PersonIn
from accounts.models import User
from engines.evidence.models import EvidenceRecord
from foundation.api.fields import AccountNumber, CivilDate, Money, Phone, Positive, RegionCode, Shaped, Versioned, Whole
from foundation.names import masked
from providers import policies
from providers.models import Application, Bar, Product, Provider, SettlementAccount
from registry import reference

MOST = 10_000_000
PRIVATE = ("contact_name", "contact_phone", "contact_email")


def known_region(code: str) -> None:
    """A city or county of 广西: a provider works from premises there (第十三条)."""
    found = reference.regions().get(code)
    if found is None or not found.city_code:
        raise serializers.ValidationError(
            f"{code}不是广西的市或县（市、区）代码，可用代码见 registry/regions/（办法第十三条）。"
        )


class ProviderProfileIn(serializers.Serializer[Any]):
    """What a provider tells of itself beside its name and code (第十三条, 第十四条)."""

    region_code = RegionCode(validators=[known_region], help_text="GB/T 2260 县（市、区）代码")
    address = serializers.CharField(max_length=200, help_text="区内固定经营场地")
    founded_on = CivilDate(past=True)
    legal_representative = serializers.CharField(max_length=64)
    contact_name = serializers.CharField(max_length=64)
    contact_phone = Phone()
    contact_email = serializers.EmailField(max_length=120, required=False, allow_blank=True)
    introduction = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    core_staff = Whole(min_value=0, max_value=MOST, help_text="缴纳社保满1年的核心业务专职人员数")
    clients_last_year = Whole(min_value=0, max_value=MOST, help_text="上年服务企业数")
    revenue_last_year = Money(help_text="上年营业收入，元")
    parent_name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    parent_uscc = serializers.CharField(max_length=32, required=False, allow_blank=True)
    parent_founded_on = CivilDate(past=True, required=False, allow_null=True)


class ProviderRegistrationIn(ProviderProfileIn):
    """Open registration: the provider and the people who will act for it."""

    name = serializers.CharField(max_length=120)
    uscc = serializers.CharField(max_length=32)
    people = serializers.ListField(
        child=PersonIn(), allow_empty=False, max_length=10, help_text="至少一名服务商签署人（PL）"
    )


class ProviderEditIn(Versioned):
    """Only the fields named are changed."""

    name = serializers.CharField(max_length=120, required=False)

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | optional(ProviderProfileIn())


class ProviderReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，将写入存证并告知服务商")


class ProviderRemarkIn(Versioned):
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True, help_text="说明")


class ApplyIn(serializers.Serializer[Any]):
    year = Whole(min_value=2000, max_value=2099, help_text="服务年度")


class ProviderSubmitIn(Versioned):
    commitment = serializers.BooleanField(
        help_text="true：承诺所填属实，接受抽查监督和绩效评估（办法第十三、二十四条）"
    )

    def validate_commitment(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("须签署信用承诺后才能提交。")
        return value


class RecommendIn(Versioned):
    expert_opinion = serializers.CharField(max_length=200, help_text="专家评审意见的名称或文号")


class RecommendApplicationIn(RecommendIn):
    opinion_file = serializers.UUIDField(required=False, allow_null=True, help_text="先上传到 files/")


class ApproveIn(ProviderRemarkIn):
    approval_no = serializers.CharField(max_length=64, help_text="审定文号（会议纪要或签报）")


class PublicityIn(Versioned):
    first = CivilDate(help_text="公示第一天")
    last = CivilDate(help_text="公示最后一天")
    reference = serializers.CharField(max_length=200, help_text="公示文号或网址")


class TerminateIn(ProviderReasonIn):
    decision_no = serializers.CharField(max_length=64)


class BarIn(serializers.Serializer[Any]):
    provider = serializers.UUIDField()
    grounds = serializers.CharField(max_length=2000, help_text="瞒报、虚报的事实和依据")


class BarDecideIn(ProviderRemarkIn):
    decision_no = serializers.CharField(max_length=64)


class AccountIn(serializers.Serializer[Any]):
    account_name = serializers.CharField(max_length=120, help_text="与开户完全一致，须为本机构")
    account_number = AccountNumber()
    bank_name = serializers.CharField(max_length=120)
    line_no = Shaped(r"^[0-9]{12}$", says="联行号须为12位半角数字。", help_text="12位联行号")


class IndicatorIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    unit = serializers.CharField(max_length=20, allow_blank=True, default="")
    target = serializers.CharField(max_length=100)
    method = serializers.CharField(max_length=200, help_text="如何验证")


class OfferIn(serializers.Serializer[Any]):
    """A product (第八条): aim, content, price, indicators that can be verified."""

    name = serializers.CharField(max_length=120)
    category = serializers.CharField(max_length=32, help_text="年度通知中的服务类别代码")
    sub_type = serializers.CharField(max_length=64, required=False, allow_blank=True)
    aim = serializers.CharField(max_length=2000)
    deliverables = serializers.ListField(child=serializers.CharField(max_length=200), allow_empty=False, max_length=30)
    indicators = serializers.ListField(child=IndicatorIn(), allow_empty=False, max_length=30)
    min_days = Whole(min_value=1, max_value=3660)
    max_days = Whole(min_value=1, max_value=3660)
    price = Positive(help_text="标价，元")
    price_proof = serializers.CharField(max_length=2000, help_text="价格依据")


class OfferEditIn(Versioned):
    """Only the fields named are changed."""

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | optional(OfferIn())


class ProviderPublic(serializers.ModelSerializer[Provider]):
    """What everybody may see: no personal data."""

    listed_until = serializers.DateField(read_only=True, allow_null=True, help_text="年度资格有效期止；空为现不在册")

    class Meta:
        model = Provider
        fields = ["id", "name", "uscc", "region_code", "introduction", "listed_until"]


class ProviderOut(serializers.ModelSerializer[Provider]):
    """The whole record. Contact fields are masked for everyone but the provider itself."""

    organisation = serializers.UUIDField(source="organisation_id", read_only=True)

    class Meta:
        model = Provider
        fields = [
            *["id", "version", "organisation", "name", "uscc", "region_code", "address", "founded_on", "introduction"],
            *["legal_representative", *PRIVATE, "core_staff", "clients_last_year", "revenue_last_year"],
            *["parent_name", "parent_uscc", "parent_founded_on", "created_at", "updated_at"],
        ]

    def to_representation(self, instance: Provider) -> dict[str, Any]:
        shown = super().to_representation(instance)
        user = self.context["request"].user
        if not (isinstance(user, User) and policies.is_own(user, instance)):
            shown |= {name: masked(shown[name]) for name in PRIVATE}
        return shown


class ApplicationOut(serializers.ModelSerializer[Application]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    provider_name = serializers.CharField(source="provider.name", read_only=True)
    notice_label = serializers.CharField(source="notice.label", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Application
        fields = [
            *["id", "version", "provider", "provider_name", "year", "state", "state_label", "profile", "submitted_at"],
            *["checked_at", "accepted_at", "recommended_at", "expert_opinion", "expert_opinion_file", "approved_at"],
            *["approval_no", "publicity_from", "publicity_to", "publicity_reference", "listed_at", "notice_label"],
            *["valid_from", "valid_to", "reason", "decision_no", "created_at", "updated_at"],
        ]


class AccountOut(serializers.ModelSerializer[SettlementAccount]):
    """The number shows its last four digits; the whole number goes to the bank only."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    account_number = serializers.CharField(source="masked_number", read_only=True)

    class Meta:
        model = SettlementAccount
        fields = [
            *["id", "version", "provider", "state", "state_label", "account_name", "account_number", "bank_name"],
            *["line_no", "effective_on", "reviewed_at", "created_at"],
        ]


class BarOut(serializers.ModelSerializer[Bar]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Bar
        fields = [
            *["id", "version", "provider", "uscc", "state", "state_label", "grounds", "decision_no", "decided_at"],
            "created_at",
        ]


class ProductOut(serializers.ModelSerializer[Product]):
    """A product as the catalogue shows it; no people in it."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    provider_name = serializers.CharField(source="provider.name", read_only=True)
    notice_label = serializers.CharField(source="notice.label", read_only=True)
    indicators = IndicatorIn(many=True)

    class Meta:
        model = Product
        fields = [
            *["id", "version", "revision", "provider", "provider_name", "state", "state_label", "name", "category"],
            *["sub_type", "is_diagnosis", "notice_label", "aim", "deliverables", "indicators", "min_days", "max_days"],
            *["price", "price_proof", "expert_opinion", "approval_no", "publicity_from", "publicity_to"],
            *["publicity_reference", "shelf_from", "shelf_to", "reason", "created_at", "updated_at"],
        ]


class CapOut(serializers.Serializer[Any]):
    """selectors.CapFigures, with the warning of the notice."""

    year = serializers.IntegerField()
    cap = Money()
    reserved = Money()
    committed = Money()
    due = Money()
    consumed = Money()
    used = Money()
    left = Money()
    share = serializers.CharField(help_text="已用比例，0 至 1")


class ProviderTrailOut(serializers.ModelSerializer[EvidenceRecord]):
    by = serializers.CharField(source="actor_label")
    why = serializers.CharField(source="reason")

    class Meta:
        model = EvidenceRecord
        fields = ["seq", "act", "by", "at", "why", "facts", "hash"]


def optional(form: serializers.Serializer[Any]) -> dict[str, Any]:
    """The form's fields, none of them required and none filled in when absent."""
    fields = form.get_fields()
    for field in fields.values():
        field.required = False
        field.default = serializers.empty
    return fields
