"""The states of a claim (DOMAIN 6.9), its appeal, a batch (6.10) and a payout order (6.12), and the codes of reasons."""

from __future__ import annotations

from django.db.models import TextChoices

from contracts.states import ClaimStage
from contracts.states import State as ContractState

# A contract in these is over without money: nothing brings it back.
ENDED = frozenset({ContractState.TERMINATED, ContractState.VOIDED})


class ClaimState(TextChoices):
    """An officer's stage is named when it is done: FORMAL_CHECK has been checked and waits for the review.

    The automatic check runs inside the submission, so its states stay empty.
    """

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交待形式审核"
    AUTO_CHECK = "auto_check", "自动核对中"
    HARD_FAIL = "hard_fail", "自动核对不通过"
    AUTO_OK = "auto_ok", "自动核对通过"
    AUTO_RISK = "auto_risk", "自动核对有风险"
    FORMAL_CHECK = "formal_check", "形式审核通过待复核"
    FORMAL_REVIEW = "formal_review", "复核通过待实质审核"
    RETURNED = "returned", "退回补正"
    SUBSTANTIVE = "substantive", "实质审核中"
    PASSED = "passed", "审核通过"
    REDUCED = "reduced", "核减通过"
    REFUSED = "refused", "不予通过"
    APPEAL = "appeal", "申诉中"
    IN_BATCH = "in_batch", "已列入兑付方案"
    APPROVED = "approved", "已审定"
    PUBLICITY = "publicity", "公示中"
    OBJECTION_HOLD = "objection_hold", "异议核查中"
    CLEARED = "cleared", "公示无异议"
    MARKED = "marked", "已标记确认"
    CARRIED_OVER = "carried_over", "转入下年度优先兑付"
    CAP_HELD = "cap_held", "服务商年度上限已满"
    PAYABLE = "payable", "待支付"
    PAYING = "paying", "支付中"
    PAID = "paid", "已支付"
    BOUNCED = "bounced", "支付退回"
    CLAWBACK_PARTIAL = "clawback_partial", "部分追回"
    CLAWBACK_FULL = "clawback_full", "全部追回"


C = ClaimState
CLAIM_ARCS: dict[ClaimState, frozenset[ClaimState]] = {
    C.DRAFT: frozenset({C.SUBMITTED}),
    C.SUBMITTED: frozenset({C.DRAFT, C.FORMAL_CHECK, C.RETURNED, C.REFUSED}),
    C.FORMAL_CHECK: frozenset({C.FORMAL_REVIEW, C.RETURNED, C.REFUSED}),
    C.FORMAL_REVIEW: frozenset({C.PASSED, C.REDUCED, C.REFUSED, C.RETURNED}),
    C.RETURNED: frozenset({C.SUBMITTED, C.REFUSED}),
    C.PASSED: frozenset({C.IN_BATCH, C.REFUSED}),
    C.REDUCED: frozenset({C.IN_BATCH, C.REFUSED}),
    C.REFUSED: frozenset({C.APPEAL, C.DRAFT}),
    C.APPEAL: frozenset({C.FORMAL_REVIEW, C.REFUSED}),
    C.IN_BATCH: frozenset({C.APPROVED, C.PASSED, C.REDUCED, C.CAP_HELD}),
    C.CAP_HELD: frozenset({C.IN_BATCH, C.REFUSED}),
    C.APPROVED: frozenset({C.PUBLICITY}),
    C.PUBLICITY: frozenset({C.CLEARED, C.OBJECTION_HOLD, C.APPROVED}),
    C.OBJECTION_HOLD: frozenset({C.PUBLICITY, C.CLEARED, C.FORMAL_REVIEW, C.APPROVED}),
    C.CLEARED: frozenset({C.MARKED}),
    C.MARKED: frozenset({C.PAYABLE, C.CARRIED_OVER}),
    C.PAYABLE: frozenset({C.PAYING, C.CARRIED_OVER}),
    C.CARRIED_OVER: frozenset({C.PAYING}),
    C.PAYING: frozenset({C.PAID, C.BOUNCED, C.PAYABLE, C.CARRIED_OVER}),
    C.BOUNCED: frozenset({C.PAYABLE, C.CARRIED_OVER}),
    C.PAID: frozenset(),
}
# What the contract is told of its claim; a refusal's dates tell which of three it is (services/following.py).
STAGE_OF: dict[ClaimState, ClaimStage] = {
    **dict.fromkeys(set(CLAIM_ARCS) - {C.REFUSED}, ClaimStage.OFFICE),
    C.DRAFT: ClaimStage.NONE,
    C.RETURNED: ClaimStage.RETURNED,
    C.BOUNCED: ClaimStage.BOUNCED,
    C.PAID: ClaimStage.PAID,
}
CLAIM_EDITABLE = frozenset({C.DRAFT, C.RETURNED})
CLAIM_EXAMINED = frozenset({C.PASSED, C.REDUCED})
# refused for good when the contract has ended
CLAIM_ENDING = frozenset({C.SUBMITTED, C.FORMAL_CHECK, C.FORMAL_REVIEW, C.RETURNED, C.PASSED, C.REDUCED, C.CAP_HELD})
CLAIM_ORDERABLE = frozenset({C.PAYABLE, C.CARRIED_OVER})  # an order may be made
CLAIM_MARKED = CLAIM_ORDERABLE | {C.MARKED, C.PAYING, C.BOUNCED, C.PAID}
# From here on what an earlier hand did stands on the row; the constraints read these.
CLAIM_CLEARED = CLAIM_MARKED | {C.CLEARED}
CLAIM_BUDGETED = CLAIM_CLEARED | {C.APPROVED, C.PUBLICITY, C.OBJECTION_HOLD}
CLAIM_BATCHED = CLAIM_BUDGETED | {C.IN_BATCH}
CLAIM_GRANTED = CLAIM_BATCHED | CLAIM_EXAMINED | {C.CAP_HELD}
CLAIM_REFUSED = frozenset({C.REFUSED, C.APPEAL})
CLAIM_DECIDED = CLAIM_GRANTED | CLAIM_REFUSED
# A refusal may come before check and review when the contract has ended or a correction was not made in time
# (the claim's trigger holds it).
CLAIM_REVIEWED = CLAIM_GRANTED | {C.FORMAL_REVIEW, C.APPEAL}
CLAIM_CHECKED = CLAIM_REVIEWED | {C.FORMAL_CHECK}
CLAIM_SUBMITTED = CLAIM_CHECKED | {C.SUBMITTED, C.REFUSED}
CLAIM_WITH_OFFICE = frozenset({C.SUBMITTED, C.FORMAL_CHECK, C.FORMAL_REVIEW, C.APPEAL})  # whose turn has a date


