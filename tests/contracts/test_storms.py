"""B3: many sign at once at the last of a bound. With the ledger's locks nothing is over-allocated; without, it is."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from unittest import mock

import pytest
from django.db import DatabaseError, connection, connections

from contracts.models import Contract
from contracts.services import common, signing
from contracts.states import State
from engines.ledger import selectors as ledger
from engines.ledger import services as ledger_writes
from engines.notifications.models import OutboxEvent
from foundation import clock
from foundation.errors import DomainError
from foundation.statements import Prepared
from programmes import books
from programmes.models import Suspension
from tests.factories.accounts import TESTER
from tests.factories.contracts import Deal, make_contract, make_parties
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.providers import ProductFactory, ProviderFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
YEAR = clock.today().year
V = Decimal("10000.00")


def ready_deals(enterprises: int, providers: int, budget: str) -> list[Deal]:
    """One ready contract of 10,000.00 元 voucher for each enterprise, spread over the providers."""
    houses = [ProviderFactory(listed=True) for _ in range(providers)]
    shelf = [ProductFactory(on_shelf=True, provider=house, category="diagnosis") for house in houses]
    deals = []
    for number in range(enterprises):
        product = shelf[number % providers]
        parties = make_parties(
            budget=budget, enterprise=EnterpriseFactory(active=True), provider=product.provider, product=product
        )
        deals.append(make_contract("ready", parties=parties))
    return deals


def at_once(acts: list[Callable[[], object]]) -> Counter[str]:
    """All acts start together, each on a connection of its own; how each ended, by code."""
    gate, ends = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(30)
            act()
            ends.append("done")
        except DomainError as error:
            ends.append(error.code)
        except DatabaseError as error:
            ends.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)


def start(deal: Deal) -> Callable[[], object]:
    version = deal.at.version
    return lambda: signing.start_signing(by=deal.parties.eo, contract_id=deal.pk, version=version)


def test_twenty_enterprises_at_ten_providers_share_the_last_of_the_budget():
    deals = ready_deals(20, 10, budget="70500.00")  # seven vouchers and a rest that carries none
    ends = at_once([start(deal) for deal in deals])
    assert ends["done"] == 7
    assert set(ends) <= {"done", "BUDGET_SHORT", "SIGNING_SUSPENDED"}
    held = ledger.balance(books.budget(YEAR))
    assert (held.available, held.reserved) == (Decimal("500.00"), 7 * V)
    assert Contract.objects.filter(state=State.SIGNING).count() == 7
    assert Suspension.objects.count() == 1
    assert OutboxEvent.objects.filter(subject_type=Suspension._meta.db_table).count() == 1
    assert ledger.recompute() == []


def test_one_enterprises_quota_is_shared_by_its_contracts_exactly():
    parties = make_parties(tier="5")  # 50,000 元
    deals = [make_contract("ready", parties=parties) for _ in range(12)]
    ends = at_once([start(deal) for deal in deals])
    assert ends == {"done": 5, "QUOTA_SHORT": 7}
    assert ledger.balance(books.quota(parties.enterprise.pk, YEAR)).available == 0


def test_one_providers_cap_is_shared_exactly():
    deals = ready_deals(12, 1, budget="10000000.00")
    cap = books.cap(deals[0].parties.provider.pk, YEAR)
    spare = ledger.balance(cap).available - 6 * V
    ledger_writes.issue(account=cap, amount=-spare, by=TESTER, reference="test", reason="test")
    ends = at_once([start(deal) for deal in deals])
    assert ends == {"done": 6, "PROVIDER_CAP_SHORT": 6}
    assert ledger.balance(cap).available == 0


def test_the_same_contract_is_signed_into_once():
    deal = make_contract("ready")
    ends = at_once([start(deal) for _ in range(10)])
    assert ends["done"] == 1
    assert set(ends) == {"done", "VERSION_CONFLICT"}
    assert ledger.balance(books.quota(deal.parties.enterprise.pk, YEAR)).reserved == V


def test_without_the_row_lock_the_losers_run_into_the_database(monkeypatch):
    """Negative control: if this fails, the test above proves nothing.

    The lock is what gives the losers their answer; should it ever be lost, the chain's unique number still
    keeps the second hold out, so the money is safe and the callers get errors.
    """
    deal = make_contract("ready")
    together = threading.Barrier(10)

    def rows_not_locked():
        rows = signing.READY.make()
        rows.query.select_for_update = False
        return rows

    bare = Prepared(rows_not_locked, Contract)

    def unlocked(rows, pk, *, version=None, **given):
        contract = bare.first(pk=pk, **given)
        together.wait(30)
        return contract

    monkeypatch.setattr(signing, "lock", unlocked)
    ends = at_once([start(deal) for _ in range(10)])
    assert ends == {"done": 1, "IntegrityError": 9}
    assert ledger.balance(books.quota(deal.parties.enterprise.pk, YEAR)).reserved == V


def test_with_a_check_instead_of_a_hold_the_quota_is_over_allocated():
    """Negative control for the bounds: look, wait, then write what was seen, as code without a ledger does."""
    parties = make_parties(tier="5")
    deals = [make_contract("ready", parties=parties) for _ in range(12)]
    account = books.quota(parties.enterprise.pk, YEAR)
    together, taken = threading.Barrier(12), []

    def look_then_take(*, hold, accounts, amount, **_):
        enough = ledger.balance(account).available >= amount
        together.wait(30)
        if enough:
            taken.append(amount)
        return [ledger_writes.Taken(account, books.QUOTA, "", YEAR, amount, V, exact=True)]

    with mock.patch.object(common.ledger, "hold", look_then_take):
        at_once([start(deal) for deal in deals])
    assert sum(taken) > ledger.balance(account).issued
