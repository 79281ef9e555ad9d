"""What the contract API takes and gives."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contracts import indicators, selectors, waiting
from contracts.models import (
    Contract,
    EvidenceQuery,
    Invoice,
    Milestone,
    MilestoneEvidence,
    PaymentOrder,
    ServiceConfirmation,
    Signature,
    Supplement,
    Termination,
)
from contracts.models.invoice import INVOICE_NUMBER
from contracts.selectors import gates_of
from contracts.services.drafting import Step, Terms
from contracts.states import OF, Awaited, EvidenceKind, Fault, InvoiceState, MilestoneState, Of
from foundation import clock
from foundation.api.fields import Choice, CivilDate, Instant, Money, Positive, Shaped, Versioned, Whole
from foundation.money import ZERO

KIND_HELP = "图片、视频、报告、第三方证明、过程记录；不填则按文件类型认定"


class MilestoneIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=80, help_text="里程碑名称")
    due_date = CivilDate(help_text="应完成之日，YYYY-MM-DD（北京时间），在合同期内")
    evidence_kinds = serializers.ListField(
        child=Choice(choices=EvidenceKind.choices),
        min_length=1,
        max_length=len(EvidenceKind),
        default=lambda: [EvidenceKind.REPORT.value],
        error_messages={"min_length": "请至少选择一种佐证材料。"},
        help_text="须有的佐证材料种类，至少一种；不填即报告（办法第二十二条）",
    )


class TermsIn(serializers.Serializer[Any]):
    amount = Positive(help_text="合同金额（含税），元")
    tax = Money(default=ZERO, help_text="其中税额，元")
    voucher = Positive(help_text="企业自主决定使用的服务券金额，元（办法第十九条）")
    start_date = CivilDate(help_text="合同开始之日，YYYY-MM-DD（北京时间）")
    end_date = CivilDate(help_text="合同结束之日，YYYY-MM-DD（北京时间），含当日")
    milestones = serializers.ListField(
        child=MilestoneIn(), min_length=1, max_length=20, help_text="里程碑，按先后排列，1至20个"
    )
    related_party = serializers.BooleanField(default=False, help_text="双方是否存在关联关系；存在的须先经核准")

    def terms(self, data: dict[str, Any]) -> Terms:
        """The validated body as the service wants it."""
        return Terms(
            amount=data["amount"],
            tax=data["tax"],
            voucher=data["voucher"],
            start_date=data["start_date"],
            end_date=data["end_date"],
            milestones=[
                Step(item["title"], item["due_date"], tuple(item["evidence_kinds"])) for item in data["milestones"]
            ],
            related_party=data["related_party"],
        )


class DraftIn(TermsIn):
    enterprise = serializers.UUIDField(help_text="企业编号（UUID）")
    product = serializers.UUIDField(help_text="在架产品编号（UUID）")
    demand = serializers.UUIDField(required=False, allow_null=True, help_text="所应的需求，选填（办法第十八条）")


class ReviseIn(Versioned, TermsIn):
    pass


class ReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，记入存证")


class SignIn(Versioned):
    handwriting = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="手写签名图片（PNG）的文件编号，选填；其摘要记入存证"
    )


class EvidenceIn(Versioned):
    milestone = Whole(min_value=1, max_value=100, help_text="里程碑的序号，从1起")
    files = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=20, help_text="佐证文件的编号，先上传到 files/，1至20个"
    )
    kind = Choice(choices=EvidenceKind.choices, required=False, help_text=KIND_HELP)
    taken_at = Instant(required=False, help_text="材料形成（拍摄、出具）时间，不得早于合同生效")
    note = serializers.CharField(max_length=200, allow_blank=True, default="", help_text="对佐证的说明，可不填")


class QueryIn(ReasonIn):
    evidence = serializers.UUIDField(help_text="佐证材料编号，见合同的关键环节")


class QuerySupplementIn(Versioned):
    files = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=20, help_text="补充的文件编号，先上传到 files/，1至20个"
    )
    kind = Choice(choices=EvidenceKind.choices, required=False, help_text="不填则与被质询的材料相同")
    taken_at = Instant(required=False, help_text="材料形成（拍摄、出具）时间，不得早于合同生效")
    note = serializers.CharField(max_length=200, allow_blank=True, default="", help_text="对补充材料的说明，可不填")


class IndicatorReachedIn(serializers.Serializer[Any]):
    """The words themselves are the service's to judge: its refusal names the indicator. Here is only an outer bound."""

    seq = Whole(min_value=1, max_value=100, help_text="验收指标的序号，从1起，见合同的 indicators")
    reached = serializers.CharField(
        max_length=4 * indicators.LONGEST,
        allow_blank=True,
        help_text=f"完成情况，至多{indicators.LONGEST}字：达到的数值，怎样核对",
    )


