"""The history of a year's quota: every movement, balances that add up, and the contract behind each (第十九条, 第二十六条)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from contracts.services import drafting, signing
from engines.ledger import selectors as ledger_reads
from engines.ledger import services as ledger
from engines.ledger.models import Entry as LedgerEntry
from engines.ledger.states import Bucket
from enterprises import history, selectors, services
from enterprises.history import Entry, Movement
from enterprises.models import Enterprise
from enterprises.selectors import History
from foundation import clock
from foundation.money import ZERO
from programmes import books
from tests.enterprises.support import quota_balance, yuan
from tests.factories.accounts import TESTER, officer
from tests.factories.contracts import make_contract, make_parties
from tests.factories.enterprises import EnterpriseFactory, give_title, grant_year
from tests.factories.programmes import open_year


def entry(source: str, target: str, amount: str, act: str = "x") -> Entry:
    return Entry(clock.now(), act, act, source, target, Decimal(amount))


# --- arithmetic


def test_balances_run_from_nothing_through_every_bucket() -> None:
    moves = [("outside", "available", "100.00"), ("available", "reserved", "30.00"), ("reserved", "committed", "30.00"),
             ("committed", "consumed", "20.00"), ("committed", "available", "10.00"), ("available", "outside", "5.00")]  # fmt: skip
    found = history.run([entry(*move) for move in moves])
    assert [one.seq for one in found] == [1, 2, 3, 4, 5, 6]
    assert [one.after["available"] for one in found] == [Decimal(x) for x in (100, 70, 70, 70, 80, 75)]
    assert [one.change for one in found] == [Decimal(x) for x in (100, -30, 0, 0, 10, -5)]
    assert history.closing(found) == {
        "issued": 95, "available": 75, "reserved": 0, "committed": 0, "due": 0, "consumed": 20, "expired": 0,
        "carried": 0,
    }  # fmt: skip


def test_before_anything_moved_all_is_nothing() -> None:
    assert set(history.closing([]).values()) == {ZERO}
    assert history.sums([]) == []


def test_sums_by_act_in_the_order_they_came_with_what_was_taken_back_negative() -> None:
    moves = [("outside", "available", "100.00", "grant"), ("available", "reserved", "30.00", "hold"),
             ("available", "reserved", "5.00", "hold"), ("available", "outside", "7.00", "loss")]  # fmt: skip
    found = history.sums(history.run([entry(*move) for move in moves]))
    assert [(one.act, one.count, one.amount) for one in found] == [("grant", 1, 100), ("hold", 2, 35), ("loss", 1, -7)]


# --- of the ledger


def of(row: Enterprise, year: int | None = None) -> History:
    return selectors.quota_history(row.pk, year or clock.today().year)


def last(row: Enterprise) -> Movement:
    return of(row).movements[-1]


def hold(row: Enterprise, amount: int, reason: str = "FWQ-T") -> UUID:
    held = uuid4()
    account = books.quota(row.pk, clock.today().year)
    ledger.hold(hold=held, accounts=[account], amount=yuan(amount), by=TESTER, reason=reason)
    return held


def assert_agrees(row: Enterprise) -> None:
    """Opening nothing, plus every movement, is what the ledger says; and each step is tied to the one before."""
    found, balance = of(row), quota_balance(row)
    for name in ("issued", *Bucket.values):
        assert found.closing[name] == getattr(balance, name), name
    assert sum(one.change for one in found.movements) == balance.available
    for one in found.movements:
        assert one.after["issued"] == sum(one.after[bucket] for bucket in Bucket.values)
    entries = ledger_reads.movements(books.quota(row.pk, clock.today().year))
    assert [one.after["available"] for one in found.movements] == [_available(e, found) for e in entries]


def _available(e: LedgerEntry, found: History) -> Decimal:
    """What the entry itself says was available after it, where it says so."""
    if e.target == Bucket.AVAILABLE:
        return e.target_after
    if e.source == Bucket.AVAILABLE:
        return e.source_after
    entries = [one for one in found.movements if one.entry.hold == e.hold and one.entry.at == e.at]
    return entries[0].after["available"]


@pytest.mark.django_db
def test_grants_and_adjustments_are_named_as_what_they_were() -> None:
    row = EnterpriseFactory(active=True)
    title = give_title(row, "little_giant")
    services.regrade(by=TESTER, enterprise_id=row.pk)
    services.revoke_title(
        by=officer(Role.DEPARTMENT), title_id=title.pk, version=1, revoked_on=clock.today(), reason="撤销"
    )
    found = of(row).movements
    assert [(one.entry.act, one.entry.act_label, one.change, one.after["available"]) for one in found] == [
        ("grant", "首次匹配", yuan(50000), yuan(50000)),
        ("upgrade", "年中上调", yuan(250000), yuan(300000)),
        ("loss", "年中下调", yuan(-250000), yuan(50000)),
    ]
    assert_agrees(row)


@pytest.mark.django_db
def test_a_hold_its_reduction_release_and_use_add_up() -> None:
    row = EnterpriseFactory(active=True)
    one, other = hold(row, 20000, "FWQ-1"), hold(row, 10000, "FWQ-2")
    ledger.reduce(hold=one, amount=yuan(15000), by=TESTER, reason="验收金额低于合同金额")
    ledger.move(holds=[one], to=Bucket.COMMITTED, by=TESTER, reason="FWQ-1")
    ledger.move(holds=[other], to=Bucket.AVAILABLE, by=TESTER, reason="超期未签")
    ledger.move(holds=[one], to=Bucket.CONSUMED, by=TESTER, reason="审定")
    found = of(row)
    assert [(e.entry.act, e.entry.contract, e.change) for e in found.movements] == [
        ("grant", "", yuan(50000)),
        ("hold", "FWQ-1", yuan(-20000)),
        ("hold", "FWQ-2", yuan(-10000)),
        ("reduce", "FWQ-1", yuan(5000)),
        ("commit", "FWQ-1", ZERO),
        ("release", "FWQ-2", yuan(10000)),
        ("consume", "FWQ-1", ZERO),
    ]
    assert (found.closing["available"], found.closing["consumed"]) == (yuan(35000), yuan(15000))
    assert_agrees(row)


@pytest.mark.django_db
def test_what_expires_at_the_end_of_the_year_is_there() -> None:
    row = EnterpriseFactory(active=True)
    ledger.expire(book=books.QUOTA, period=clock.today().year, by=TESTER, reason="年度结束")
    final = last(row)
    assert (final.entry.act, final.entry.amount, final.after["expired"]) == ("expire", yuan(50000), yuan(50000))
    assert_agrees(row)


@pytest.mark.django_db
def test_a_contracts_number_stands_at_every_movement_of_its_hold() -> None:
    parties = make_parties()
    deal = make_contract("effective", parties=parties)
    cancelled = make_contract("signing", parties=parties, amount="1250.00")
    cancelled.do(signing.refuse, parties.el, reason="条款有误")
    found = of(parties.enterprise).movements
    numbers = [deal.at.number, deal.at.number, cancelled.at.number, cancelled.at.number]
    assert [one.entry.contract for one in found] == ["", *numbers]
    assert [one.entry.act for one in found] == ["grant", "hold", "commit", "hold", "release"]
    assert found[1].entry.by == parties.eo.actor_label
    assert found[0].entry.by == "系统任务（tests）"
    assert_agrees(parties.enterprise)


@pytest.mark.django_db
def test_another_enterprises_movements_are_not_told() -> None:
    row, other = EnterpriseFactory(active=True), EnterpriseFactory(active=True)
    hold(other, 1000)
    assert len(of(row).movements) == 1


@pytest.mark.django_db
def test_a_year_without_quota_has_no_history() -> None:
    row = EnterpriseFactory()
    found = of(row)
    assert (found.movements, found.sums, set(found.closing.values())) == ([], [], {ZERO})


@pytest.mark.django_db
def test_every_year_is_listed_with_its_figures() -> None:
    row = EnterpriseFactory(active=True)
    year = clock.today().year
    open_year(year + 1)
    grant_year(row, year + 1)
    assert [(one.year, one.quota) for one in selectors.quota_years(row.pk)] == [
        (year + 1, yuan(50000)),
        (year, yuan(50000)),
    ]


@pytest.mark.django_db
def test_a_longer_history_costs_no_more_queries() -> None:
    row = EnterpriseFactory(active=True)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            of(row)
        return len(captured)

    hold(row, 100)
    few = cost()
    for _ in range(10):
        hold(row, 100)
    assert cost() == few <= 4


@pytest.mark.django_db
def test_the_entries_of_one_account_are_found_by_an_index() -> None:
    row = EnterpriseFactory(active=True)
    rows = ledger_reads.movements(books.quota(row.pk, clock.today().year))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    assert "ledger_entry_of_stripe_0" in rows.explain()


@pytest.mark.django_db
def test_a_draft_holds_nothing_yet() -> None:
    parties: Any = make_parties()
    deal = make_contract("draft", parties=parties)
    deal.do(drafting.withdraw, parties.eo, reason="不签了")
    assert [one.entry.act for one in of(parties.enterprise).movements] == ["grant"]


def test_what_contracts_took_into_reserve_counts_in_its_month_by_shanghais_clock() -> None:
    late = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)  # already March in Shanghai
    moves = [
        Entry(late, "hold", "预占", "available", "reserved", Decimal("30.00")),
        Entry(late, "hold", "预占", "available", "reserved", Decimal("5.00")),
        Entry(late, "release", "释放", "reserved", "available", Decimal("5.00")),
    ]
    found = dict(history.held_by_month(history.run(moves)))
    assert (found[3], sum(found.values()), len(found)) == (Decimal("35.00"), Decimal("35.00"), 12)


def test_what_is_held_is_neither_free_nor_paid_out() -> None:
    moves = [("outside", "available", "100.00"), ("available", "reserved", "30.00"), ("reserved", "committed", "20.00"),
             ("committed", "due", "15.00"), ("due", "consumed", "5.00")]  # fmt: skip
    assert [one.held for one in history.run([entry(*move) for move in moves])] == [
        Decimal(x) for x in (0, 30, 30, 30, 25)
    ]