class AppealState(TextChoices):
    FILED = "filed", "待答复"
    UPHELD = "upheld", "申诉成立"
    DISMISSED = "dismissed", "维持原结论"


A = AppealState
APPEAL_ARCS: dict[AppealState, frozenset[AppealState]] = {
    A.FILED: frozenset({A.UPHELD, A.DISMISSED}),
    A.UPHELD: frozenset(),
    A.DISMISSED: frozenset(),
}


class BatchState(TextChoices):
    """Claims are examined one by one, so 审核中 is no state of the batch they will be in."""

    NOTICE = "notice", "兑付通知待发布"
    OPEN = "open", "受理中"
    INTAKE_CLOSED = "intake_closed", "受理截止"
    PLAN_DRAFT = "plan_draft", "拟定结算方案"
    PLAN_REVIEW = "plan_review", "方案已复核待审定"
    APPROVED = "approved", "已审定"
    PUBLICITY = "publicity", "公示中"
    CLEARED = "cleared", "公示期满"
    FUND_REQUEST = "fund_request", "已标记确认，申请拨款"
    PAYING = "paying", "支付中"
    PAID_ALL = "paid_all", "全部支付"
    PAID_PART = "paid_part", "部分支付"
    CLOSED = "closed", "已办结"
    CANCELLED = "cancelled", "已撤销"


