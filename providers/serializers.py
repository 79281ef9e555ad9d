"""What goes in and out of the provider API. No rule lives here: shapes, lengths and masking only."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api import PersonIn
from accounts.models import User
from engines.evidence.models import EvidenceRecord
from foundation.api.fields import AccountNumber, CivilDate, Money, Phone, Positive, RegionCode, Shaped, Versioned, Whole
from foundation.names import masked
from providers import policies
from providers.models import Bar, Listing, Product, ProductVersion, Provider, SettlementAccount
from providers.services.prechecking import Answer
from providers.states import ListingState, PrecheckResult
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
    founded_on = CivilDate(past=True, help_text="成立日期，YYYY-MM-DD（北京时间），不晚于今天")
    legal_representative = serializers.CharField(max_length=64, help_text="法定代表人姓名")
    contact_name = serializers.CharField(max_length=64, help_text="联系人姓名")
    contact_phone = Phone(help_text="联系人电话，半角数字，5至32位")
    contact_email = serializers.EmailField(
        max_length=120, required=False, allow_blank=True, help_text="联系人电子邮箱，可不填"
    )
    introduction = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="机构介绍，公开显示，可不填"
    )
    core_staff = Whole(min_value=0, max_value=MOST, help_text="缴纳社保满1年的核心业务专职人员数")
    clients_last_year = Whole(min_value=0, max_value=MOST, help_text="上年服务企业数")
    revenue_last_year = Money(help_text="上年营业收入，元")
    parent_name = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="母公司名称，借用母公司条件的填写"
    )
    parent_uscc = serializers.CharField(
        max_length=32, required=False, allow_blank=True, help_text="母公司统一社会信用代码，18位"
    )
    parent_founded_on = CivilDate(
        past=True, required=False, allow_null=True, help_text="母公司成立日期，YYYY-MM-DD（北京时间），不晚于今天"
    )


class ProviderRegistrationIn(ProviderProfileIn):
    """Open registration: the provider and the people who will act for it."""

    name = serializers.CharField(max_length=120, help_text="机构名称，与营业执照一致")
    uscc = serializers.CharField(max_length=32, help_text="统一社会信用代码，18位，校验末位")
    people = serializers.ListField(
        child=PersonIn(), allow_empty=False, max_length=10, help_text="至少一名服务商签署人（PL）"
    )


class ProviderEditIn(Versioned):
    """Only the fields named are changed."""

    name = serializers.CharField(max_length=120, required=False, help_text="机构名称，与营业执照一致")

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | optional(ProviderProfileIn())


class ProviderReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，将写入存证并告知服务商")


class ProviderRemarkIn(Versioned):
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True, help_text="说明")


class TerminateIn(ProviderReasonIn):
    decision_no = serializers.CharField(max_length=64, help_text="决定文书的文号")


class BarIn(serializers.Serializer[Any]):
    provider = serializers.UUIDField(help_text="服务商编号（UUID）")
    grounds = serializers.CharField(max_length=2000, help_text="瞒报、虚报的事实和依据")


class BarDecideIn(ProviderRemarkIn):
    decision_no = serializers.CharField(max_length=64, help_text="决定文书的文号")


class AccountIn(serializers.Serializer[Any]):
    account_name = serializers.CharField(max_length=120, help_text="与开户完全一致，须为本机构")
    account_number = AccountNumber(help_text="收款账号，6至32位半角数字")
    bank_name = serializers.CharField(max_length=120, help_text="开户银行全称，写到支行")
    line_no = Shaped(r"^[0-9]{12}$", says="联行号须为12位半角数字。", help_text="12位联行号")


class IndicatorIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100, help_text="效果指标的名称")
    unit = serializers.CharField(
        max_length=20, allow_blank=True, default="", help_text="指标的单位，例如 %、天；没有的留空"
    )
    target = serializers.CharField(max_length=100, help_text="目标值：数字，或可比较的要求（不低于、减少等）")
    method = serializers.CharField(max_length=200, help_text="如何验证")


class MarketPriceIn(serializers.Serializer[Any]):
    source = serializers.CharField(  # type: ignore[assignment]  # DRF's own `source` is the field's, not the class's
        max_length=200, help_text="何处、何时、何种同类服务"
    )
    price = Positive(help_text="元")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """As it is kept: JSON has no Decimal."""
        return {"source": attrs["source"], "price": f"{attrs['price']:.2f}"}


class OfferIn(serializers.Serializer[Any]):
    """A product (第八条): aim, content, price, indicators that can be verified."""

    name = serializers.CharField(max_length=120, help_text="产品名称")
    category = serializers.CharField(max_length=32, help_text="年度通知中的服务类别代码")
    sub_type = serializers.CharField(max_length=64, help_text="该类别的细分类型代码；通知未列细分类型的，写明名称")
    aim = serializers.CharField(max_length=2000, help_text="服务目的")
    functions = serializers.CharField(max_length=4000, required=False, allow_blank=True, help_text="功能内容")
    deliverables = serializers.ListField(
        child=serializers.CharField(max_length=200), allow_empty=False, max_length=30, help_text="交付成果，逐项列出"
    )
    indicators = serializers.ListField(
        child=IndicatorIn(), allow_empty=False, max_length=30, help_text="效果指标，合同据此验收"
    )
    min_days = Whole(min_value=1, max_value=3660, help_text="最短服务周期，日历天")
    max_days = Whole(min_value=1, max_value=3660, help_text="最长服务周期，日历天，不小于最短")
    price = Positive(help_text="标价，元")
    price_unit = serializers.CharField(max_length=20, required=False, help_text="计价单位，默认“项”")
    price_proof = serializers.CharField(max_length=2000, help_text="价格依据")
    proof_files = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=20, help_text="价格证明文件，先上传到 files/"
    )
    market_prices = serializers.ListField(
        child=MarketPriceIn(), required=False, max_length=20, help_text="市场同类价格"
    )
    discount = serializers.CharField(max_length=500, required=False, allow_blank=True, help_text="优惠说明")
    team = serializers.CharField(max_length=2000, required=False, allow_blank=True, help_text="服务团队，不公开")
    cases = serializers.CharField(max_length=2000, required=False, allow_blank=True, help_text="服务案例，不公开")
    qualification = serializers.CharField(max_length=1000, required=False, allow_blank=True, help_text="所需资质")


class OfferEditIn(Versioned):
    """Only the fields named are changed."""

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | optional(OfferIn())


class NewVersionIn(OfferEditIn):
    """The version of the product one saw; the fields that differ from its latest terms. None: the same again."""


class LowerPriceIn(ProviderRemarkIn):
    price = Positive(help_text="新标价，元；须低于现标价")


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


class ListingOut(serializers.ModelSerializer[Listing]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    provider_name = serializers.CharField(source="provider.name", read_only=True)
    notice_label = serializers.CharField(source="notice.label", read_only=True)
    renewal = serializers.SerializerMethodField(help_text="到期后如何继续")

    class Meta:
        model = Listing
        fields = [
            *["id", "version", "provider", "provider_name", "year", "state", "state_label", "notice_label"],
            *["approval_no", "reference", "valid_from", "valid_to", "renewal", "reason", "decision_no"],
            *["created_at", "updated_at"],
        ]

    def get_renewal(self, listing: Listing) -> str:
        if listing.state == ListingState.TERMINATED_BAN:
            return "已终止服务资格，不得重新申报认定（办法第十六条）。"
        return (
            f"资格至{listing.valid_to}止，每年认定一次（办法第十六条）：继续服务须申报{listing.year + 1}年度服务商；"
            "到期后不能签订新合同，已签合同继续履行和结算。"
        )


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


CATALOGUE = (
    *("number", "name", "category", "sub_type", "sub_type_name", "is_diagnosis", "is_training", "aim", "functions"),
    *("deliverables", "indicators", "min_days", "max_days", "price", "price_unit", "discount", "qualification"),
    *("approval_no", "reference", "shelved_at"),
)


class CatalogueVersion(serializers.ModelSerializer[ProductVersion]):
    """The terms on the shelf: what everybody may read. Team, cases and proofs may name people and clients."""

    indicators = IndicatorIn(many=True)

    class Meta:
        model = ProductVersion
        fields = ["id", *CATALOGUE]


class ProductOut(serializers.ModelSerializer[Product]):
    """A product as the catalogue shows it; no people in it."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    provider_name = serializers.CharField(source="provider.name", read_only=True)
    notice_label = serializers.CharField(source="notice.label", read_only=True, default=None, allow_null=True)
    current = CatalogueVersion(read_only=True, allow_null=True, help_text="现行版本；从未上架的为空")
    change_pending = serializers.SerializerMethodField(help_text="有新版本在审核中（仅本机构和管理部门可见）")

    class Meta:
        model = Product
        fields = [
            *["id", "version", "provider", "provider_name", "name", "category", "state", "state_label", "revision"],
            *["notice_label", "shelf_from", "shelf_to", "change_pending", "reason", "current"],
            *["created_at", "updated_at"],
        ]

    def get_change_pending(self, product: Product) -> bool:
        return bool(getattr(product, "change_pending", False))


