"""What goes in and out of the demand API. No rule lives here: shapes, lengths and masking only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import User
from demands import policies
from demands.coverage.reports import city_of
from demands.matching.suggest import Suggestion
from demands.models import Demand, DemandMessage, DemandMessageFile, MissedSearch, Response, Synonym
from demands.services.posting import Wish
from demands.states import ResponseState
from foundation import clock
from foundation.api.fields import CivilDate, Money, Phone, Positive, Versioned, Whole
from foundation.names import masked

FEE_WORDS = {"fits": "在费用区间内", "over": "高于费用上限", "under": "低于费用下限", "unknown": "未填费用区间"}
MESSAGE_FILES = 10  # with one message; another message takes more


class DemandIn(serializers.Serializer[Any]):
    """第十八条第（三）项: kinds of product (optional), what is needed, the fee one would pay."""

    title = serializers.CharField(max_length=80, help_text="需求标题")
    content = serializers.CharField(max_length=4000, help_text="需求服务内容，将公开展示，不得含个人信息")
    categories = serializers.ListField(
        child=serializers.CharField(max_length=32),
        max_length=20,
        required=False,
        help_text="选填，年度通知的服务类别代码",
    )
    fee_low = Money(required=False, allow_null=True, help_text="可接受服务费用下限，元，选填")
    fee_high = Positive(required=False, allow_null=True, help_text="可接受服务费用上限，元，选填")
    starts_on = CivilDate(required=False, allow_null=True, help_text="期望开始日期，选填")
    ends_on = CivilDate(required=False, allow_null=True, help_text="期望完成日期，选填")
    contact_name = serializers.CharField(max_length=64, help_text="不公开；选定服务商后提供给对方")
    contact_phone = Phone(help_text="不公开；选定服务商后提供给对方")

    @staticmethod
    def wish(data: dict[str, Any]) -> Wish:
        """The validated body as the service wants it."""
        return Wish(**{**data, "categories": tuple(data.get("categories", ()))})


class DemandEditIn(Versioned):
    """Only the fields named are changed."""

    def get_fields(self) -> dict[str, Any]:
        fields = DemandIn().get_fields()
        for field in fields.values():
            field.required = False
            field.default = serializers.empty
        return super().get_fields() | fields


class DemandReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，将写入存证")


class DemandRemarkIn(Versioned):
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True, help_text="说明")


class DemandQuoteIn(serializers.Serializer[Any]):
    price = Positive(help_text="报价（含税），元")
    days = Whole(min_value=1, max_value=3660, help_text="服务天数")
    proposal = serializers.CharField(max_length=4000, help_text="服务方案，只有该企业可见")
    product = serializers.UUIDField(required=False, allow_null=True, help_text="本机构的在架产品，选填")


class DemandTalkIn(serializers.Serializer[Any]):
    text = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, default="", help_text="留言内容；附有文件的可以不填"
    )
    files = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=MESSAGE_FILES,
        required=False,
        default=list,
        help_text=f"附件的编号，先上传到 files/，至多{MESSAGE_FILES}个",
    )


class SynonymIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40, help_text="小写字母、数字、下划线；与已有词组同代码即为替代")
    words = serializers.ListField(
        child=serializers.CharField(max_length=30),
        min_length=1,
        max_length=30,
        help_text="意思相同的词，每个不超过30字",
    )
    note = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text="收录的说明，可不填"
    )


class DemandBoardOut(serializers.ModelSerializer[Demand]):
    """What everybody may see: no personal data, no quotes."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    enterprise_name = serializers.CharField(source="enterprise.name", read_only=True)
    city = serializers.SerializerMethodField(help_text="市级区划代码")
    answers = serializers.IntegerField(read_only=True, help_text="有效应答数")
    days_left = serializers.SerializerMethodField(help_text="距展示期满的天数，0 为今天期满")

    class Meta:
        model = Demand
        fields = [
            "id", "number", "state", "state_label", "enterprise_name", "city", "title", "content", "categories",
            "fee_low", "fee_high", "starts_on", "ends_on", "published_at", "shown_until", "days_left", "answers",
        ]  # fmt: skip

    def get_city(self, row: Demand) -> str:
        return city_of(row.enterprise.region_code)

    def get_days_left(self, row: Demand) -> int:
        return max(0, (row.shown_until - clock.today()).days) if row.shown_until else 0


class DemandFindingOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    words = serializers.ListField(child=serializers.CharField())


class DemandOut(serializers.ModelSerializer[Demand]):
    """The whole record. The contact is masked for everyone but the enterprise; findings are for officers."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    stage_label = serializers.CharField(read_only=True, help_text="办到哪一步：初审通过的为“已审核，待发布”")
    enterprise_name = serializers.CharField(source="enterprise.name", read_only=True)
    notice_label = serializers.CharField(source="notice.label", read_only=True)
    answers = serializers.IntegerField(read_only=True, default=0, help_text="有效应答数")
    findings = DemandFindingOut(many=True, read_only=True)

    class Meta:
        model = Demand
        fields = [
            "id", "version", "number", "state", "state_label", "stage_label", "enterprise", "enterprise_name",
            "notice_label", "title", "content", "categories", "fee_low", "fee_high", "starts_on", "ends_on", "contact_name", "contact_phone",
            "findings", "answers", "submitted_at", "checked_at", "published_at", "shown_until", "contract",
            "contract_number", "reason", "created_at", "updated_at",
        ]  # fmt: skip

    def to_representation(self, instance: Demand) -> dict[str, Any]:
        shown = super().to_representation(instance)
        user = self.context["request"].user
        own = isinstance(user, User) and policies.acts_for_enterprise(user, instance.enterprise)
        if own:
            shown["findings"] = []
        else:
            shown |= {name: masked(shown[name]) for name in ("contact_name", "contact_phone")}
        return shown


class DemandResponseOut(serializers.ModelSerializer[Response]):
    """A quote. The enterprise's contact is there for the provider it took up, and masked for officers."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    demand_number = serializers.CharField(source="demand.number", read_only=True)
    demand_title = serializers.CharField(source="demand.title", read_only=True)
    enterprise_name = serializers.CharField(source="demand.enterprise.name", read_only=True)
    provider_name = serializers.CharField(source="provider.name", read_only=True)
    contact = serializers.SerializerMethodField(help_text="选定后向服务商提供的企业联系人；选定前为空")
    unread = serializers.IntegerField(read_only=True, default=0, help_text="对方发来而本方未读的消息数")

    class Meta:
        model = Response
        fields = [
            "id", "version", "state", "state_label", "demand", "demand_number", "demand_title", "enterprise_name",
            "provider", "provider_name", "price", "days", "proposal", "product", "product_name", "list_price", "reason",
            "contact", "unread", "created_at", "updated_at",
        ]  # fmt: skip

    def get_contact(self, row: Response) -> str:
        user = self.context["request"].user
        if row.state != ResponseState.TAKEN_UP or not isinstance(user, User):
            return ""
        name, phone = row.demand.contact_name, row.demand.contact_phone
        if policies.side_of(user, row) is None:
            name, phone = masked(name), masked(phone)
        return f"{name} {phone}"


class DemandTalkFileOut(serializers.ModelSerializer[DemandMessageFile]):
    """A file that came with a line; its bytes are at files/{id}/content/."""

    id = serializers.UUIDField(source="file_id")
    name = serializers.CharField(source="file.name")
    content_type = serializers.CharField(source="file.content_type")
    size = serializers.IntegerField(source="file.size", help_text="字节")
    sm3 = serializers.CharField(source="file.sm3")

    class Meta:
        model = DemandMessageFile
        fields = ["id", "name", "content_type", "size", "sm3"]


class DemandTalkOut(serializers.ModelSerializer[DemandMessage]):
    """One line, by the side and the unit that wrote it, with its files."""

    files = DemandTalkFileOut(many=True, read_only=True)

    side_label = serializers.CharField(source="get_side_display", read_only=True)
    organisation_name = serializers.CharField(source="author.organisation.name", read_only=True)

    class Meta:
        model = DemandMessage
        fields = ["id", "side", "side_label", "organisation_name", "text", "files", "at"]


class MatchedWordOut(serializers.Serializer[Any]):
    """Why: the word asked for, and the word found."""

    word = serializers.CharField(help_text="需求中的词")
    found = serializers.CharField(help_text="命中的词")
    synonym = serializers.BooleanField(help_text="true：经同义词表命中")


