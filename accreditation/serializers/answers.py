"""Answers. Who judges is in none that a provider may read."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import User
from accreditation import selectors
from accreditation.models import (
    Application,
    Ask,
    Client,
    ConditionCheck,
    Expert,
    Material,
    Panel,
    Round,
    ScoreSheet,
    Tie,
)
from foundation import clock
from foundation.api.fields import Money


class RoundOut(serializers.ModelSerializer[Round]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    notice_label = serializers.CharField(source="notice.label", read_only=True)

    class Meta:
        model = Round
        fields = [
            *["id", "version", "number", "year", "seq", "kind", "kind_label", "state", "state_label", "title"],
            *["notice_label", "notice_file", "opens_on", "closes_on", "provider_seats", "product_seats"],
            *["reviewed_at", "approved_at", "approval_no", "published_at", "reason", "created_at", "updated_at"],
        ]


class RoundDetail(RoundOut):
    warnings = serializers.SerializerMethodField()

    class Meta(RoundOut.Meta):
        fields = [*RoundOut.Meta.fields, "warnings"]

    def get_warnings(self, row: Round) -> list[str]:
        earlier = selectors.earlier_rounds(row)
        most = row.notice.parsed.call_rounds
        if earlier < most:
            return []
        return [
            f"本服务年度已有{earlier}次征集；年度通知规定每年征集不超过{most}次（办法第九条），服务商资格每年认定一次（第十六条）。"
        ]


class RequirementConditionOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the condition's own name
    article = serializers.CharField()
    asked = serializers.CharField()


class RequirementMaterialOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above: DRF's own is the field's
    note = serializers.CharField()


class CriterionOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    points = serializers.IntegerField()
    basis = serializers.CharField()


class RequirementsOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above: DRF's own is the field's
    seats = serializers.IntegerField(allow_null=True)
    conditions = RequirementConditionOut(many=True)
    materials = RequirementMaterialOut(many=True)
    criteria = CriterionOut(many=True)
    vote = serializers.CharField()


class RankingOut(serializers.Serializer[Any]):
    application = serializers.UUIDField()
    number = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    mean = serializers.DecimalField(max_digits=6, decimal_places=2, help_text="专家评分的平均分，分，两位小数")
    votes_for = serializers.IntegerField()
    votes = serializers.IntegerField()
    rank = serializers.IntegerField(allow_null=True, help_text="未通过表决的为空")
    why_not = serializers.CharField(help_text="不推荐的理由；空为可推荐")


class ApplicationRow(serializers.ModelSerializer[Application]):
    """As a list shows it."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    provider_name = serializers.CharField(source="provider.name", read_only=True)
    name = serializers.CharField(source="subject_name", read_only=True)
    round_number = serializers.CharField(source="round.number", read_only=True)
    overdue = serializers.SerializerMethodField(help_text="形式审查已逾期")

    class Meta:
        model = Application
        fields = [
            *["id", "version", "number", "kind", "kind_label", "name", "state", "state_label", "provider"],
            *["provider_name", "product_version", "round", "round_number", "year", "submitted_at", "check_due"],
            *["overdue", "returns", "correction_due", "created_at", "updated_at"],
        ]

    def get_overdue(self, row: Application) -> bool:
        waiting = row.state in ("submitted", "formal_check")
        return bool(waiting and row.check_due is not None and row.check_due < clock.today())


class ApplicationOut(ApplicationRow):
    """One case. Who judged it is nowhere in it."""

    notice_label = serializers.CharField(source="notice.label", read_only=True)
    renews_number = serializers.CharField(source="renews.number", read_only=True, default=None, allow_null=True)

    class Meta(ApplicationRow.Meta):
        fields = [
            *ApplicationRow.Meta.fields,
            *["notice_label", "renews_number", "categories", "public_platform", "parent_core_staff", "parent_clients"],
            *["parent_revenue", "stated", "digest", "submissions", "checked_at", "accepted_at", "opinion", "mean"],
            *["votes_for", "votes", "rank", "recommended_at", "approved_at", "approval_no", "publicity", "listing"],
            *["reason", "decision_no"],
        ]


