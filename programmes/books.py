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


def _quota(enterprise_id: UUID, year: int) -> ledger.Opening:
    return ledger.Opening(QUOTA, str(enterprise_id), year, heat=0, stripes=1)


def _cap(provider_id: UUID, year: int) -> ledger.Opening:
    return ledger.Opening(CAP, str(provider_id), year, heat=1, stripes=64)


def _budget(year: int) -> ledger.Opening:
    return ledger.Opening(BUDGET, BUDGET_OWNER, year, heat=2, stripes=64)