B = BatchState
BATCH_ARCS: dict[BatchState, frozenset[BatchState]] = {
    B.NOTICE: frozenset({B.OPEN, B.CANCELLED}),
    B.OPEN: frozenset({B.INTAKE_CLOSED, B.CANCELLED}),
    B.INTAKE_CLOSED: frozenset({B.PLAN_DRAFT, B.CANCELLED}),
    B.PLAN_DRAFT: frozenset({B.PLAN_REVIEW, B.CANCELLED}),
    B.PLAN_REVIEW: frozenset({B.APPROVED, B.PLAN_DRAFT, B.CANCELLED}),
    B.APPROVED: frozenset({B.PUBLICITY}),
    B.PUBLICITY: frozenset({B.CLEARED, B.APPROVED}),
    B.CLEARED: frozenset({B.FUND_REQUEST, B.CANCELLED}),
    B.FUND_REQUEST: frozenset({B.PAYING}),
    B.PAYING: frozenset({B.PAID_ALL, B.PAID_PART, B.FUND_REQUEST}),
    B.PAID_PART: frozenset({B.PAYING, B.FUND_REQUEST, B.CLOSED}),
    B.PAID_ALL: frozenset({B.FUND_REQUEST, B.CLOSED}),
    B.CLOSED: frozenset(),
    B.CANCELLED: frozenset(),
}
BATCH_PLANNING = frozenset({B.INTAKE_CLOSED, B.PLAN_DRAFT, B.PLAN_REVIEW})
BATCH_MARKING = frozenset({B.CLEARED, B.PAYING, B.PAID_ALL, B.PAID_PART})
BATCH_FUNDED = frozenset({B.PAYING, B.PAID_ALL, B.PAID_PART, B.CLOSED})
BATCH_REQUESTED = BATCH_FUNDED | {B.FUND_REQUEST}
BATCH_PUBLICISED = BATCH_REQUESTED | {B.PUBLICITY, B.CLEARED}
BATCH_APPROVED = BATCH_PUBLICISED | {B.APPROVED}
BATCH_REVIEWED = BATCH_APPROVED | {B.PLAN_REVIEW}
BATCH_PLANNED = BATCH_REVIEWED | {B.PLAN_DRAFT}


class PayoutState(TextChoices):
    CREATED = "created", "待复核"
    CHECKED = "checked", "已复核待发送"
    SENT = "sent", "已发送国库"
    PAID = "paid", "已支付"
    RETURNED = "returned", "已退回"


P = PayoutState
PAYOUT_ARCS: dict[PayoutState, frozenset[PayoutState]] = {
    P.CREATED: frozenset({P.CHECKED, P.RETURNED}),
    P.CHECKED: frozenset({P.SENT, P.RETURNED}),
    P.SENT: frozenset({P.PAID, P.RETURNED}),
    P.PAID: frozenset(),
    P.RETURNED: frozenset(),
}
PAYOUT_LIVE = frozenset({P.CREATED, P.CHECKED, P.SENT})


class Fault(TextChoices):
    """Why a claim is returned, reduced or refused (DOMAIN 3.4)."""

    F01 = "F01", "材料缺失"
    F02 = "F02", "材料不清晰或非原件"
    F03 = "F03", "文件类型不符（数电票须为XML或OFD）"
    F04 = "F04", "合同、发票、付款的名称或统一社会信用代码不一致"
    F05 = "F05", "未签署或证书无效"
    F06 = "F06", "合同日期不在有效期内或晚于服务开始"
    F07 = "F07", "服务完成或开票早于合同"
    F08 = "F08", "产品不在目录内或已到期"
    F09 = "F09", "不属于支持范围（常规或强制检测）"
    F10 = "F10", "金额不一致（合同、发票、付款）"
    F11 = "F11", "发票作废、红冲、重复或查无"
    F12 = "F12", "第三方、现金或个人账户付款"
    F13 = "F13", "余款未付清"
    F14 = "F14", "无交付成果或未达到指标"
    F15 = "F15", "无服务确认书"
    F16 = "F16", "关键环节缺少佐证材料"
    F17 = "F17", "超出额度、上限或预算"
    F18 = "F18", "重复享受支持"
    F19 = "F19", "未申报关联关系"
    F20 = "F20", "转包、分包"
    F21 = "F21", "已丧失资格"
    F22 = "F22", "有未办结的投诉或检查"
    F23 = "F23", "逾期申报"
    F24 = "F24", "收款账户与备案不一致"
    F25 = "F25", "其他（须说明）"


class ReturnCode(TextChoices):
    """Why a payout order did not end in a payment."""

    NAME = "name", "户名不符"
    NUMBER = "number", "账号有误"
    CLOSED = "closed", "账户已销户或冻结"
    BANK_LINE = "bank_line", "开户行或行号有误"
    CHANNEL = "channel", "银行或国库系统原因"
    OTHER = "other", "其他原因"
    NOT_SENT = "not_sent", "发送前退回重制"


# The bank says the account itself is wrong: the same account is not tried again.
ACCOUNT_FAULTS = frozenset({ReturnCode.NAME, ReturnCode.NUMBER, ReturnCode.CLOSED, ReturnCode.BANK_LINE})
BANK_FAULTS = ACCOUNT_FAULTS | {ReturnCode.CHANNEL, ReturnCode.OTHER}


class Severity(TextChoices):
    """What an unmet item of the checklist does."""

    HARD = "hard", "须补正后方可提交"
    RISK = "risk", "提请审核人员注意"


class ExportKind(TextChoices):
    XLSX = "xlsx", "电子表格"
    PDF = "pdf", "打印清单"
