"""The states of a contract (DOMAIN 6.5), of its payment orders, supplements and terminations."""

from __future__ import annotations

from django.db.models import TextChoices


class State(TextChoices):
    DRAFT = "draft", "草稿"
    READY = "ready", "待发起签署"
    SIGNING = "signing", "签署中"
    SIGNED_WAIT_DEPOSIT = "signed_wait_deposit", "已签署待付定金"
    EFFECTIVE = "effective", "已生效"
    PERFORMING = "performing", "履行中"
    DELIVERED = "delivered", "已交付待验收"
    RECTIFY = "rectify", "整改中"
    ACCEPTED = "accepted", "已验收"
    PAID_UP = "paid_up", "已付清"
    CONFIRMED = "confirmed", "已确认"
    SETTLED = "settled", "已兑付"
    ARCHIVED = "archived", "已归档"
    CANCELLED = "cancelled", "已取消"
    CHANGE_PENDING = "change_pending", "变更中"
    TERMINATED = "terminated", "已终止"
    DISPUTED = "disputed", "争议中"
    FROZEN = "frozen", "已冻结"
    OVERDUE = "overdue", "已逾期"
    VOIDED = "voided", "已作废"


S = State
CHANGEABLE = frozenset({S.EFFECTIVE, S.PERFORMING, S.DELIVERED, S.RECTIFY, S.ACCEPTED})
RUNNING = CHANGEABLE | {S.PAID_UP}
WORKING = frozenset({S.EFFECTIVE, S.PERFORMING, S.RECTIFY})  # the provider's turn: the end date is for these
LAPSING = WORKING | {S.CONFIRMED}  # what a date that passed makes overdue: the end date, or the claim's
NOT_YET_EFFECTIVE = frozenset({S.SIGNING, S.SIGNED_WAIT_DEPOSIT})
STOPPABLE = NOT_YET_EFFECTIVE | RUNNING | {S.CONFIRMED}  # where a dispute or a freeze finds it and leaves it
INTERRUPTED = frozenset({S.CHANGE_PENDING, S.DISPUTED, S.FROZEN, S.OVERDUE})
HOLDING = STOPPABLE | INTERRUPTED
CAME_TO_NOTHING = frozenset({S.CANCELLED, S.TERMINATED, S.VOIDED})
OVER = CAME_TO_NOTHING | {S.SETTLED, S.ARCHIVED}  # nothing is to come any more

_FORWARD: dict[State, frozenset[State]] = {
    S.DRAFT: frozenset({S.READY, S.CANCELLED}),
    S.READY: frozenset({S.DRAFT, S.SIGNING, S.CANCELLED}),
    S.SIGNING: frozenset({S.SIGNED_WAIT_DEPOSIT, S.CANCELLED}),
    S.SIGNED_WAIT_DEPOSIT: frozenset({S.EFFECTIVE, S.CANCELLED}),
    S.EFFECTIVE: frozenset({S.PERFORMING}),
    S.PERFORMING: frozenset({S.DELIVERED}),
    S.DELIVERED: frozenset({S.RECTIFY, S.ACCEPTED}),
    S.RECTIFY: frozenset({S.DELIVERED}),
    S.ACCEPTED: frozenset({S.PAID_UP}),
    S.PAID_UP: frozenset({S.CONFIRMED}),
    S.CONFIRMED: frozenset({S.SETTLED}),
    S.SETTLED: frozenset({S.ARCHIVED}),
    S.ARCHIVED: frozenset(),
    S.CANCELLED: frozenset(),
    S.TERMINATED: frozenset(),
    S.VOIDED: frozenset(),
    S.CHANGE_PENDING: CHANGEABLE,
    S.DISPUTED: STOPPABLE | {S.TERMINATED, S.FROZEN},
    S.FROZEN: STOPPABLE | {S.VOIDED},
    S.OVERDUE: LAPSING | {S.TERMINATED, S.VOIDED, S.DISPUTED, S.FROZEN},
}


def _arcs() -> dict[State, frozenset[State]]:
    arcs = {}
    for state, targets in _FORWARD.items():
        more: set[State] = set(targets)
        if state in CHANGEABLE:
            more.add(S.CHANGE_PENDING)
        if state in RUNNING:
            more.add(S.TERMINATED)
        if state in LAPSING:
            more.add(S.OVERDUE)
        if state in STOPPABLE:
            more |= {S.DISPUTED, S.FROZEN}
        arcs[state] = frozenset(more)
    return arcs


