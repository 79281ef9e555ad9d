"""The year's cap of a provider, opened once (第十一条)."""

from __future__ import annotations

from uuid import UUID

from engines.evidence import services as evidence
from engines.ledger import selectors as ledger_reads
from engines.ledger import services as ledger
from foundation.actors import Actor
from foundation.locking import lock, unit_of_work
from foundation.money import yuan
from programmes import books
from programmes.models import Notice
from providers.models import Provider


def open_cap(*, provider_id: UUID, year: int, notice: Notice, by: Actor) -> int:
    """The provider's cap account of `year` has the notice's cap; returns the account.

    By listing, or earlier by a contract of the year before that rolls over. The second time changes
    nothing: the provider's row is locked, so two callers cannot both find it empty.
    """
    with unit_of_work():
        provider = lock(Provider.objects.all(), provider_id)
        account = books.cap(provider.pk, year)
        if ledger_reads.balance(account).issued:
            return account
        cap = notice.parsed.provider_cap
        facts = {"year": year, "cap": f"{cap:.2f}", "notice": notice.label}
        evidence.record(provider, act="open_cap", by=by, facts=facts)
        ledger.issue(
            account=account,
            amount=cap,
            by=by,
            reference=f"cap:{provider.pk}:{year}",
            reason=f"{year}服务年度结算限额{yuan(cap)}（办法第十一条）",
        )
    return account
