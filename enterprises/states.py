"""States of an enterprise's registration (DOMAIN 6.1), of quota adjustments, disputes and declarations, and kinds."""

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
# Somebody is waited for: the officers until it is active, the enterprise while it is returned. `due_on` is their last day.
CLOCKED = frozenset({State.SUBMITTED, State.AUTO_OK, State.AUTO_DOUBT, State.CHECKED, State.RETURNED})
EDITABLE = frozenset({State.DRAFT, State.RETURNED})
# What it stated may no longer be edited, but whom to reach and from which account it pays it puts right itself.
CORRECTABLE = frozenset(State) - EDITABLE - {State.REJECTED, State.CLOSED}
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


class Standing(TextChoices):
    """Whether a line of the passport counts on the day, and if not, why not."""

    COUNTS = "counts", "有效"
    ABSENT = "absent", "未登记"
    WAITING = "waiting", "待核验"
    NOT_YET = "not_yet", "未到有效期"
    ENDED = "ended", "已到期"
    REVOKED = "revoked", "已撤销"
    REJECTED = "rejected", "核验未通过"
    OUTSIDE = "outside", "不属上两个年度新增"


class DisputeKind(TextChoices):
    MISSING = "missing", "称号未匹配"
    DATES = "dates", "有效期有误"
    LISTING = "listing", "名录或入库日期有误"
    DISHONEST = "dishonest", "不应列入失信"
    OTHER = "other", "其他"


class DisputeState(TextChoices):
    OPEN = "open", "已提出"
    ACCEPTED = "accepted", "已登记更正，待审定"
    UNFOUNDED = "unfounded", "拟不支持，待审定"
    UPHELD = "upheld", "异议成立"
    REJECTED = "rejected", "异议不成立"
    WITHDRAWN = "withdrawn", "已撤回"


DISPUTE_ARCS: dict[DisputeState, frozenset[DisputeState]] = {
    DisputeState.OPEN: frozenset({DisputeState.ACCEPTED, DisputeState.UNFOUNDED, DisputeState.WITHDRAWN}),
    DisputeState.ACCEPTED: frozenset({DisputeState.UPHELD, DisputeState.REJECTED, DisputeState.OPEN}),
    DisputeState.UNFOUNDED: frozenset({DisputeState.REJECTED, DisputeState.OPEN}),
}
HANDLED = frozenset({DisputeState.ACCEPTED, DisputeState.UNFOUNDED})
UNDECIDED = frozenset({DisputeState.OPEN, *HANDLED})
DISPUTE_DECIDED = frozenset({DisputeState.UPHELD, DisputeState.REJECTED})


class RelationKind(TextChoices):
    PARENT = "parent", "母公司或控股股东"
    SUBSIDIARY = "subsidiary", "子公司或被控股企业"
    SAME_CONTROLLER = "same_controller", "同一实际控制人"
    SAME_REPRESENTATIVE = "same_representative", "同一法定代表人"
    SHAREHOLDER = "shareholder", "重要股东或参股企业"
    KEY_STAFF = "key_staff", "董事、监事、高级管理人员兼任"


# What ties bodies into one group: whoever controls the one controls the other. The rest ties two bodies and no third.
CONTROL = frozenset({RelationKind.PARENT, RelationKind.SUBSIDIARY, RelationKind.SAME_CONTROLLER})


class DeclarationState(TextChoices):
    IN_FORCE = "in_force", "有效"
    SUPERSEDED = "superseded", "已被新的申报替代"


DECLARATION_ARCS: dict[DeclarationState, frozenset[DeclarationState]] = {
    DeclarationState.IN_FORCE: frozenset({DeclarationState.SUPERSEDED}),
}