ARCS = _arcs()


class PaymentState(TextChoices):
    CREATED = "created", "待付款"
    REPORTED = "reported", "已报付款待确认"
    MATCHED = "matched", "已核对"
    MISMATCH = "mismatch", "核对不符"
    CANCELLED = "cancelled", "已取消"


PAYMENT_ARCS: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.CREATED: frozenset({PaymentState.REPORTED, PaymentState.CANCELLED}),
    PaymentState.REPORTED: frozenset({PaymentState.MATCHED, PaymentState.MISMATCH}),
    PaymentState.MISMATCH: frozenset({PaymentState.REPORTED, PaymentState.CANCELLED}),
    PaymentState.MATCHED: frozenset(),
    PaymentState.CANCELLED: frozenset(),
}


class PaymentKind(TextChoices):
    DEPOSIT = "deposit", "定金"
    BALANCE = "balance", "余款"


class InvoiceState(TextChoices):
    STANDING = "standing", "有效"
    VOIDED = "voided", "已作废"
    REVERSED = "reversed", "已红冲"


INVOICE_ARCS: dict[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.STANDING: frozenset({InvoiceState.VOIDED, InvoiceState.REVERSED}),
    InvoiceState.VOIDED: frozenset(),
    InvoiceState.REVERSED: frozenset(),
}


class SupplementState(TextChoices):
    PROPOSED = "proposed", "待对方签署"
    IN_FORCE = "in_force", "已生效"
    REFUSED = "refused", "对方不同意"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "已失效"


SUPPLEMENT_ARCS: dict[SupplementState, frozenset[SupplementState]] = {
    SupplementState.PROPOSED: frozenset(
        {SupplementState.IN_FORCE, SupplementState.REFUSED, SupplementState.WITHDRAWN, SupplementState.LAPSED}
    ),
    SupplementState.IN_FORCE: frozenset(),
    SupplementState.REFUSED: frozenset(),
    SupplementState.WITHDRAWN: frozenset(),
    SupplementState.LAPSED: frozenset(),
}


class TerminationState(TextChoices):
    REQUESTED = "requested", "待经办核对"
    CHECKED = "checked", "待复核"
    DECIDED = "decided", "已终止"
    REFUSED = "refused", "不予终止"


TERMINATION_ARCS: dict[TerminationState, frozenset[TerminationState]] = {
    TerminationState.REQUESTED: frozenset({TerminationState.CHECKED, TerminationState.REFUSED}),
    TerminationState.CHECKED: frozenset({TerminationState.DECIDED, TerminationState.REFUSED}),
    TerminationState.DECIDED: frozenset(),
    TerminationState.REFUSED: frozenset(),
}


class Fault(TextChoices):
    ENTERPRISE = "enterprise", "企业方"
    PROVIDER = "provider", "服务商方"
    BOTH = "both", "双方"
    NONE = "none", "均无过错"


class Side(TextChoices):
    ENTERPRISE = "enterprise", "企业（甲方）"
    PROVIDER = "provider", "服务商（乙方）"


class Document(TextChoices):
    CONTRACT = "contract", "合同"
    CONFIRMATION = "confirmation", "服务确认书"
    SUPPLEMENT = "supplement", "补充协议"


class EvidenceKind(TextChoices):
    """What 第二十二条 names, and what the parties keep anyway."""

    PHOTO = "photo", "图片"
    VIDEO = "video", "视频"
    REPORT = "report", "报告"
    THIRD_PARTY = "third_party", "第三方证明"
    LOG = "log", "过程记录"


class MilestoneState(TextChoices):
    """Told by the evidence and the day, kept nowhere."""

    OPEN = "open", "未到期，材料未齐"
    EVIDENCED = "evidenced", "材料已齐"
    LATE = "late", "已过计划日期，材料未齐"


class QueryState(TextChoices):
    OPEN = "open", "待补充"
    SUPPLEMENTED = "supplemented", "已补充"
    REJECTED = "rejected", "不予采信"
    WITHDRAWN = "withdrawn", "已撤回"


