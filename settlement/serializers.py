"""What the settlement API takes and gives. Account numbers are masked except to who has to pay them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api import caller
from foundation.api.fields import CivilDate, Positive, Shaped, Versioned
from foundation.names import last_four
from settlement import policies, selectors
from settlement.models import Batch, Claim, PayoutOrder
from settlement.states import BANK_FAULTS, Fault, ReturnCode

REASON: dict[str, Any] = {"max_length": 500, "help_text": "理由，记入存证"}
VOUCHER_NO = r"^[0-9A-Za-z〔〕\-]{4,64}$"


class ClaimIn(serializers.Serializer[Any]):
    contract = serializers.UUIDField(help_text="已确认的合同")


class SettlementNoteIn(Versioned):
    note = serializers.CharField(max_length=500, allow_blank=True, default="", help_text="意见，记入存证")


class SettlementReasonIn(Versioned):
    reason = serializers.CharField(**REASON)


class ClaimExtendIn(SettlementReasonIn):
    until = CivilDate(help_text="新的申报截止日；已退回的，为新的补正截止日")


class FaultItemIn(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=Fault.choices)
    text = serializers.CharField(max_length=300, help_text="须补正的具体内容")


class ClaimReturnIn(Versioned):
    items = serializers.ListField(child=FaultItemIn(), min_length=1, max_length=25, help_text="一次列全的补正清单")


class ClaimReduceIn(SettlementReasonIn):
    reduction = Positive(help_text="核减金额，元；核定金额由平台相减得出")


class ClaimRefuseIn(Versioned):
    code = serializers.ChoiceField(choices=Fault.choices)
    text = serializers.CharField(max_length=500, help_text="不予通过的具体说明")


class BatchIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120, help_text="兑付通知的名称或文号（办法第二十条）")


class BatchPlanIn(Versioned):
    claims = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=10_000, help_text="不填则列入全部审核通过的申请"
    )


class BatchApproveIn(Versioned):
    approval_no = serializers.CharField(max_length=64, help_text="会议纪要或签报文号")


class BatchPublicityIn(Versioned):
    publicity_from = CivilDate()
    publicity_to = CivilDate()
    reference = serializers.CharField(max_length=200, help_text="公示文号或网址")


class PayoutIn(serializers.Serializer[Any]):
    claim = serializers.UUIDField(help_text="待支付的兑付申请")


class PayoutPaidIn(Versioned):
    voucher_no = Shaped(
        VOUCHER_NO, says="国库支付凭证号须为4至64位半角字母、数字、连字符或〔〕。", help_text="国库支付凭证号"
    )
    paid_on = CivilDate()


class PayoutReturnedIn(Versioned):
    code = serializers.ChoiceField(choices=[(one.value, one.label) for one in ReturnCode if one in BANK_FAULTS])
    text = serializers.CharField(max_length=300, help_text="银行或国库给出的退回说明")


def masked(account: dict[str, Any] | None) -> dict[str, Any] | None:
    """The account with all but the last four digits of its number hidden."""
    if account is None:
        return None
    return {**account, "number": last_four(account["number"])}


class PayeeAccountOut(serializers.Serializer[Any]):
    """A payee's account, masked."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    number = serializers.CharField(help_text="只显示后四位")
    bank = serializers.CharField()
    line_no = serializers.CharField()


class CheckItemOut(serializers.Serializer[Any]):
    """One line of the checklist."""

    code = serializers.CharField()
    fault = serializers.CharField(help_text="对应的退回、不予通过代码")
    severity = serializers.CharField(help_text="hard 须满足方可提交；risk 提请审核人员注意")
    label = serializers.CharField()  # type: ignore[assignment]  # a field that happens to be called label
    ok = serializers.BooleanField()
    found = serializers.CharField(help_text="平台查到的情况")
    todo = serializers.CharField(help_text="未满足时怎么办")


class PreflightOut(serializers.Serializer[Any]):
    """The reviewers' own checklist."""

    ready = serializers.BooleanField(help_text="可以提交")
    missing = serializers.IntegerField(help_text="未满足的项数")
    items = CheckItemOut(many=True)


class ReturnItemOut(serializers.Serializer[Any]):
    """One thing to put right."""

    code = serializers.CharField()
    text = serializers.CharField()


