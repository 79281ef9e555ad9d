"""Shapes of the passport, disputes, declarations and the quota's history."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from enterprises import outlook
from enterprises.history import Movement
from enterprises.models import DisputeFile, PassportDispute, Relation, RelationDeclaration
from enterprises.outlook import Obstacle
from enterprises.passport import Ending, Line, NextTier, Paper
from enterprises.selectors import Group, Shown
from enterprises.selectors.relations import Member
from enterprises.serializers.enterprises import QuotaOut
from enterprises.services.disputes import line_name
from enterprises.states import DisputeKind, RelationKind, Standing
from enterprises.tiering import entitlement
from foundation.api.fields import Choice, CivilDate, Money, Versioned
from programmes.rules import Tier

LINE = "划型依据中该项的代码：listed、dishonest 或称号代码"


class TierOut(serializers.Serializer[Tier]):
    code = serializers.CharField()
    name = serializers.CharField()
    quota = Money(help_text="本档次的年度额度，元")
    article = serializers.CharField()


class PaperOut(serializers.Serializer[Paper]):
    """passport.Paper."""

    id = serializers.CharField(allow_null=True, help_text="称号登记的编号；名册中的记录没有")
    source = serializers.CharField(help_text="来源文件")  # type: ignore[assignment]  # a field of ours, not DRF's option
    standing = serializers.ChoiceField(choices=Standing.choices)
    standing_label = serializers.CharField(source="standing.label")
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True, help_text="最后一日")
    revoked_on = serializers.DateField(allow_null=True)
    issued_by = serializers.CharField()
    doc_no = serializers.CharField()
    certificate_no = serializers.CharField()
    verified_by = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)


class OpenDisputeOut(serializers.ModelSerializer[PassportDispute]):
    kind_label = serializers.CharField(source="get_kind_display")
    state_label = serializers.CharField(source="get_state_display")

    class Meta:
        model = PassportDispute
        fields = ["id", "kind", "kind_label", "state", "state_label", "due_on", "created_at"]


class LineOut(serializers.Serializer[Line]):
    """passport.Line, with the disputes of it that are still open."""

    code = serializers.CharField()
    name = serializers.CharField()
    held = serializers.BooleanField(help_text="当日是否有效（失信名单为是否列入）")
    standing = serializers.ChoiceField(choices=Standing.choices)
    standing_label = serializers.CharField(source="standing.label")
    says = serializers.CharField(help_text="这一项说明什么、还缺什么")
    tier = TierOut(allow_null=True, help_text="该称号对应的档次")
    papers = PaperOut(many=True)
    disputes = serializers.SerializerMethodField(help_text="办理中的异议")

    @extend_schema_field(OpenDisputeOut(many=True))
    def get_disputes(self, line: Line) -> list[dict[str, Any]]:
        return [dict(OpenDisputeOut(one).data) for one in self.context["disputes"].get(line.code, [])]


class WayOut(serializers.Serializer[Line]):
    """A title that would earn the tier, and what is missing for it."""

    code = serializers.CharField()
    name = serializers.CharField()
    standing = serializers.ChoiceField(choices=Standing.choices)
    standing_label = serializers.CharField(source="standing.label")
    missing = serializers.CharField(source="says")


class NextTierOut(serializers.Serializer[NextTier]):
    tier = TierOut()
    adds = Money(help_text="达到后本年度额度增加，元")
    ways = WayOut(many=True, help_text="任取其一")


class EndingOut(serializers.Serializer[Ending]):
    code = serializers.CharField(source="line.code")
    name = serializers.CharField(source="line.name")
    until = serializers.DateField()
    days_left = serializers.IntegerField()
    tier_after = TierOut()


class WarningOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class ObstacleOut(serializers.Serializer[Obstacle]):
    code = serializers.CharField()
    message = serializers.CharField()
    point = serializers.CharField(help_text="对应的核验项代码；不是核验项的为空")


class WinnerOut(serializers.Serializer[Any]):
    """The tier that was won, or would be: `granted` tells which."""

    tier = TierOut()
    granted = serializers.BooleanField(help_text="本年度额度是否已按此下达；false 时档次和金额均为预计")
    obstacles = ObstacleOut(many=True, help_text="尚未下达的原因；已下达的为空")
    title = serializers.CharField(allow_null=True, help_text="依据的称号，没有称号的为空")
    why = serializers.CharField()
    rule = serializers.CharField()
    article = serializers.CharField()
    notice = serializers.CharField()


class PassportQuotaOut(QuotaOut):
    """The year's figures, what they are made of, and where they are explained."""

    adjusted = Money(help_text="本年度人工调整的合计，元，可为负")
    entitled = Money(
        help_text="应得额度，元：档次额度加人工调整，不低于0，不高于最高一档的额度；won.granted 为 false 时为预计数"
    )
    explain = serializers.CharField(help_text="逐项说明的地址")
    history = serializers.CharField(help_text="逐笔流水的地址")