QUERY_ARCS: dict[QueryState, frozenset[QueryState]] = {
    QueryState.OPEN: frozenset({QueryState.SUPPLEMENTED, QueryState.REJECTED, QueryState.WITHDRAWN}),
    QueryState.SUPPLEMENTED: frozenset(),
    QueryState.REJECTED: frozenset(),
    QueryState.WITHDRAWN: frozenset(),
}
SETS_ASIDE = frozenset({QueryState.OPEN, QueryState.REJECTED})  # while one is so, the material does not count


class PermitState(TextChoices):
    PROPOSED = "proposed", "待审定"
    GRANTED = "granted", "已核准"
    DECLINED = "declined", "不予核准"
    REVOKED = "revoked", "已撤销"


PERMIT_ARCS: dict[PermitState, frozenset[PermitState]] = {
    PermitState.PROPOSED: frozenset({PermitState.GRANTED, PermitState.DECLINED}),
    PermitState.GRANTED: frozenset({PermitState.REVOKED}),
    PermitState.DECLINED: frozenset(),
    PermitState.REVOKED: frozenset(),
}
PERMIT_STANDING = frozenset({PermitState.PROPOSED, PermitState.GRANTED})  # one of a pair and year at a time
PERMIT_DECIDED = frozenset(PermitState) - {PermitState.PROPOSED}


class Asker(TextChoices):
    ENTERPRISE = "enterprise", "企业"
    DEPARTMENT = "department", "厅职能处室"


class ClaimStage(TextChoices):
    """Where the claim for the voucher stands, as settlement tells the contract."""

    NONE = "none", "未申请兑付"
    OFFICE = "office", "兑付审核支付中"
    RETURNED = "returned", "兑付申请退回补正"
    APPEALABLE = "appealable", "兑付不予通过，可申诉"
    REFILABLE = "refilable", "兑付逾期未补正，可重新申报"
    BOUNCED = "bounced", "支付退回，待更正收款账户"
    REFUSED = "refused", "兑付不予通过"
    PAID = "paid", "已支付"


CLAIM_WITH_PROVIDER = frozenset({ClaimStage.NONE, ClaimStage.RETURNED, ClaimStage.REFILABLE})  # not filed, or back
CLAIM_OVER = frozenset({ClaimStage.REFUSED, ClaimStage.PAID})  # nothing is awaited of it any more


class Awaited(TextChoices):
    """What a contract waits for."""

    AGREE_BOTH = "agree_both", "双方同意草稿"
    AGREE_ENTERPRISE = "agree_enterprise", "企业同意草稿"
    AGREE_PROVIDER = "agree_provider", "服务商同意草稿"
    START_SIGNING = "start_signing", "任一方发起签署"
    SIGN_BOTH = "sign_both", "双方签署合同"
    SIGN_ENTERPRISE = "sign_enterprise", "企业签署合同"
    SIGN_PROVIDER = "sign_provider", "服务商签署合同"
    DEPOSIT = "deposit", "企业支付并登记定金"
    DEPOSIT_MATCH = "deposit_match", "服务商核对定金到账"
    MILESTONE = "milestone", "服务商完成关键环节"
    DELIVERY = "delivery", "服务商提交交付"
    EVIDENCE = "evidence", "服务商补充佐证材料"
    ACCEPTANCE = "acceptance", "企业验收"
    RECTIFICATION = "rectification", "服务商整改"
    BALANCE = "balance", "企业支付并登记余款"
    BALANCE_MATCH = "balance_match", "服务商核对余款到账"
    CONFIRM_PROVIDER = "confirm_provider", "服务商签署服务确认书"
    CONFIRM_ENTERPRISE = "confirm_enterprise", "企业评价并签署服务确认书"
    SUPPLEMENT_ENTERPRISE = "supplement_enterprise", "企业答复补充协议"
    SUPPLEMENT_PROVIDER = "supplement_provider", "服务商答复补充协议"
    TERMINATION_CHECK = "termination_check", "促进中心核对终止申请"
    TERMINATION_DECIDE = "termination_decide", "促进中心复核终止申请"
    MEDIATION = "mediation", "促进中心调处争议"
    FROZEN = "frozen", "厅职能处室处理冻结"
    OVERDUE = "overdue", "厅职能处室处理逾期"
    CLAIM = "claim", "服务商申请兑付"
    CLAIM_OFFICE = "claim_office", "管理部门审核和支付兑付"
    CLAIM_CORRECTION = "claim_correction", "服务商补正兑付申请"
    CLAIM_APPEAL = "claim_appeal", "服务商决定是否申诉"
    CLAIM_REFILE = "claim_refile", "服务商重新申报兑付"
    CLAIM_ACCOUNT = "claim_account", "服务商更正收款账户"


