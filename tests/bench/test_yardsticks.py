"""The yardsticks of `make bench` do the act they are compared with: a yardstick that cheats measures nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from engines.ledger import selectors as ledger
from foundation import clock
from tests.factories.contracts import make_contract

SQL = Path(__file__).resolve().parents[2] / "bench" / "sql"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def yardsticks() -> Iterator[None]:
    """Two enterprises (1, 2), two providers (3, 4) and the budget (5), with a little money."""
    with connection.cursor() as cursor:
        cursor.execute((SQL / "floor.sql").read_text("utf-8"))
        cursor.execute("SELECT floor.fill(2, 2)")
        cursor.execute(
            (SQL / "signing.sql").read_text("utf-8").replace("2001 + n % 200", "3 + n % 2").replace("2000", "2")
        )
        cursor.execute((SQL / "sign_here.sql").read_text("utf-8"))
        cursor.execute("UPDATE floor.stripe SET available = 100")
        yield
        cursor.execute("DROP SCHEMA floor CASCADE")


def rows(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def hold(amount: int) -> None:
    rows("SELECT floor.hold(floor.new_id(), 1, 3, 5, %s, 'bench', 'HT-1', '2026-06-01')", amount)


def held() -> list[tuple[Any, ...]]:
    return rows(
        "SELECT account, sum(available), sum(held) FROM floor.stripe WHERE account IN (1, 3, 5) GROUP BY 1 ORDER BY 1"
    )


def test_hold_takes_from_all_three_and_says_so() -> None:
    hold(60)
    assert held() == [(1, 40, 60), (3, 6340, 60), (5, 6340, 60)]
    assert rows("SELECT account, amount, before, after FROM floor.entry ORDER BY id") == [
        (1, 60, 100, 40),
        (3, 60, 100, 40),
        (5, 60, 100, 40),
    ]


def test_a_short_stripe_is_filled_from_the_others() -> None:
    rows("UPDATE floor.stripe SET available = 90 WHERE account IN (3, 5) RETURNING 1")
    hold(95)
    assert held() == [(1, 5, 95), (3, 5665, 95), (5, 5665, 95)]


@pytest.mark.parametrize(
    ("short", "message"), [(1, "quota of 1 is short"), (3, "account 3 is short"), (5, "account 5 is short")]
)
def test_the_bound_that_is_short_is_named_and_nothing_changes(short: int, message: str) -> None:
    rows("UPDATE floor.stripe SET available = 0 WHERE account = %s RETURNING 1", short)
    before = held()
    with pytest.raises(DatabaseError, match=message), transaction.atomic():
        hold(10)
    assert held() == before
    assert rows("SELECT count(*) FROM floor.contract") == [(0,)]


def test_signing_writes_contract_hold_evidence_and_message() -> None:
    assert rows("SELECT floor.sign(5, 'bench', '2026-06-01')") == [(4,)]
    assert rows("SELECT state, version, hold IS NOT NULL FROM floor.deal WHERE version > 3") == [("signing", 4, True)]
    assert rows("SELECT count(*) FROM floor.entry") == [(3,)]
    assert rows("SELECT seq, act, facts ->> 'state' FROM floor.evidence") == [(4, "start_signing", "signing")]
    assert rows("SELECT topic, cardinality(organisations) FROM floor.outbox") == [("contract.signing", 2)]


def test_signing_in_our_tables_writes_what_the_service_writes() -> None:
    contract = make_contract("ready").at
    rows("INSERT INTO floor.queue (contract) VALUES (%s) RETURNING n", contract.pk)
    assert rows("SELECT floor.sign_here(%s)", clock.now()) == [(contract.version + 1,)]
    contract.refresh_from_db()
    assert (contract.state, contract.quota_year) == ("signing", clock.today().year)
    assert contract.hold is not None
    assert {line.book for line in ledger.lines(contract.hold)} == {"quota", "cap", "budget"}
    connection.check_constraints()  # the trigger that wants evidence is content
