"""The states of a 公示, of what stands in it, and of an objection (DOMAIN 6.11)."""

from __future__ import annotations

from django.db.models import TextChoices


class PublicityState(TextChoices):
    OPEN = "open", "公示中"
    CLOSED_CLEAR = "closed_clear", "期满无异议"
    CLOSED_WITH_HOLD = "closed_with_hold", "期满，部分事项异议核查中"
    DONE = "done", "异议已全部办结"
    WITHDRAWN = "withdrawn", "已撤回"


P = PublicityState
PUBLICITY_ARCS: dict[PublicityState, frozenset[PublicityState]] = {
    P.OPEN: frozenset({P.CLOSED_CLEAR, P.CLOSED_WITH_HOLD, P.WITHDRAWN}),
    P.CLOSED_CLEAR: frozenset(),
    P.CLOSED_WITH_HOLD: frozenset({P.DONE}),
    P.DONE: frozenset(),
    P.WITHDRAWN: frozenset(),
}
PUBLICITY_CLOSED = frozenset({P.CLOSED_CLEAR, P.CLOSED_WITH_HOLD, P.DONE})


class ItemState(TextChoices):
    ON_SHOW = "on_show", "公示中"
    HELD = "held", "异议核查中"
    CLEARED = "cleared", "公示通过"
    REMOVED = "removed", "异议成立，移出名单"
    WITHDRAWN = "withdrawn", "随名单撤回"


T = ItemState
ITEM_ARCS: dict[ItemState, frozenset[ItemState]] = {
    T.ON_SHOW: frozenset({T.HELD, T.CLEARED, T.WITHDRAWN}),
    T.HELD: frozenset({T.ON_SHOW, T.CLEARED, T.REMOVED, T.WITHDRAWN}),
    T.CLEARED: frozenset(),
    T.REMOVED: frozenset(),
    T.WITHDRAWN: frozenset(),
}
ITEM_LIVE = frozenset({T.ON_SHOW, T.HELD})


class ObjectionState(TextChoices):
    FILED = "filed", "待受理"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    ACCEPTED = "accepted", "已受理"
    INVESTIGATING = "investigating", "核查中"
    UPHELD = "upheld", "异议成立，待告知"
    NOT_UPHELD = "not_upheld", "异议不成立，待告知"
    NOTIFIED = "notified", "已告知结果"
    REVIEW = "review", "复核中"
    CLOSED = "closed", "已办结"
    LAPSED = "lapsed", "名单已撤回，程序终止"


J = ObjectionState
OBJECTION_ARCS: dict[ObjectionState, frozenset[ObjectionState]] = {
    J.FILED: frozenset({J.ACCEPTED, J.NOT_ACCEPTED, J.LAPSED}),
    J.NOT_ACCEPTED: frozenset(),
    J.ACCEPTED: frozenset({J.INVESTIGATING, J.LAPSED}),
    J.INVESTIGATING: frozenset({J.UPHELD, J.NOT_UPHELD, J.LAPSED}),
    J.UPHELD: frozenset({J.NOTIFIED}),
    J.NOT_UPHELD: frozenset({J.NOTIFIED}),
    J.NOTIFIED: frozenset({J.REVIEW, J.CLOSED}),
    J.REVIEW: frozenset({J.CLOSED, J.LAPSED}),
    J.CLOSED: frozenset(),
    J.LAPSED: frozenset(),
}
# What holds an item; once the period is over, so does an objection that nobody has looked at yet.
OBJECTION_HOLDING = frozenset({J.ACCEPTED, J.INVESTIGATING, J.REVIEW})
OBJECTION_PENDING = OBJECTION_HOLDING | {J.FILED}
OBJECTION_DECIDED = frozenset({J.UPHELD, J.NOT_UPHELD, J.NOTIFIED, J.REVIEW, J.CLOSED})
OBJECTION_TOLD = frozenset({J.NOTIFIED, J.REVIEW, J.CLOSED})


# The stages of an objection, as they stand in its chain: nobody takes two of them.
ACCEPT, INVESTIGATE, DECIDE, REVIEW = "check", "review", "decide", "second_look"


class FilerKind(TextChoices):
    PERSON = "person", "个人"
    UNIT = "unit", "单位"


class Unaccepted(TextChoices):
    """Why an objection is not accepted."""

    ANONYMOUS = "anonymous", "非实名或身份不实"
    OUT_OF_SCOPE = "out_of_scope", "不属于公示异议范围"
    LATE = "late", "超过公示期限"
    OTHER = "other", "其他（须说明）"


class Outcome(TextChoices):
    UPHELD = "upheld", "异议成立"
    NOT_UPHELD = "not_upheld", "异议不成立"


class AskedBy(TextChoices):
    """Who wants the result looked at once more."""

    FILER = "filer", "异议人"
    PARTY = "party", "被异议单位"


class FileRole(TextChoices):
    LETTER = "letter", "盖章异议函"
    EVIDENCE = "evidence", "证据材料"