class ProgressOut(serializers.Serializer[Any]):
    stage = serializers.CharField(help_text="填报、审查、评审、公示、结果")
    next = serializers.CharField(help_text="下一步")
    by = serializers.CharField(help_text="由谁办理")
    due = serializers.DateField(allow_null=True, help_text="截止日期")
    missing = serializers.ListField(child=serializers.CharField(), help_text="提交前还缺的内容")


class MaterialOut(serializers.ModelSerializer[Material]):
    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    source_label = serializers.CharField(source="get_source_display", read_only=True)
    file_name = serializers.CharField(source="file.name", read_only=True, default=None, allow_null=True)
    sm3 = serializers.CharField(source="file.sm3", read_only=True, default=None, allow_null=True)
    fields_proven = serializers.ListField(source="fields", child=serializers.CharField(), read_only=True)

    class Meta:
        model = Material
        fields = [
            *["id", "kind", "kind_label", "source", "source_label", "file", "file_name", "sm3", "reference"],
            *["fields_proven", "added_at"],
        ]


class ClientOut(serializers.ModelSerializer[Client]):
    sm3 = serializers.CharField(source="file.sm3", read_only=True)

    class Meta:
        model = Client
        fields = ["id", "name", "uscc", "served_on", "of_parent", "file", "sm3"]


class ConditionOut(serializers.ModelSerializer[ConditionCheck]):
    result_label = serializers.CharField(source="get_result_display", read_only=True)
    source_label = serializers.CharField(source="get_source_display", read_only=True)
    finding_label = serializers.CharField(source="get_finding_display", read_only=True)
    verified_by = serializers.CharField(
        source="verified_by.actor_label", read_only=True, default="", help_text="核实人，与存证记录所载一致"
    )

    class Meta:
        model = ConditionCheck
        fields = [
            *["code", "label", "article", "asked", "value", "source", "source_label", "result", "result_label", "why"],
            *["hard", "finding", "finding_label", "note", "verified_by", "verified_at"],
        ]


class PreflightConditionOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above: DRF's own is the field's
    article = serializers.CharField()
    asked = serializers.CharField()
    value = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above: DRF's own is the field's
    result = serializers.CharField()
    why = serializers.CharField()
    hard = serializers.BooleanField()