class DeliverIn(Versioned):
    note = serializers.CharField(max_length=500, allow_blank=True, default="", help_text="交付说明，可不填")
    indicators = serializers.ListField(
        child=IndicatorReachedIn(),
        max_length=100,
        required=False,
        help_text="每项验收指标的完成情况，逐项各一次；合同没有约定指标的不填",
    )


class AcceptIn(Versioned):
    amount = Positive(required=False, help_text="验收金额；不填即合同金额，只能更低")


class ConfirmationIn(Versioned):
    content = serializers.CharField(max_length=2000, help_text="实际服务内容")


class CountersignIn(Versioned):
    ratings = serializers.DictField(
        child=Whole(min_value=0, max_value=100), help_text="年度通知所列各项评分，例如 quality: 5"
    )
    comment = serializers.CharField(max_length=1000, allow_blank=True, default="", help_text="会签意见，可不填")


class SupplementIn(ReasonIn):
    amount = Positive(help_text="变更后的合同金额，元，两位小数")
    voucher = Positive(help_text="变更后的服务券金额，元，两位小数")
    end_date = CivilDate(help_text="变更后的结束之日，YYYY-MM-DD（北京时间），含当日")


class FaultIn(ReasonIn):
    fault = Choice(choices=Fault.choices, help_text="责任方")


class ExtendIn(ReasonIn):
    end_date = CivilDate(help_text="延长后的结束之日，YYYY-MM-DD（北京时间），含当日")


class PaymentReportIn(Versioned):
    bank_serial = Shaped(
        r"^[A-Za-z0-9-]{4,64}$",
        says="银行流水号须为4至64位半角数字、字母或连字符（-）。",
        help_text="银行流水号；字母不分大小写，按大写登记",
    )
    paid_at = Instant(help_text="付款时间，ISO 8601，未写时区的按北京时间")
    receipt = serializers.UUIDField(help_text="已上传的电子回单文件编号")

    def validate_bank_serial(self, value: str) -> str:
        """One number however it is typed: two payments never share it."""
        return value.upper()


class InvoiceIn(Versioned):
    number = Shaped(
        INVOICE_NUMBER,
        says="发票号码须为20位半角数字；旧版发票为发票代码（10位或12位）后接8位号码，共18位或20位，不含空格。",
        max_length=20,
        help_text="发票号码：数电票20位；旧版发票为发票代码后接发票号码，18位或20位",
    )
    issued_on = CivilDate(help_text="开票日期，YYYY-MM-DD（北京时间），不早于合同签署之日")
    amount = Positive(help_text="价税合计，元，两位小数")
    file = serializers.UUIDField(help_text="发票文件的编号，先上传到 files/；XML、OFD或PDF")


class InvoiceWithdrawIn(ReasonIn):
    how = Choice(
        choices=[(one.value, one.label) for one in (InvoiceState.VOIDED, InvoiceState.REVERSED)],
        help_text="办理方式：开错未用的作废，已开红字发票的红冲",
    )


class MilestoneEvidenceOut(serializers.ModelSerializer[MilestoneEvidence]):
    name = serializers.CharField(source="file.name")
    sm3 = serializers.CharField(source="file.sm3")
    kind_label = serializers.CharField(source="get_kind_display")
    counts = serializers.BooleanField(help_text="没有未答复的质询，也未被认定不予采信")

    class Meta:
        model = MilestoneEvidence
        fields = [
            "id", "file_id", "name", "sm3", "kind", "kind_label", "taken_at", "note", "at", "counts", "answers_id",
        ]  # fmt: skip