class ClaimRow(serializers.ModelSerializer[Claim]):
    """One line of a list."""

    state_label = serializers.CharField(source="get_state_display")
    contract_number = serializers.CharField(source="contract.number")
    enterprise_name = serializers.CharField(source="contract.enterprise.organisation.name")
    provider_name = serializers.CharField(source="provider.organisation.name")
    batch_number = serializers.CharField(source="batch.number", default=None)

    class Meta:
        model = Claim
        fields = [
            "id", "number", "state", "state_label", "version", "contract_id", "contract_number", "enterprise_name",
            "provider_id", "provider_name", "requested", "approved", "paid", "paid_on", "batch_id", "batch_number",
            "cap_year", "budget_year", "due", "correction_due", "submitted_at", "created_at",
        ]  # fmt: skip


class ClaimOut(ClaimRow):
    """The whole claim."""

    notice = serializers.CharField(source="notice.label")
    checklist = CheckItemOut(many=True)
    return_items = ReturnItemOut(many=True)
    account = serializers.SerializerMethodField()
    corrected_account = serializers.SerializerMethodField()

    class Meta(ClaimRow.Meta):
        fields = [
            *ClaimRow.Meta.fields,
            "notice", "accepted_amount", "deposit", "voucher", "balance", "materials", "checklist", "account",
            "corrected_account", "digest", "returns", "return_items", "reduction_reason", "refusal_code", "refusal_text",
            "submitted_by_id", "checked_by_id", "checked_at", "reviewed_by_id", "reviewed_at", "decided_by_id",
            "decided_at",
        ]  # fmt: skip

    @extend_schema_field(PayeeAccountOut(allow_null=True))
    def get_account(self, claim: Claim) -> dict[str, Any] | None:
        return self._shown(claim, claim.account)

    @extend_schema_field(PayeeAccountOut(allow_null=True))
    def get_corrected_account(self, claim: Claim) -> dict[str, Any] | None:
        return self._shown(claim, claim.corrected_account)

    def _shown(self, claim: Claim, account: dict[str, Any] | None) -> dict[str, Any] | None:
        sees = selectors.sees_accounts(caller(self.context["request"]), claim)
        return masked(account) if sees else None


class BatchOut(serializers.ModelSerializer[Batch]):
    state_label = serializers.CharField(source="get_state_display")
    notice = serializers.CharField(source="notice.label")

    class Meta:
        model = Batch
        fields = [
            "id", "number", "year", "seq", "title", "state", "state_label", "version", "notice", "claim_count", "total",
            "opened_by_id", "planned_by_id", "planned_at", "approved_by_id", "approved_at", "approval_no", "digest",
            "publicity_from", "publicity_to", "publicity_reference", "cleared_at", "marked_at", "closed_at", "created_at",
        ]  # fmt: skip


class PayoutRow(serializers.ModelSerializer[PayoutOrder]):
    """One line of a list."""

    state_label = serializers.CharField(source="get_state_display")
    claim_number = serializers.CharField(source="claim.number")
    contract_number = serializers.CharField(source="claim.contract.number")
    batch_number = serializers.CharField(source="claim.batch.number")
    account_end = serializers.SerializerMethodField()

    class Meta:
        model = PayoutOrder
        fields = [
            "id", "number", "state", "state_label", "version", "claim_id", "claim_number", "contract_number",
            "batch_number", "amount", "payee_name", "account_end", "voucher_no", "paid_on", "return_code", "created_at",
        ]  # fmt: skip

    def get_account_end(self, order: PayoutOrder) -> str:
        return order.account_number[-4:]


class PayoutOut(PayoutRow):
    """The whole order, as the treasury needs it."""

    name_warning = serializers.SerializerMethodField(help_text="户名与登记名称写法不同时的提示（8-49）")
    account_number = serializers.SerializerMethodField(help_text="经办拨付的人员见全号，其他人只见后四位")

    class Meta(PayoutRow.Meta):
        fields = [
            *PayoutRow.Meta.fields,
            "amount_words", "account_number", "bank_name", "line_no", "purpose", "name_warning", "created_by_id",
            "checked_by_id", "checked_at", "sent_by_id", "sent_at", "ended_by_id", "ended_at", "return_text",
        ]  # fmt: skip

    def get_account_number(self, order: PayoutOrder) -> str:
        whole = policies.handles_payouts(caller(self.context["request"]))
        return order.account_number if whole else last_four(order.account_number)

    def get_name_warning(self, order: PayoutOrder) -> str:
        own = order.claim.provider.name
        return (
            ""
            if order.payee_name == own
            else f"收款人全称“{order.payee_name}”与登记名称“{own}”写法不同，请核对后发送。"
        )
