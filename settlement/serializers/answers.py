"""What the settlement API gives. Account numbers are masked except to who has to pay them."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api import caller
from foundation.names import last_four
from settlement import policies, selectors
from settlement.models import Appeal, Batch, BatchExport, Claim, PayoutOrder


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
            "cap_year", "budget_year", "carried_into", "due", "correction_due", "step_due", "appeal_until",
            "refile_until", "final_at", "submitted_at", "first_submitted_at", "created_at",
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
            "corrected_account", "digest", "returns", "return_items", "reduction_code", "reduction_reason", "refusal_code", "refusal_text",
            "refilings", "cap_held_year", "cap_override_no", "cleared_at", "submitted_by_id", "checked_by_id", "checked_at", "reviewed_by_id", "reviewed_at", "decided_by_id",
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


# Of a round that holds none of the reader's claims these are not told.
INNER = (
    "claim_count", "total", "opened_by_id", "issued_by_id", "planned_by_id", "planned_at", "plan_reviewed_by_id",
    "plan_reviewed_at", "approved_by_id", "approved_at", "approval_no", "digest", "request_no", "requested",
    "funding_no", "funded", "funded_at",
)  # fmt: skip
INSIDE = "没有本单位申请的批次只显示兑付通知，此项为空"


class BatchOut(serializers.ModelSerializer[Batch]):
    """A round. Who has no claim in it reads the 兑付通知: dates and state, without persons, figures and numbers."""

    state_label = serializers.CharField(source="get_state_display")
    notice = serializers.CharField(source="notice.label")
    warning = serializers.SerializerMethodField(help_text="超出年度批次数时的提示（办法第二十条）")
    publicity_from = serializers.DateField(source="publicity.first", default=None)
    publicity_to = serializers.DateField(source="publicity.last", default=None)
    publicity_reference = serializers.CharField(source="publicity.reference", default="")

    class Meta:
        model = Batch
        fields = [
            "id", "number", "year", "seq", "title", "state", "state_label", "version", "notice", "warning", "intake_from",
            "intake_to", "claim_count", "total", "opened_by_id", "issued_by_id", "issued_at", "planned_by_id", "planned_at",
            "plan_reviewed_by_id", "plan_reviewed_at", "approved_by_id", "approved_at", "approval_no", "digest",
            "publicity_id", "publicity_from", "publicity_to", "publicity_reference", "cleared_at", "marked_at",
            "request_no", "requested", "funding_no", "funded", "funded_at", "closed_at", "created_at",
        ]  # fmt: skip
        extra_kwargs: ClassVar = {name: {"allow_null": True, "help_text": INSIDE} for name in INNER}

    def to_representation(self, batch: Batch) -> dict[str, Any]:
        """What an act answers with is always shown whole: only who has a part in the round acts on it."""
        shown = super().to_representation(batch)
        return shown if getattr(batch, "inside", True) else {**shown, **dict.fromkeys(INNER)}

    def get_warning(self, batch: Batch) -> str:
        if not batch.extra_reason:
            return ""
        most = batch.notice.parsed.batch_rounds
        return f"本批次超出通知规定的每年度{most}次（办法第二十条），理由：{batch.extra_reason}"


class AppealFileOut(serializers.Serializer[Any]):
    """A paper as it was when the appeal was filed."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    sm3 = serializers.CharField()


class AppealOut(serializers.ModelSerializer[Appeal]):
    state_label = serializers.CharField(source="get_state_display")
    claim_number = serializers.CharField(source="claim.number")
    provider_name = serializers.CharField(source="claim.provider.organisation.name")
    files = AppealFileOut(many=True)

    class Meta:
        model = Appeal
        fields = [
            "id", "state", "state_label", "version", "claim_id", "claim_number", "provider_name", "grounds", "files",
            "refusal_code", "refusal_text", "filed_by_id", "due", "decided_by_id", "decided_at", "decision", "created_at",
        ]  # fmt: skip


class ExportOut(serializers.ModelSerializer[BatchExport]):
    class Meta:
        model = BatchExport
        fields = ["id", "kind", "batch_version", "exported_by_id", "lines", "size", "sm3", "created_at"]


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

    name_warning = serializers.SerializerMethodField(help_text="户名与登记名称写法不同时的提示")
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