class MilestoneOut(serializers.ModelSerializer[Milestone]):
    state = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField(help_text="还缺的佐证材料种类")
    evidence = MilestoneEvidenceOut(many=True)

    class Meta:
        model = Milestone
        fields = ["seq", "title", "due_date", "evidence_kinds", "state", "missing", "evidence"]

    @extend_schema_field(serializers.ChoiceField(choices=MilestoneState.choices))
    def get_state(self, step: Milestone) -> str:
        return gates_of(step, clock.today()).state.value

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=EvidenceKind.choices)))
    def get_missing(self, step: Milestone) -> list[str]:
        return [kind.value for kind in gates_of(step, clock.today()).missing]


class QueryOut(serializers.ModelSerializer[EvidenceQuery]):
    state_label = serializers.CharField(source="get_state_display")
    contract_number = serializers.CharField(source="contract.number")
    milestone = serializers.IntegerField(source="evidence.milestone.seq", help_text="关键环节序号")
    file_name = serializers.CharField(source="evidence.file.name")

    class Meta:
        model = EvidenceQuery
        fields = [
            "id", "contract_id", "contract_number", "state", "state_label", "version", "side", "evidence_id",
            "milestone", "file_name", "reason", "outcome", "created_at", "ended_at",
        ]  # fmt: skip


class NextStepOut(serializers.Serializer[Any]):
    """waiting.Step."""

    awaited = serializers.ChoiceField(choices=Awaited.choices)
    of = serializers.ChoiceField(choices=Of.choices, help_text="等待谁")
    since_on = serializers.DateField(help_text="起算日期；计划事项为计划日期")
    days = serializers.IntegerField(help_text="已等天数；计划日期未到时为负")
    limit_on = serializers.DateField(allow_null=True, help_text="期限最后一日")
    late = serializers.BooleanField(help_text="已超过期限")
    sentence = serializers.CharField()


def told_step(step: waiting.Step | None) -> dict[str, Any] | None:
    """The step as the API shows it."""
    if step is None:
        return None
    shown = {name: getattr(step, name) for name in ("since_on", "days", "limit_on", "late", "sentence")}
    return dict(NextStepOut({"awaited": step.awaited, "of": OF[step.awaited], **shown}).data)


class ExpectedSettlementOut(serializers.Serializer[Any]):
    """deadlines.Expectation."""

    claim_by = serializers.DateField(help_text="最迟申请兑付日期")
    final = serializers.BooleanField(help_text="服务已确认，该日期已确定")
    rounds = serializers.IntegerField(help_text="每年集中兑付次数")
    sentence = serializers.CharField()


class SignatureOut(serializers.ModelSerializer[Signature]):
    signer = serializers.CharField(source="signer.name")

    class Meta:
        model = Signature
        fields = ["document", "side", "signer", "at", "digest"]


class IndicatorOut(serializers.Serializer[Any]):
    """indicators.Indicator."""

    seq = serializers.IntegerField(help_text="序号，从1起，提交交付时以此指明")
    name = serializers.CharField(help_text="验收指标")
    agreed = serializers.CharField(help_text="约定的目标，含单位")
    method = serializers.CharField(help_text="如何验证")
    reached = serializers.CharField(help_text="最近一次交付所述的完成情况；交付前为空")


class ConfirmationOut(serializers.ModelSerializer[ServiceConfirmation]):
    class Meta:
        model = ServiceConfirmation
        fields = ["id", "content", "amount", "paid_by_enterprise", "voucher", "ratings", "comment"]


class PaymentOut(serializers.ModelSerializer[PaymentOrder]):
    contract_number = serializers.CharField(source="contract.number")
    kind_label = serializers.CharField(source="get_kind_display")
    state_label = serializers.CharField(source="get_state_display")
    payer_name = serializers.CharField(source="payer.name")
    payee_name = serializers.CharField(source="payee.name")

    class Meta:
        model = PaymentOrder
        fields = [
            "id", "number", "contract_id", "contract_number", "kind", "kind_label", "state", "state_label", "version",
            "payer_name", "payee_name", "amount", "due", "bank_serial", "paid_at", "receipt_id", "matched_at",
        ]  # fmt: skip