class PassportOut(serializers.Serializer[Shown]):
    """selectors.Shown."""

    enterprise = serializers.UUIDField(source="enterprise.pk")
    name = serializers.CharField(source="enterprise.name")
    uscc = serializers.CharField(source="enterprise.uscc")
    state = serializers.CharField(source="enterprise.state")
    state_label = serializers.CharField(source="enterprise.get_state_display")
    year = serializers.IntegerField(source="notice.year")
    day = serializers.DateField(help_text="依据当日的名单")
    won = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()
    next_tier = NextTierOut(source="passport.next_tier", allow_null=True)
    endings = EndingOut(source="passport.endings", many=True, help_text="90天内到期的称号")
    warnings = WarningOut(many=True)
    relations_declared = serializers.IntegerField(
        source="declaration.year", default=None, allow_null=True, help_text="有效的关联方申报的年度"
    )
    quota = serializers.SerializerMethodField()

    @extend_schema_field(WinnerOut)
    def get_won(self, shown: Shown) -> dict[str, Any]:
        rules = shown.notice.parsed
        return dict(
            WinnerOut(
                {
                    "tier": shown.grade.tier,
                    "title": shown.grade.winning_title or None,
                    "granted": not shown.obstacles,
                    "obstacles": shown.obstacles,
                    "why": outlook.told(shown.grade.why, shown.obstacles),
                    "rule": "8-04 就高不重复；8-06 年中取得即时上调；8-08 上两个自然年度新增",
                    "article": rules.article("quota"),
                    "notice": shown.notice.label,
                }
            ).data
        )

    @extend_schema_field(LineOut(many=True))
    def get_lines(self, shown: Shown) -> list[dict[str, Any]]:
        context = {**self.context, "disputes": shown.disputes}
        return [dict(LineOut(line, context=context).data) for line in shown.passport.lines]

    @extend_schema_field(PassportQuotaOut)
    def get_quota(self, shown: Shown) -> dict[str, Any]:
        place, year = f"/api/v1/enterprises/{shown.enterprise.pk}/quota", shown.notice.year
        figures = dict(QuotaOut(shown.figures).data)
        entitled = entitlement(shown.notice.parsed, shown.grade.tier, shown.adjusted)
        return figures | {
            "adjusted": f"{shown.adjusted:.2f}",
            "entitled": f"{entitled:.2f}",
            "explain": f"{place}/explain/?year={year}",
            "history": f"{place}/history/?year={year}",
        }


class DisputeIn(serializers.Serializer[Any]):
    line = serializers.CharField(max_length=48, help_text=LINE)
    kind = Choice(choices=DisputeKind.choices, help_text="异议的类别")
    claim = serializers.CharField(max_length=1000, help_text="哪里不对，应当是什么")
    files = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=10, help_text="证明材料的文件编号"
    )


class DisputeAcceptIn(Versioned):
    opinion = serializers.CharField(max_length=500, help_text="经办意见")
    title = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="更正的称号登记")
    roster = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="更正的名册")


class DisputeOpinionIn(Versioned):
    opinion = serializers.CharField(max_length=500, help_text="经办意见")


class DisputeDecisionIn(Versioned):
    decision = serializers.CharField(max_length=500, help_text="审定意见，将告知企业")


class DisputeFileOut(serializers.ModelSerializer[DisputeFile]):
    id = serializers.UUIDField(source="file_id")
    name = serializers.CharField(source="file.name")
    sm3 = serializers.CharField(source="file.sm3")

    class Meta:
        model = DisputeFile
        fields = ["id", "name", "sm3"]


class DisputeOut(serializers.ModelSerializer[PassportDispute]):
    enterprise_name = serializers.CharField(source="enterprise.name")
    notice = serializers.CharField(source="notice.label")
    line_name = serializers.SerializerMethodField()
    kind_label = serializers.CharField(source="get_kind_display")
    state_label = serializers.CharField(source="get_state_display")
    files = DisputeFileOut(many=True)

    class Meta:
        model = PassportDispute
        fields = [
            *["id", "version", "state", "state_label", "enterprise", "enterprise_name", "notice", "line", "line_name"],
            *["kind", "kind_label", "claim", "files", "due_on", "opinion", "handled_at", "title", "roster"],
            *["decision", "decided_at", "grant", "created_at", "updated_at"],
        ]

    def get_line_name(self, row: PassportDispute) -> str:
        return line_name(row.line)


class RelationIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120, help_text="关联方名称")
    uscc = serializers.CharField(max_length=32, help_text="关联方统一社会信用代码")
    kind = Choice(choices=RelationKind.choices, help_text="关系的种类")
    since = CivilDate(past=True, help_text="关系起始日")
    until = CivilDate(required=False, allow_null=True, default=None, help_text="关系终止前最后一日")
    note = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="对关系的说明，可不填"
    )
    proof = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="证明材料的文件编号")


class DeclarationIn(serializers.Serializer[Any]):
    commitment = serializers.BooleanField(help_text="true：本单位承诺所列关联方真实、完整（办法第二十四条）")
    replaces = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="您看到的、将被替代的有效申报；第一次申报为空"
    )
    relations = serializers.ListField(child=RelationIn(), max_length=200, help_text="全部关联方；没有关联方的为空列表")

    def validate_commitment(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("须承诺所列关联方真实、完整后才能签署。")
        return value


class RelationOut(serializers.ModelSerializer[Relation]):
    kind_label = serializers.CharField(source="get_kind_display")

    class Meta:
        model = Relation
        fields = ["id", "name", "uscc", "kind", "kind_label", "since", "until", "note", "proof"]


class DeclarationOut(serializers.ModelSerializer[RelationDeclaration]):
    enterprise_name = serializers.CharField(source="enterprise.name")
    state_label = serializers.CharField(source="get_state_display")
    relations = RelationOut(many=True)

    class Meta:
        model = RelationDeclaration
        fields = [
            *["id", "version", "state", "state_label", "enterprise", "enterprise_name", "year", "signed_at"],
            *["relations", "created_at", "updated_at"],
        ]


class GroupMemberOut(serializers.Serializer[Member]):
    uscc = serializers.CharField()
    name = serializers.CharField(help_text="注册名称；未注册的为申报的名称")
    enterprise = serializers.UUIDField(allow_null=True, help_text="在平台注册的企业编号；不是注册企业的为空")


class GroupTieOut(serializers.ModelSerializer[Relation]):
    declared_by = serializers.CharField(source="declaration.enterprise.name", help_text="申报的企业")
    declared_by_uscc = serializers.CharField(source="declaration.enterprise.uscc")
    kind_label = serializers.CharField(source="get_kind_display")

    class Meta:
        model = Relation
        fields = ["id", "declaration", "declared_by", "declared_by_uscc", "name", "uscc", "kind", "kind_label",
                  "since", "until", "note"]  # fmt: skip


class RelatedGroupOut(serializers.Serializer[Group]):
    """selectors.Group."""

    day = serializers.DateField(help_text="依据当日有效的申报")
    members = GroupMemberOut(many=True, help_text="由控制关系逐级连成的集团，含本企业")
    ties = GroupTieOut(many=True, help_text="集团内的关系，以及本企业与其他单位的关系；无论由谁申报")


class BalancesOut(serializers.Serializer[Any]):
    """What each bucket holds after a movement."""

    issued = Money(help_text="已下达，元")
    available = Money(help_text="可用，元")
    reserved = Money(help_text="预占，元：签署中、定金尚未到账的合同占用的")
    committed = Money(help_text="已承诺，元：合同生效后、兑付公示期满前占用的")
    due = Money(help_text="应付，元：只用于预算账户，此处为 0.00")
    consumed = Money(help_text="已核销，元：兑付公示期满无异议的")
    expired = Money(help_text="已作废，元")
    carried = Money(help_text="已结转下年，元")


class MovementOut(serializers.Serializer[Movement]):
    """history.Movement."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField(source="entry.at")
    act = serializers.CharField(source="entry.act")
    act_label = serializers.CharField(source="entry.act_label")
    amount = Money(source="entry.amount", help_text="这一笔的金额，元")
    from_bucket = serializers.CharField(source="entry.source")
    to_bucket = serializers.CharField(source="entry.target")
    change = serializers.DecimalField(14, 2, help_text="可用额度的增减，元")
    contract = serializers.CharField(source="entry.contract", help_text="合同编号，与合同无关的为空")
    hold = serializers.UUIDField(source="entry.hold", allow_null=True)
    by = serializers.CharField(source="entry.by")
    reason = serializers.CharField(source="entry.reason")
    after = BalancesOut()


class HistorySumOut(serializers.Serializer[Any]):
    act = serializers.CharField()
    act_label = serializers.CharField()
    count = serializers.IntegerField()
    amount = serializers.DecimalField(14, 2, help_text="合计，收回为负")


class QuotaHistoryOut(serializers.Serializer[Any]):
    """selectors.History."""

    year = serializers.IntegerField()
    movements = MovementOut(many=True)
    sums = HistorySumOut(many=True)
    closing = BalancesOut()
