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