class ProofFileOut(serializers.Serializer[Any]):
    file = serializers.UUIDField()
    name = serializers.CharField()
    sm3 = serializers.CharField()


class MarketPriceOut(serializers.Serializer[Any]):
    source = serializers.CharField()  # type: ignore[assignment]  # DRF's own `source` is the field's, not the class's
    price = serializers.CharField()


class FindingOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    level = serializers.ChoiceField(choices=[("fail", "不符合"), ("warn", "须说明"), ("note", "提示")])
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class PrecheckOut(serializers.Serializer[Any]):
    """Advice: a person decides."""

    result = serializers.ChoiceField(
        choices=PrecheckResult.choices, help_text="1 通过，2 不通过，3 部分通过，4 无法判断"
    )
    label = serializers.CharField()  # type: ignore[assignment]  # DRF's own `label` is the field's, not the class's
    findings = FindingOut(many=True)
    checker = serializers.CharField()
    checker_version = serializers.CharField(allow_blank=True)

    def to_representation(self, instance: Answer | dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(
            instance.as_dict() if isinstance(instance, Answer) else instance
        )
        return shown


class VersionOut(serializers.ModelSerializer[ProductVersion]):
    """One version whole: for the provider itself and officers."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    origin_label = serializers.CharField(source="get_origin_display", read_only=True)
    provider = serializers.UUIDField(source="product.provider_id", read_only=True)
    provider_name = serializers.CharField(source="product.provider.name", read_only=True)
    notice_label = serializers.CharField(source="notice.label", read_only=True)
    indicators = IndicatorIn(many=True)
    proof_files = ProofFileOut(many=True)
    market_prices = MarketPriceOut(many=True)
    precheck = serializers.SerializerMethodField()

    class Meta:
        model = ProductVersion
        fields = [
            *["id", "version", "product", "provider", "provider_name", "state", "state_label", "origin"],
            *["origin_label", "notice_label", *CATALOGUE, "price_proof", "proof_files", "market_prices", "team"],
            *["cases", "submitted_at", "precheck", "superseded_at", "reason", "created_at", "updated_at"],
        ]

    @extend_schema_field(PrecheckOut(allow_null=True))
    def get_precheck(self, version: ProductVersion) -> dict[str, Any] | None:
        return dict(PrecheckOut(version.precheck).data) if version.precheck else None


class PriceOut(serializers.ModelSerializer[ProductVersion]):
    """What the product cost from when to when."""

    origin_label = serializers.CharField(source="get_origin_display", read_only=True)

    class Meta:
        model = ProductVersion
        fields = ["number", "price", "price_unit", "origin", "origin_label", "shelved_at", "superseded_at"]


class CapOut(serializers.Serializer[Any]):
    """selectors.CapFigures, with the warning of the notice."""

    year = serializers.IntegerField(help_text="服务年度，四位数字")
    cap = Money(help_text="年度上限，元")
    reserved = Money(help_text="预占，元：签署中、定金尚未到账的合同占用的")
    committed = Money(help_text="已承诺，元：合同生效后、兑付公示期满前占用的")
    due = Money(help_text="应付，元：只用于预算账户，此处为 0.00")
    consumed = Money(help_text="已核销，元：兑付公示期满无异议的")
    used = Money(help_text="已用，元：年度上限减去剩余")
    left = Money(help_text="剩余，元：新合同还可承接的")
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
