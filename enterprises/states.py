"""States of an enterprise's registration (DOMAIN 6.1), of a quota adjustment, and the kinds of a grant."""

from __future__ import annotations

from django.db.models import TextChoices


class State(TextChoices):
    DRAFT = "draft", "填报中"
    SUBMITTED = "submitted", "已提交"
    AUTO_OK = "auto_ok", "自动核验通过"
    AUTO_DOUBT = "auto_doubt", "自动核验存疑"
    CHECKED = "checked", "已初核"
    RETURNED = "returned", "退回补正"
    REJECTED = "rejected", "不予通过"
    ACTIVE = "active", "有效"
    FROZEN = "frozen", "已冻结"
    DISQUALIFIED = "disqualified", "已取消领券资格"
    RENEW_CHECK = "renew_check", "年度复核中"
    CLOSED = "closed", "已关闭"


ARCS: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.AUTO_OK, State.AUTO_DOUBT}),
    State.AUTO_OK: frozenset({State.CHECKED, State.RETURNED, State.REJECTED}),
    State.AUTO_DOUBT: frozenset({State.CHECKED, State.RETURNED, State.REJECTED}),
    State.CHECKED: frozenset({State.ACTIVE, State.RETURNED}),
    State.RETURNED: frozenset({State.SUBMITTED, State.CLOSED}),
    State.ACTIVE: frozenset({State.FROZEN, State.DISQUALIFIED, State.RENEW_CHECK, State.CLOSED}),
    State.FROZEN: frozenset({State.ACTIVE, State.DISQUALIFIED}),
    State.RENEW_CHECK: frozenset({State.ACTIVE, State.FROZEN}),
    # Taken up again by its own people: the code is registered once, so the row begins anew.
    State.REJECTED: frozenset({State.DRAFT}),
    State.CLOSED: frozenset({State.DRAFT}),
    State.DISQUALIFIED: frozenset({State.DRAFT}),
}

REOPENABLE = frozenset({State.REJECTED, State.CLOSED, State.DISQUALIFIED})
EDITABLE = frozenset({State.DRAFT, State.RETURNED})
UNCHECKED = frozenset({State.AUTO_OK, State.AUTO_DOUBT})
# Past the first check, and past the confirmation: the people who did them stand on the row.
CHECKED_STATES = frozenset({State.CHECKED, State.ACTIVE, State.FROZEN, State.DISQUALIFIED, State.RENEW_CHECK})
CONFIRMED_STATES = CHECKED_STATES - {State.CHECKED}


class GrantKind(TextChoices):
    GRANT = "grant", "首次匹配"
    RENEWAL = "renewal", "年度匹配"
    UPGRADE = "upgrade", "年中上调"
    LOSS = "loss", "年中下调"
    MANUAL = "manual", "人工调整"


class AdjustmentState(TextChoices):
    PROPOSED = "proposed", "已提出"
    REVIEWED = "reviewed", "已复核"
    DECIDED = "decided", "已核准"
    DECLINED = "declined", "不予调整"


ADJUSTMENT_ARCS: dict[AdjustmentState, frozenset[AdjustmentState]] = {
    AdjustmentState.PROPOSED: frozenset({AdjustmentState.REVIEWED, AdjustmentState.DECLINED}),
    AdjustmentState.REVIEWED: frozenset({AdjustmentState.DECIDED, AdjustmentState.DECLINED}),
}
