"""The year's cap of a provider: opened once, and kept to the year's notice (第十一条)."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from engines.evidence import services as evidence
from engines.ledger import selectors as ledger_reads
from engines.ledger import services as ledger
from engines.ledger.models import Account
from engines.ledger.selectors import Balance
from foundation.actors import Actor
from foundation.locking import lock, unit_of_work
from foundation.money import ZERO, yuan
from programmes import books
from programmes import selectors as programmes
from programmes.models import Notice
from providers.models import Provider


def open_cap(*, provider_id: UUID, year: int, by: Actor, needed: Decimal = ZERO) -> int:
    """The provider's cap account of `year` has what that year's own notice gives; returns the account.

    By listing, by the nightly job, or earlier by a contract of the year before that rolls over. The
    difference to what was issued is one entry in the ledger with evidence on the provider: another cap in
    a later revision moves it too. A lower cap takes back what is free, never what is used. While no notice
    of `year` is published, `needed` 元 are free on it and no more: what the contract carries over. A
    closed account stays as it is.
    """
    account = books.cap(provider_id, year)
    notice = programmes.notice_of_year(year)
    if _change(ledger_reads.balance(account), notice, needed) == 0:
        return account
    with unit_of_work():
        # the row first, so that two callers cannot both find it short; then the account, for an exact figure
        provider = lock(Provider.objects.all(), provider_id)
        held = ledger.freeze(account=account)
        amount = _change(held, notice, needed)
        if amount:
            _issue(provider, year, held, notice, amount, by=by)
    return account


def to_bring_up_to_date(year: int) -> list[UUID]:
    """Providers whose open cap of `year` is not what the notice of that year gives, though it could be."""
    notice = programmes.notice_of_year(year)
    if notice is None:
        return []
    opened = [held for held in ledger_reads.balances(books.CAP, year) if held.issued]
    wrong = [held.account for held in opened if _change(held, notice, ZERO)]
    owners = Account.objects.filter(pk__in=wrong).order_by("pk").values_list("owner", flat=True)
    return [UUID(owner) for owner in owners]


def _change(held: Balance, notice: Notice | None, needed: Decimal) -> Decimal:
    """What has to be issued, or taken back when negative."""
    if held.closed:
        return ZERO
    if notice is None:
        return max(needed - held.available, ZERO)
    return max(notice.parsed.provider_cap - held.issued, -held.available)


def _issue(provider: Provider, year: int, held: Balance, notice: Notice | None, amount: Decimal, *, by: Actor) -> None:
    cap, named = held.issued + amount, notice.label if notice else ""
    facts = {"year": year, "cap": f"{cap:.2f}", "amount": f"{amount:.2f}", "notice": named}
    record = evidence.record(provider, act="change_cap" if held.issued else "open_cap", by=by, facts=facts)
    basis = "办法第十一条" if notice else "年度通知未发布，仅供上年合同结转"
    ledger.issue(
        account=held.account,
        amount=amount,
        by=by,
        reference=f"cap:{provider.pk}:{year}:{record.seq}",
        reason=f"{year}服务年度结算限额{yuan(cap)}（{basis}）",
    )
