"""The three books that a voucher is held in, and how each account is opened.

Heat is the order of locking, the hottest last; stripes spread a hot account over rows (PERFORMANCE.md).
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast

from engines.ledger import selectors as ledger_reads
from engines.ledger import services as ledger
from foundation.statements import Given

QUOTA = "quota"
CAP = "cap"
BUDGET = "budget"
BUDGET_OWNER = "general"
LABELS = {QUOTA: "企业年度额度", CAP: "服务商年度上限", BUDGET: "年度预算"}


def quota(enterprise_id: UUID, year: int) -> int:
    """The account of an enterprise's quota in a programme year; opened when it is not there."""
    return ledger.open_accounts([_quota(enterprise_id, year)])[0]


def cap(provider_id: UUID, year: int) -> int:
    """The account of a provider's cap in a service year; opened when it is not there."""
    return ledger.open_accounts([_cap(provider_id, year)])[0]


def budget(year: int) -> int:
    """The account of the general voucher's budget in a fiscal year; opened when it is not there."""
    return ledger.open_accounts([_budget(year)])[0]


def signing_accounts(enterprise_id: UUID, provider_id: UUID, year: int) -> list[int]:
    """Quota, cap and budget of one year, in one round trip: what a voucher is held on at signature."""
    return ledger.open_accounts([_quota(enterprise_id, year), _cap(provider_id, year), _budget(year)])


def opened(enterprise: str, provider: str, year: Given) -> dict[str, Subquery]:
    """Inside a query that has the two ids in these columns: `quota_account` and so on, NULL where it is not open."""
    owners = {QUOTA: _text(enterprise), CAP: _text(provider), BUDGET: Value(BUDGET_OWNER)}
    return {f"{book}_account": ledger_reads.account_of(book, owner, year) for book, owner in owners.items()}


def left(provider: str, year: Given) -> dict[str, Subquery]:
    """Inside such a query: `cap_left` and `budget_left`, what is available in all their stripes together."""
    owners = {CAP: _text(provider), BUDGET: Value(BUDGET_OWNER)}
    return {f"{book}_left": ledger_reads.available_of(book, owner, year) for book, owner in owners.items()}


def _text(column: str) -> Cast:
    return Cast(OuterRef(column), CharField())


def _quota(enterprise_id: UUID, year: int) -> ledger.Opening:
    return ledger.Opening(QUOTA, str(enterprise_id), year, heat=0, stripes=1)


def _cap(provider_id: UUID, year: int) -> ledger.Opening:
    return ledger.Opening(CAP, str(provider_id), year, heat=1, stripes=64)


def _budget(year: int) -> ledger.Opening:
    return ledger.Opening(BUDGET, BUDGET_OWNER, year, heat=2, stripes=64)