class Of(TextChoices):
    """Of whom it is awaited."""

    BOTH = "both", "双方"
    ENTERPRISE = "enterprise", "企业"
    PROVIDER = "provider", "服务商"
    CENTRE = "centre", "促进中心"
    DEPARTMENT = "department", "厅职能处室"
    OFFICE = "office", "管理部门"


A = Awaited
OF: dict[Awaited, Of] = {
    A.AGREE_BOTH: Of.BOTH, A.START_SIGNING: Of.BOTH, A.SIGN_BOTH: Of.BOTH,
    A.AGREE_ENTERPRISE: Of.ENTERPRISE, A.SIGN_ENTERPRISE: Of.ENTERPRISE, A.DEPOSIT: Of.ENTERPRISE,
    A.ACCEPTANCE: Of.ENTERPRISE, A.BALANCE: Of.ENTERPRISE, A.CONFIRM_ENTERPRISE: Of.ENTERPRISE,
    A.SUPPLEMENT_ENTERPRISE: Of.ENTERPRISE,
    A.AGREE_PROVIDER: Of.PROVIDER, A.SIGN_PROVIDER: Of.PROVIDER, A.DEPOSIT_MATCH: Of.PROVIDER,
    A.MILESTONE: Of.PROVIDER, A.DELIVERY: Of.PROVIDER, A.EVIDENCE: Of.PROVIDER, A.RECTIFICATION: Of.PROVIDER,
    A.BALANCE_MATCH: Of.PROVIDER, A.CONFIRM_PROVIDER: Of.PROVIDER, A.SUPPLEMENT_PROVIDER: Of.PROVIDER,
    A.CLAIM: Of.PROVIDER, A.CLAIM_CORRECTION: Of.PROVIDER, A.CLAIM_APPEAL: Of.PROVIDER,
    A.CLAIM_REFILE: Of.PROVIDER, A.CLAIM_ACCOUNT: Of.PROVIDER, A.CLAIM_OFFICE: Of.OFFICE,
    A.TERMINATION_CHECK: Of.CENTRE, A.TERMINATION_DECIDE: Of.CENTRE, A.MEDIATION: Of.CENTRE,
    A.FROZEN: Of.DEPARTMENT, A.OVERDUE: Of.DEPARTMENT,
}  # fmt: skip
# what binds the organisation: of its people the authorised signatory alone takes it (DOMAIN section 4, rows 16, 20 to 24)
BY_SIGNATORY = frozenset(
    {
        A.SIGN_BOTH, A.SIGN_ENTERPRISE, A.SIGN_PROVIDER, A.ACCEPTANCE, A.CONFIRM_PROVIDER, A.CONFIRM_ENTERPRISE,
        A.SUPPLEMENT_ENTERPRISE, A.SUPPLEMENT_PROVIDER,
    }
)  # fmt: skip
CLAIM_AWAITS: dict[ClaimStage, Awaited] = {
    ClaimStage.NONE: A.CLAIM,
    ClaimStage.OFFICE: A.CLAIM_OFFICE,
    ClaimStage.RETURNED: A.CLAIM_CORRECTION,
    ClaimStage.APPEALABLE: A.CLAIM_APPEAL,
    ClaimStage.REFILABLE: A.CLAIM_REFILE,
    ClaimStage.BOUNCED: A.CLAIM_ACCOUNT,
}
# What holds no money yet may wait for ever; a claim's clocks are settlement's
ABOUT_CLAIM = frozenset(CLAIM_AWAITS.values())
NEVER_STANDING = ABOUT_CLAIM | {A.AGREE_BOTH, A.AGREE_ENTERPRISE, A.AGREE_PROVIDER, A.START_SIGNING}
STANDING = frozenset(A) - NEVER_STANDING
PLANNED = frozenset({A.MILESTONE, A.DELIVERY})  # these have a day of the contract's own; before it nothing stands
REMINDED = frozenset(one for one in STANDING if OF[one] in (Of.BOTH, Of.ENTERPRISE, Of.PROVIDER))
