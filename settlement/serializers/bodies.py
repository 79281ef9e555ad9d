"""What the settlement API takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from foundation.api.fields import Choice, CivilDate, Positive, Shaped, Versioned
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
    code = Choice(choices=Fault.choices, help_text="须补正的问题")
    text = serializers.CharField(max_length=300, help_text="须补正的具体内容")


class ClaimReturnIn(Versioned):
    items = serializers.ListField(child=FaultItemIn(), min_length=1, max_length=25, help_text="一次列全的补正清单")


class ClaimReduceIn(SettlementReasonIn):
    reduction = Positive(help_text="核减金额，元；核定金额由平台相减得出")
    code = Choice(choices=Fault.choices, help_text="核减原因代码")


class ClaimRefuseIn(Versioned):
    code = Choice(choices=Fault.choices, help_text="不予通过的情形")
    text = serializers.CharField(max_length=500, help_text="不予通过的具体说明")


class AppealIn(Versioned):
    grounds = serializers.CharField(max_length=2000, help_text="申诉的事实和理由")
    files = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=20, help_text="已上传的证明材料"
    )


class AppealAnswerIn(Versioned):
    decision = serializers.CharField(max_length=2000, help_text="答复意见，告知服务商")


class BatchIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120, help_text="兑付通知的名称或文号（办法第二十条）")
    intake_from = CivilDate(help_text="受理开始")
    intake_to = CivilDate(help_text="受理截止")
    acknowledge = serializers.CharField(
        max_length=500, allow_blank=True, default="", help_text="超出年度批次数时，仍须增加的理由"
    )


class BatchMarkIn(SettlementNoteIn):
    request_no = serializers.CharField(max_length=64, help_text="拨款申请文号")


class BatchFundIn(SettlementNoteIn):
    funding_no = serializers.CharField(max_length=64, help_text="拨款（指标）文号")
    amount = Positive(help_text="本次落实的金额，元")


class BatchPlanIn(Versioned):
    claims = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=10_000, help_text="不填则列入全部审核通过的申请"
    )


class BatchApproveIn(Versioned):
    approval_no = serializers.CharField(max_length=64, help_text="会议纪要或签报文号")
    cap_override_no = serializers.CharField(
        max_length=64, allow_blank=True, default="", help_text="同意超出服务商年度上限的厅决定文号"
    )


class BatchPublicityIn(Versioned):
    publicity_from = CivilDate(help_text="公示开始之日，YYYY-MM-DD（北京时间）")
    publicity_to = CivilDate(required=False, help_text="不填则为最早的合规结束日")
    reference = serializers.CharField(max_length=200, help_text="公示文号或网址")


class PayoutIn(serializers.Serializer[Any]):
    claim = serializers.UUIDField(help_text="待支付的兑付申请")


class PayoutPaidIn(Versioned):
    voucher_no = Shaped(
        VOUCHER_NO, says="国库支付凭证号须为4至64位半角字母、数字、连字符或〔〕。", help_text="国库支付凭证号"
    )
    paid_on = CivilDate(help_text="银行付款之日，YYYY-MM-DD（北京时间）")


class PayoutReturnedIn(Versioned):
    code = Choice(
        choices=[(one.value, one.label) for one in ReturnCode if one in BANK_FAULTS], help_text="银行退回的原因"
    )
    text = serializers.CharField(max_length=300, help_text="银行或国库给出的退回说明")
