"""States of a qualification application (DOMAIN 6.2), a product (6.3), a settlement account and a bar."""

from __future__ import annotations

from django.db.models import TextChoices


class ApplicationState(TextChoices):
    DRAFT = "draft", "填报中"
    SUBMITTED = "submitted", "已提交"
    FORMAL_CHECK = "formal_check", "形式审查"
    RETURNED = "returned", "退回补正"
    REJECTED = "rejected", "不予受理"
    DEPT_ACCEPTED = "dept_accepted", "处室已受理"
    EXPERT_REVIEW = "expert_review", "专家评审中"
    SCORED = "scored", "评审已打分"
    RECOMMENDED = "recommended", "拟推荐"
    NOT_RECOMMENDED = "not_recommended", "不予推荐"
    APPROVED = "approved", "已审定"
    PUBLICITY = "publicity", "公示中"
    OBJECTION_HOLD = "objection_hold", "异议核查中"
    LISTED = "listed", "年度服务商"
    REMOVED = "removed", "公示后移出"
    SUSPENDED = "suspended", "已暂停"
    EXPIRED = "expired", "已到期"
    TERMINATED = "terminated", "已终止服务资格"
    TERMINATED_BAN = "terminated_ban", "已终止且不得重新申报"


A = ApplicationState
# False material ends a qualification in whatever state it is (第十六条).
_BAN = frozenset({A.TERMINATED_BAN})
APPLICATION_ARCS: dict[ApplicationState, frozenset[ApplicationState]] = {
    A.DRAFT: _BAN | {A.SUBMITTED},
    A.SUBMITTED: _BAN | {A.FORMAL_CHECK},
    A.FORMAL_CHECK: _BAN | {A.RETURNED, A.DEPT_ACCEPTED, A.REJECTED},
    A.RETURNED: _BAN | {A.SUBMITTED},
    A.DEPT_ACCEPTED: _BAN | {A.RECOMMENDED},
    A.RECOMMENDED: _BAN | {A.APPROVED},
    A.APPROVED: _BAN | {A.PUBLICITY},
    A.PUBLICITY: _BAN | {A.LISTED},
    A.LISTED: _BAN | {A.SUSPENDED, A.EXPIRED, A.TERMINATED},
    A.SUSPENDED: _BAN | {A.LISTED, A.EXPIRED},
    A.REJECTED: _BAN,
    A.EXPIRED: _BAN,
    A.TERMINATED: _BAN,
}
BANNABLE = frozenset(APPLICATION_ARCS)
APPLICATION_EDITABLE = frozenset({A.DRAFT, A.RETURNED})
# From here on the act of the earlier officer stands on the row.
APPLICATION_APPROVED = frozenset({A.APPROVED, A.PUBLICITY, A.LISTED, A.SUSPENDED, A.EXPIRED, A.TERMINATED})
APPLICATION_RECOMMENDED = APPLICATION_APPROVED | {A.RECOMMENDED}
APPLICATION_ACCEPTED = APPLICATION_RECOMMENDED | {A.DEPT_ACCEPTED}
APPLICATION_PUBLISHED = APPLICATION_APPROVED - {A.APPROVED}
APPLICATION_LISTED = APPLICATION_PUBLISHED - {A.PUBLICITY}


class ProductState(TextChoices):
    DRAFT = "draft", "填报中"
    SUBMITTED = "submitted", "已提交"
    AI_PRECHECK = "ai_precheck", "智能预审"
    FORMAL_CHECK = "formal_check", "形式审查"
    RETURNED = "returned", "退回补正"
    REJECTED = "rejected", "不予通过"
    EXPERT_REVIEW = "expert_review", "专家评审中"
    APPROVED = "approved", "已审定"
    PUBLICITY = "publicity", "公示中"
    ON_SHELF = "on_shelf", "在架"
    CHANGE_PENDING = "change_pending", "变更待审"
    SUSPENDED = "suspended", "已暂停"
    OFF_SHELF = "off_shelf", "已下架"
    EXPIRED = "expired", "已到期"


P = ProductState
PRODUCT_ARCS: dict[ProductState, frozenset[ProductState]] = {
    P.DRAFT: frozenset({P.SUBMITTED}),
    P.SUBMITTED: frozenset({P.FORMAL_CHECK}),
    P.FORMAL_CHECK: frozenset({P.RETURNED, P.REJECTED, P.APPROVED}),
    P.RETURNED: frozenset({P.SUBMITTED}),
    P.APPROVED: frozenset({P.PUBLICITY}),
    P.PUBLICITY: frozenset({P.ON_SHELF}),
    P.ON_SHELF: frozenset({P.SUSPENDED, P.OFF_SHELF, P.EXPIRED}),
    P.SUSPENDED: frozenset({P.ON_SHELF, P.OFF_SHELF, P.EXPIRED}),
}
PRODUCT_EDITABLE = frozenset({P.DRAFT, P.RETURNED})
PRODUCT_SHELVED = frozenset({P.ON_SHELF, P.SUSPENDED, P.OFF_SHELF, P.EXPIRED})
PRODUCT_PUBLISHED = PRODUCT_SHELVED | {P.PUBLICITY}
PRODUCT_APPROVED = PRODUCT_PUBLISHED | {P.APPROVED}


class AccountState(TextChoices):
    REQUESTED = "requested", "待复核"
    APPROVED = "approved", "已复核"
    REFUSED = "refused", "未通过"


ACCOUNT_ARCS: dict[AccountState, frozenset[AccountState]] = {
    AccountState.REQUESTED: frozenset({AccountState.APPROVED, AccountState.REFUSED}),
}


class BarState(TextChoices):
    PROPOSED = "proposed", "已提出"
    DECIDED = "decided", "已决定"
    DECLINED = "declined", "不予禁止"


BAR_ARCS: dict[BarState, frozenset[BarState]] = {
    BarState.PROPOSED: frozenset({BarState.DECIDED, BarState.DECLINED}),
}