class WillFailOut(serializers.Serializer[Any]):
    """conditions.Condition, of those that stand in the way."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above: DRF's own is the field's
    article = serializers.CharField()
    asked = serializers.CharField()
    value = serializers.CharField()
    why = serializers.CharField()


class AccreditationPreflightOut(serializers.Serializer[Any]):
    ready = serializers.BooleanField(help_text="材料齐全，可以提交；是否符合条件见 will_fail")
    missing = serializers.ListField(child=serializers.CharField())
    will_fail = WillFailOut(many=True, help_text="自动核对为不符合的必备条件：照此提交不能受理（承诺按提交时已签署计）")
    advice = serializers.CharField(help_text="照此提交的结果和建议；没有不符合的必备条件时为空")
    conditions = PreflightConditionOut(many=True)


class FormLineOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above: DRF's own is the field's
    value = serializers.CharField()


class SignedCommitmentOut(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    title = serializers.CharField()
    clauses = serializers.ListField(child=serializers.CharField())
    signed_by = serializers.CharField()


class ApplicationFormOut(serializers.Serializer[Any]):
    """The form that 第十四条 asks for, ready to be printed."""

    title = serializers.CharField()
    number = serializers.CharField()
    round = serializers.CharField(help_text="征集批次")
    year = serializers.IntegerField(help_text="服务年度")
    notice = serializers.CharField(help_text="年度通知版本")
    submitted_at = serializers.DateTimeField(allow_null=True, help_text="填报中和补正中为空")
    digest = serializers.CharField(allow_blank=True, help_text="提交内容SM3")
    lines = FormLineOut(many=True)
    materials = serializers.ListField(child=serializers.CharField())
    clients = serializers.ListField(child=serializers.CharField())
    commitment = SignedCommitmentOut(allow_null=True, help_text="随提交签署的信用承诺书")


class AskOut(serializers.ModelSerializer[Ask]):
    kind_label = serializers.CharField(source="get_kind_display", read_only=True)

    class Meta:
        model = Ask
        fields = [
            *["round_no", "position", "kind", "kind_label", "code", "label", "what", "why", "answer", "answered_at"]
        ]


class ExecutionOut(serializers.Serializer[Any]):
    """How the year's cap was used: what the platform knows of a provider's contracts below their room."""

    year = serializers.IntegerField(help_text="服务年度，四位数字")
    cap = Money(help_text="年度上限，元")
    reserved = Money(help_text="预占，元：签署中、定金尚未到账的合同占用的")
    committed = Money(help_text="已承诺，元：合同生效后、兑付公示期满前占用的")
    due = Money(help_text="应付，元：只用于预算账户，此处为 0.00")
    consumed = Money(help_text="已核销，元：兑付公示期满无异议的")
    left = Money(help_text="剩余，元：新合同还可承接的")


class TieOut(serializers.ModelSerializer[Tie]):
    nature_label = serializers.CharField(source="get_nature_display", read_only=True)

    class Meta:
        model = Tie
        fields = ["id", "name", "uscc", "nature", "nature_label", "ended_on", "reason"]


class ExpertOut(serializers.ModelSerializer[Expert]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    fields_known = serializers.ListField(source="fields", child=serializers.CharField(), read_only=True)

    class Meta:
        model = Expert
        fields = [
            *["id", "version", "name", "state", "state_label", "title", "fields_known", "unit_name", "unit_uscc"],
            *["confirmed_at", "reason", "created_at", "updated_at"],
        ]


class PanelOut(serializers.ModelSerializer[Panel]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    round_number = serializers.CharField(source="round.number", read_only=True)

    class Meta:
        model = Panel
        fields = [
            *["id", "version", "number", "round", "round_number", "kind", "state", "state_label", "size", "seed"],
            *["order", "excluded", "seats", "digest", "approved_at", "reason", "created_at", "updated_at"],
        ]


class RedrawOut(serializers.Serializer[Any]):
    seed = serializers.CharField()
    order = serializers.ListField(child=serializers.UUIDField())
    same = serializers.BooleanField(help_text="按种子重新计算的次序与记录一致")


class SheetOut(serializers.ModelSerializer[ScoreSheet]):
    """What it says is hidden from everyone but its expert until every sheet of the case is signed."""

    state_label = serializers.CharField(source="get_state_display", read_only=True)
    application_number = serializers.CharField(source="application.number", read_only=True)
    application_name = serializers.CharField(source="application.subject_name", read_only=True)
    provider_name = serializers.CharField(source="application.provider.name", read_only=True)
    provider_uscc = serializers.CharField(source="application.provider.uscc", read_only=True)
    expert_name = serializers.CharField(source="expert.user.name", read_only=True)
    panel_number = serializers.CharField(source="panel.number", read_only=True)
    points = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ScoreSheet
        fields = [
            *["id", "version", "application", "application_number", "application_name", "provider_name"],
            *["provider_uscc", "expert", "expert_name", "panel", "panel_number", "state", "state_label"],
            *["declared_at", "points", "total", "vote", "comment", "signed_at", "digest", "reason"],
            *["created_at", "updated_at"],
        ]

    def to_representation(self, instance: ScoreSheet) -> dict[str, Any]:
        shown = super().to_representation(instance)
        user = self.context["request"].user
        if not (isinstance(user, User) and selectors.is_readable(instance, user)):
            shown |= {"points": {}, "total": None, "vote": None, "comment": "", "digest": ""}
        return shown
