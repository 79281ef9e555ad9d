"""The three books that a voucher is held in, and how each account is opened.

Heat is the order of locking, the hottest last; stripes spread a hot account over rows (PERFORMANCE.md).
"""

from __future__ import annotations

from uuid import UUID

from engines.ledger import services as ledger

QUOTA = "quota"
CAP = "cap"
BUDGET = "budget"
BUDGET_OWNER = "general"
LABELS = {QUOTA: "企业年度额度", CAP: "服务商年度上限", BUDGET: "年度预算"}


def quota(enterprise_id: UUID, year: int) -> int:
    """The account of an enterprise's quota in a programme year; opened when it is not there."""
    return ledger.open_account(book=QUOTA, owner=str(enterprise_id), period=year, heat=0, stripes=1)


def cap(provider_id: UUID, year: int) -> int:
    """The account of a provider's cap in a service year; opened when it is not there."""
    return ledger.open_account(book=CAP, owner=str(provider_id), period=year, heat=1, stripes=64)


def budget(year: int) -> int:
    """The account of the general voucher's budget in a fiscal year; opened when it is not there."""
    return ledger.open_account(book=BUDGET, owner=BUDGET_OWNER, period=year, heat=2, stripes=64)