class WhyOut(serializers.Serializer[Any]):
    """What a suggestion rests on."""

    score = serializers.SerializerMethodField(help_text="匹配得分，越高越相近；只在同一次应答内可比")
    matches = MatchedWordOut(many=True)
    same_category = serializers.BooleanField(allow_null=True, help_text="服务类别是否一致；空为未填类别")
    fee = serializers.CharField(help_text="fits 在区间内、over 高于上限、under 低于下限、unknown 未填")
    why = serializers.SerializerMethodField(help_text="命中说明")

    def get_score(self, row: Suggestion[Any]) -> float:
        return round(row.score, 3)

    def get_why(self, row: Suggestion[Any]) -> str:
        words = "、".join(f"{m.word}（同义：{m.found}）" if m.synonym else m.word for m in row.matches)
        parts = [f"命中：{words}"]
        if row.same_category is not None:
            parts.append("类别一致" if row.same_category else "类别不同")
        if row.fee != "unknown":
            parts.append(f"标价{FEE_WORDS[row.fee]}")
        return "；".join(parts)


class ProposedProductOut(WhyOut):
    """A product proposed."""

    product = serializers.UUIDField(source="subject.id")
    name = serializers.CharField(source="subject.name")
    category = serializers.CharField(source="subject.category")
    provider = serializers.UUIDField(source="subject.provider_id")
    provider_name = serializers.CharField(source="subject.provider_name")
    price = Money(source="subject.price", help_text="标价，元")


class ProposedDemandOut(WhyOut):
    """A demand proposed to a provider, with the product of his that fits it."""

    demand = DemandBoardOut(source="subject")
    product = serializers.UUIDField(source="product.id")
    product_name = serializers.CharField(source="product.name")


class SynonymOut(serializers.ModelSerializer[Synonym]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Synonym
        fields = [
            "id",
            "version",
            "code",
            "words",
            "note",
            "state",
            "state_label",
            "decided_at",
            "reason",
            "created_at",
        ]


class SynonymGroupOut(serializers.Serializer[Any]):
    """A group in force, from the platform's file or the operator's table."""

    code = serializers.CharField()
    words = serializers.ListField(child=serializers.CharField())
    source = serializers.CharField(  # type: ignore[assignment]  # DRF's own `source` is the field's, not the class's
        help_text="platform 平台自带，operator 促进中心维护"
    )


class MissedSearchOut(serializers.ModelSerializer[MissedSearch]):
    class Meta:
        model = MissedSearch
        fields = ["id", "text", "times", "first_at", "last_at"]


class CoverageCellOut(serializers.Serializer[Any]):
    tier = serializers.CharField()
    tier_name = serializers.CharField()
    quota = Money(help_text="档次年度额度，元")
    category = serializers.CharField()
    category_name = serializers.CharField()
    products = serializers.IntegerField(help_text="在架产品数")
    providers = serializers.IntegerField(help_text="提供的服务商数")
    affordable = serializers.IntegerField(help_text="按标价用券不超过额度的产品数")
    middle_voucher = Money(help_text="按标价用券的中位数，元")
    projects = serializers.IntegerField(help_text="全年额度按中位数可用的项目数")
    empty = serializers.BooleanField(help_text="true：该档次在该类别无可用产品")


class CoverageGapOut(serializers.Serializer[Any]):
    category = serializers.CharField()
    category_name = serializers.CharField()
    sub_type = serializers.CharField()
    name = serializers.CharField()


class CoverageSupplyOut(serializers.Serializer[Any]):
    notice = serializers.CharField()
    products = serializers.IntegerField()
    cells = CoverageCellOut(many=True)
    without_product = CoverageGapOut(many=True, help_text="没有在架产品的服务类型")


class CoverageSilenceOut(serializers.Serializer[Any]):
    city = serializers.CharField(help_text="市级区划代码")
    category = serializers.CharField(help_text="服务类别代码；空为需求未填类别")
    demands = serializers.IntegerField(help_text="无人应答的需求数")
    longest_days = serializers.IntegerField(help_text="其中等待最久的天数")
