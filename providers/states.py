"""States of a year's listing (DOMAIN 6.2), a product and its versions (6.3), a settlement account and a bar."""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices


class ListingState(TextChoices):
    LISTED = "listed", "年度服务商"
    SUSPENDED = "suspended", "已暂停"
    EXPIRED = "expired", "已到期"
    TERMINATED = "terminated", "已终止服务资格"
    TERMINATED_BAN = "terminated_ban", "已终止且不得重新申报"


L = ListingState
# False material ends a qualification in whatever state it is (第十六条). One that is suspended while a case is looked
# into can be ended by its decision: it need not be let back among the listed for a moment first.
LISTING_ARCS: dict[ListingState, frozenset[ListingState]] = {
    L.LISTED: frozenset({L.SUSPENDED, L.EXPIRED, L.TERMINATED, L.TERMINATED_BAN}),
    L.SUSPENDED: frozenset({L.LISTED, L.EXPIRED, L.TERMINATED, L.TERMINATED_BAN}),
    L.EXPIRED: frozenset({L.TERMINATED_BAN}),
    L.TERMINATED: frozenset({L.TERMINATED_BAN}),
}
BANNABLE = frozenset(LISTING_ARCS)
LISTING_LIVE = frozenset({L.LISTED, L.SUSPENDED})


class ProductState(TextChoices):
    DRAFT = "draft", "未上架"
    ON_SHELF = "on_shelf", "在架"
    SUSPENDED = "suspended", "已暂停"
    OFF_SHELF = "off_shelf", "已下架"
    EXPIRED = "expired", "已到期"


P = ProductState
# A change under review stands on the version that is in review: the product stays on the shelf with the one before.
PRODUCT_ARCS: dict[ProductState, frozenset[ProductState]] = {
    P.DRAFT: frozenset({P.ON_SHELF}),
    P.ON_SHELF: frozenset({P.SUSPENDED, P.OFF_SHELF, P.EXPIRED}),
    P.SUSPENDED: frozenset({P.ON_SHELF, P.OFF_SHELF, P.EXPIRED}),
    P.EXPIRED: frozenset({P.ON_SHELF}),
}
PRODUCT_SHELVED = frozenset({P.ON_SHELF, P.SUSPENDED, P.OFF_SHELF, P.EXPIRED})
PRODUCT_LIVE = frozenset({P.ON_SHELF, P.SUSPENDED})


class VersionState(TextChoices):
    DRAFT = "draft", "填报中"
    IN_REVIEW = "in_review", "审核中"
    RETURNED = "returned", "退回补正"
    REJECTED = "rejected", "不予通过"
    WITHDRAWN = "withdrawn", "已撤回"
    CURRENT = "current", "现行版本"
    SUPERSEDED = "superseded", "已被替代"


V = VersionState
VERSION_ARCS: dict[VersionState, frozenset[VersionState]] = {
    V.DRAFT: frozenset({V.IN_REVIEW, V.WITHDRAWN}),
    V.RETURNED: frozenset({V.IN_REVIEW, V.WITHDRAWN}),
    V.IN_REVIEW: frozenset({V.RETURNED, V.REJECTED, V.CURRENT}),
    V.CURRENT: frozenset({V.SUPERSEDED}),
}
VERSION_EDITABLE = frozenset({V.DRAFT, V.RETURNED})
VERSION_OPEN = VERSION_EDITABLE | {V.IN_REVIEW}
VERSION_SHELVED = frozenset({V.CURRENT, V.SUPERSEDED})
VERSION_CHECKED = frozenset({V.IN_REVIEW, V.RETURNED, V.REJECTED})


class VersionOrigin(TextChoices):
    DRAFTED = "drafted", "申报"
    LOWERED = "lowered", "降价"


class PrecheckResult(IntegerChoices):
    """What the advisory pre-check answers (DOMAIN 0.9)."""

    PASSED = 1, "通过"
    FAILED = 2, "不通过"
    PARTLY = 3, "部分通过"
    UNKNOWN = 4, "无法判断"


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