class InvoiceOut(serializers.ModelSerializer[Invoice]):
    contract_number = serializers.CharField(source="contract.number")
    state_label = serializers.CharField(source="get_state_display")
    file_name = serializers.CharField(source="file.name")
    sm3 = serializers.CharField(source="file.sm3", help_text="发票文件的SM3")

    class Meta:
        model = Invoice
        fields = [
            "id", "contract_id", "contract_number", "number", "state", "state_label", "version", "issued_on", "amount",
            "file_id", "file_name", "sm3", "created_at", "withdrawn_at", "withdrawn_reason",
        ]  # fmt: skip


class ContractRow(serializers.ModelSerializer[Contract]):
    """One line of a list."""

    state_label = serializers.CharField(source="get_state_display")
    claim_stage_label = serializers.CharField(source="get_claim_stage_display", help_text="兑付办理到哪一步")
    enterprise_name = serializers.CharField(source="enterprise.organisation.name")
    provider_name = serializers.CharField(source="provider.organisation.name")
    product_name = serializers.CharField(source="terms.product.name", help_text="合同所依据版本的产品名称")

    class Meta:
        model = Contract
        fields = [
            "id", "number", "state", "state_label", "claim_stage", "claim_stage_label", "version", "enterprise_id",
            "enterprise_name", "provider_id", "provider_name", "product_id", "product_name", "category", "amount", "voucher", "deposit", "balance",
            "quota_year", "start_date", "end_date", "created_at",
        ]  # fmt: skip


class ContractOut(ContractRow):
    """The whole contract."""

    notice = serializers.CharField(source="notice.label")
    product_current_revision = serializers.IntegerField(
        source="product.revision", help_text="产品现行版本；与草稿所依据的 product_revision 不同的，须修改草稿后再签署"
    )
    milestones = MilestoneOut(many=True)
    indicators = serializers.SerializerMethodField()
    signatures = SignatureOut(many=True)
    payments = PaymentOut(many=True)
    confirmation = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()
    expected_settlement = serializers.SerializerMethodField()

    class Meta(ContractRow.Meta):
        fields = [
            *ContractRow.Meta.fields,
            "notice", "rate", "cap", "deposit_rate", "tax", "terms", "product_revision",
            "product_current_revision", "demand_id", "related_party", "permit_id", "resume_state",
            "enterprise_agreed_by_id", "provider_agreed_by_id", "signing_due", "signed_at", "deposit_due", "effective_at",
            "delivered_at", "rectifications", "accepted_at", "accepted_amount", "final_voucher", "final_balance",
            "paid_up_at", "confirmed_at", "settled_at", "ended_reason", "milestones", "indicators", "signatures",
            "payments",
            "confirmation", "next_step", "expected_settlement",
        ]  # fmt: skip

    @extend_schema_field(IndicatorOut(many=True))
    def get_indicators(self, contract: Contract) -> list[dict[str, Any]]:
        return [dict(IndicatorOut(one).data) for one in selectors.indicators(contract)]

    def get_confirmation(self, contract: Contract) -> dict[str, Any] | None:
        confirmation = ServiceConfirmation.objects.filter(contract=contract).first()
        return dict(ConfirmationOut(confirmation).data) if confirmation else None

    @extend_schema_field(NextStepOut(allow_null=True))
    def get_next_step(self, contract: Contract) -> dict[str, Any] | None:
        return told_step(waiting.of(contract.pk))

    @extend_schema_field(ExpectedSettlementOut(allow_null=True))
    def get_expected_settlement(self, contract: Contract) -> dict[str, Any] | None:
        expected = selectors.expected_settlement(contract)
        return dict(ExpectedSettlementOut(expected).data) if expected else None


class SupplementOut(serializers.ModelSerializer[Supplement]):
    state_label = serializers.CharField(source="get_state_display")

    class Meta:
        model = Supplement
        fields = [
            "id",
            "contract_id",
            "state",
            "state_label",
            "version",
            "side",
            "amount",
            "voucher",
            "end_date",
            "reason",
        ]


class TerminationOut(serializers.ModelSerializer[Termination]):
    state_label = serializers.CharField(source="get_state_display")

    class Meta:
        model = Termination
        fields = ["id", "contract_id", "state", "state_label", "version", "side", "fault", "reason"]
