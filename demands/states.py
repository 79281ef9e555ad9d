"""States of a demand (DOMAIN 6.4), of a provider's response, and of a group of synonyms."""

from __future__ import annotations

from django.db.models import TextChoices


class DemandState(TextChoices):
    DRAFT = "draft", "填报中"
    SUBMITTED = "submitted", "待审核"
    RETURNED = "returned", "退回修改"
    PUBLISHED = "published", "展示中"
    MATCHING = "matching", "对接中"
    MATCHED = "matched", "已签约"
    WITHDRAWN = "withdrawn", "已撤回"
    EXPIRED = "expired", "已到期"
    TAKEN_DOWN = "taken_down", "已下架"


D = DemandState
DEMAND_ARCS: dict[DemandState, frozenset[DemandState]] = {
    D.DRAFT: frozenset({D.SUBMITTED, D.WITHDRAWN}),
    D.SUBMITTED: frozenset({D.RETURNED, D.PUBLISHED, D.WITHDRAWN}),
    D.RETURNED: frozenset({D.SUBMITTED, D.WITHDRAWN}),
    D.PUBLISHED: frozenset({D.MATCHING, D.WITHDRAWN, D.EXPIRED, D.TAKEN_DOWN}),
    D.MATCHING: frozenset({D.PUBLISHED, D.MATCHED, D.WITHDRAWN, D.EXPIRED, D.TAKEN_DOWN}),
    # The contract was cancelled before it took effect: the demand is open again, or its time is over.
    D.MATCHED: frozenset({D.PUBLISHED, D.EXPIRED}),
}
DEMAND_EDITABLE = frozenset({D.DRAFT, D.RETURNED})
DEMAND_SHOWN = frozenset({D.PUBLISHED, D.MATCHING})
DEMAND_BOUND = frozenset({D.MATCHING, D.MATCHED})  # a contract may stand on it
# Once published, the two officers and the days stand on the row. A withdrawn one may have been a draft.
DEMAND_PUBLISHED = DEMAND_SHOWN | {D.MATCHED, D.EXPIRED, D.TAKEN_DOWN}
DEMAND_SUBMITTED = DEMAND_PUBLISHED | {D.SUBMITTED, D.RETURNED}


class ResponseState(TextChoices):
    OFFERED = "offered", "已报价"
    SHORTLISTED = "shortlisted", "入围"
    TAKEN_UP = "taken_up", "已选定"
    DECLINED = "declined", "未选用"
    WITHDRAWN = "withdrawn", "已撤回"
    CLOSED = "closed", "需求已结束"


R = ResponseState
RESPONSE_ARCS: dict[ResponseState, frozenset[ResponseState]] = {
    R.OFFERED: frozenset({R.SHORTLISTED, R.TAKEN_UP, R.DECLINED, R.WITHDRAWN, R.CLOSED}),
    R.SHORTLISTED: frozenset({R.TAKEN_UP, R.DECLINED, R.WITHDRAWN, R.CLOSED}),
    R.TAKEN_UP: frozenset({R.SHORTLISTED, R.DECLINED, R.WITHDRAWN, R.CLOSED}),
}
RESPONSE_LIVE = frozenset({R.OFFERED, R.SHORTLISTED, R.TAKEN_UP})


class Side(TextChoices):
    ENTERPRISE = "enterprise", "企业"
    PROVIDER = "provider", "服务商"


class SynonymState(TextChoices):
    PROPOSED = "proposed", "待复核"
    CONFIRMED = "confirmed", "使用中"
    REFUSED = "refused", "未采用"
    RETIRED = "retired", "已停用"


SYNONYM_ARCS: dict[SynonymState, frozenset[SynonymState]] = {
    SynonymState.PROPOSED: frozenset({SynonymState.CONFIRMED, SynonymState.REFUSED}),
    SynonymState.CONFIRMED: frozenset({SynonymState.RETIRED}),
}
