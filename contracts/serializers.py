"""What the contract API takes and gives."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from contracts.models import (
    Contract,
    Milestone,
    MilestoneEvidence,
    PaymentOrder,
    ServiceConfirmation,
    Signature,
    Supplement,
    Termination,
)
from contracts.services.drafting import Terms
from contracts.states import Fault
from foundation.api.fields import CivilDate, Instant, Money, Positive, Shaped, Versioned, Whole
from foundation.money import ZERO


class MilestoneIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=80)
    due_date = CivilDate()


class TermsIn(serializers.Serializer[Any]):
    amount = Positive(help_text="合同金额（含税），元")
    tax = Money(default=ZERO, help_text="其中税额，元")
    voucher = Positive(help_text="企业自主决定使用的服务券金额，元（办法第十九条）")
    start_date = CivilDate()
    end_date = CivilDate()
    milestones = serializers.ListField(child=MilestoneIn(), min_length=1, max_length=20)
    related_party = serializers.BooleanField(default=False, help_text="双方是否存在关联关系")

    def terms(self, data: dict[str, Any]) -> Terms:
        """The validated body as the service wants it."""
        return Terms(
            amount=data["amount"],
            tax=data["tax"],
            voucher=data["voucher"],
            start_date=data["start_date"],
            end_date=data["end_date"],
            milestones=[(item["title"], item["due_date"]) for item in data["milestones"]],
            related_party=data["related_party"],
        )


class DraftIn(TermsIn):
    enterprise = serializers.UUIDField()
    product = serializers.UUIDField()


class ReviseIn(Versioned, TermsIn):
    pass


class ReasonIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="理由，记入存证")


class EvidenceIn(Versioned):
    milestone = Whole(min_value=1, max_value=100)
    files = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=20)
    note = serializers.CharField(max_length=200, allow_blank=True, default="")


class DeliverIn(Versioned):
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class AcceptIn(Versioned):
    amount = Positive(required=False, help_text="验收金额；不填即合同金额，只能更低（8-13）")


class ConfirmationIn(Versioned):
    content = serializers.CharField(max_length=2000, help_text="实际服务内容")


class CountersignIn(Versioned):
    ratings = serializers.DictField(
        child=Whole(min_value=0, max_value=100), help_text="年度通知所列各项评分，例如 quality: 5"
    )
    comment = serializers.CharField(max_length=1000, allow_blank=True, default="")


class SupplementIn(ReasonIn):
    amount = Positive()
    voucher = Positive()
    end_date = CivilDate()


class FaultIn(ReasonIn):
    fault = serializers.ChoiceField(choices=Fault.choices)


class ExtendIn(ReasonIn):
    end_date = CivilDate()


class PaymentReportIn(Versioned):
    bank_serial = Shaped(
        r"^[A-Za-z0-9-]{4,64}$",
        says="银行流水号须为4至64位半角数字、字母或连字符（-）。",
        help_text="银行流水号；字母不分大小写，按大写登记",
    )
    paid_at = Instant()
    receipt = serializers.UUIDField(help_text="已上传的电子回单文件编号")

    def validate_bank_serial(self, value: str) -> str:
        """One number however it is typed: two payments never share it."""
        return value.upper()


class MilestoneEvidenceOut(serializers.ModelSerializer[MilestoneEvidence]):
    name = serializers.CharField(source="file.name")
    sm3 = serializers.CharField(source="file.sm3")

    class Meta:
        model = MilestoneEvidence
        fields = ["id", "file_id", "name", "sm3", "note", "at"]


class MilestoneOut(serializers.ModelSerializer[Milestone]):
    evidence = MilestoneEvidenceOut(many=True)

    class Meta:
        model = Milestone
        fields = ["seq", "title", "due_date", "evidence"]


class SignatureOut(serializers.ModelSerializer[Signature]):
    signer = serializers.CharField(source="signer.name")

    class Meta:
        model = Signature
        fields = ["document", "side", "signer", "at", "digest"]


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


class ContractRow(serializers.ModelSerializer[Contract]):
    """One line of a list."""

    state_label = serializers.CharField(source="get_state_display")
    enterprise_name = serializers.CharField(source="enterprise.organisation.name")
    provider_name = serializers.CharField(source="provider.organisation.name")
    product_name = serializers.CharField(source="terms.product.name", help_text="合同所依据版本的产品名称")

    class Meta:
        model = Contract
        fields = [
            "id", "number", "state", "state_label", "version", "enterprise_id", "enterprise_name", "provider_id",
            "provider_name", "product_id", "product_name", "category", "amount", "voucher", "deposit", "balance",
            "quota_year", "start_date", "end_date", "created_at",
        ]  # fmt: skip


class ContractOut(ContractRow):
    """The whole contract."""

    notice = serializers.CharField(source="notice.label")
    product_current_revision = serializers.IntegerField(
        source="product.revision", help_text="产品现行版本；与草稿所依据的 product_revision 不同的，须修改草稿后再签署"
    )
    milestones = MilestoneOut(many=True)
    signatures = SignatureOut(many=True)
    payments = PaymentOut(many=True)
    confirmation = serializers.SerializerMethodField()

    class Meta(ContractRow.Meta):
        fields = [
            *ContractRow.Meta.fields,
            "notice", "rate", "cap", "deposit_rate", "tax", "terms", "product_revision",
            "product_current_revision", "related_party", "resume_state",
            "enterprise_agreed_by_id", "provider_agreed_by_id", "signing_due", "signed_at", "deposit_due", "effective_at",
            "delivered_at", "rectifications", "accepted_at", "accepted_amount", "final_voucher", "final_balance",
            "paid_up_at", "confirmed_at", "settled_at", "ended_reason", "milestones", "signatures", "payments",
            "confirmation",
        ]  # fmt: skip

    def get_confirmation(self, contract: Contract) -> dict[str, Any] | None:
        confirmation = ServiceConfirmation.objects.filter(contract=contract).first()
        return dict(ConfirmationOut(confirmation).data) if confirmation else None


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
