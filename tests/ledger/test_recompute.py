"""The nightly recomputation finds what was altered behind the ledger's back, and names the place."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest
from django.db import connection

from engines.ledger import selectors
from engines.ledger.models import Entry
from engines.ledger.states import Bucket
from foundation import jobs
from tests.ledger.support import account, hold, move, three, yuan

pytestmark = pytest.mark.django_db


def behind_its_back(statement: str, *params: Any) -> None:
    """As a superuser with the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, params)
        cursor.execute("SET session_replication_role = DEFAULT")


def found() -> list[tuple[Any, ...]]:
    return [(d.what, d.account, d.bucket, d.stands, d.should) for d in selectors.recompute()]


def test_an_honest_ledger_agrees_with_itself() -> None:
    accounts = three(stripes=64)
    for amount in (10, 20, 900_000):
        held = hold(accounts, amount)
    move(held, Bucket.COMMITTED)
    assert selectors.recompute() == []


def test_a_changed_balance() -> None:
    number = account(100)
    behind_its_back("UPDATE ledger_balance SET available = 99, expired = 1 WHERE account_id = %s", number)
    assert found() == [
        ("balance", number, "available", yuan(99), yuan(100)),
        ("balance", number, "expired", yuan(1), yuan(0)),
    ]


def test_a_changed_line() -> None:
    number = account(100)
    held = hold([number], 30)
    behind_its_back("UPDATE ledger_line SET bucket = 'committed' WHERE hold = %s", held)
    assert found() == [
        ("line", number, "reserved", yuan(30), yuan(0)),
        ("line", number, "committed", yuan(0), yuan(30)),
    ]


def test_a_removed_entry_breaks_the_chain_where_it_was() -> None:
    number = account(100)
    first, second = hold([number], 30), hold([number], 7)
    behind_its_back("DELETE FROM ledger_entry WHERE hold = %s", first)
    next_entry = Entry.objects.get(hold=second)
    chain = [d for d in selectors.recompute() if d.what == "chain"]
    assert [(d.bucket, d.stands, d.should, d.entry) for d in chain] == [
        ("available", yuan(70), yuan(100), next_entry.pk),
        ("reserved", yuan(30), yuan(0), next_entry.pk),
    ]
    assert ("balance", number, "reserved", yuan(37), yuan(7)) in found()


def test_an_entry_raised_with_its_after() -> None:
    number = account(100)
    held = hold([number], 30)
    behind_its_back("UPDATE ledger_entry SET amount = 31, source_after = 69, target_after = 31 WHERE hold = %s", held)
    assert found() == [
        ("balance", number, "available", yuan(70), yuan(69)),
        ("balance", number, "reserved", yuan(30), yuan(31)),
    ]


def test_an_entry_of_no_account() -> None:
    number = account(100)
    behind_its_back("UPDATE ledger_entry SET account_id = -1 WHERE account_id = %s", number)
    assert ("balance", -1, "available", None, yuan(100)) in found()


def test_money_made_by_a_spread() -> None:
    number = account(100, stripes=4)
    hold([number], 90)
    behind_its_back("UPDATE ledger_entry SET kind = 'spread' WHERE kind = 'issue' AND stripe = 0")
    assert ("spread", number, "outside", yuan(-25), yuan(0)) in found()


def test_only_the_first_differences_are_told() -> None:
    for _ in range(4):
        behind_its_back("UPDATE ledger_balance SET available = 1, issued = 1 WHERE account_id = %s", account())
    assert len(selectors.recompute(limit=3)) == 3


def test_the_job_counts_and_logs(caplog: pytest.LogCaptureFixture) -> None:
    number = account(100)
    behind_its_back("UPDATE ledger_balance SET available = 99, consumed = 1 WHERE account_id = %s", number)
    with caplog.at_level(logging.ERROR, logger="engines.ledger.jobs"):
        result = jobs.run("recompute_ledger", date(2026, 1, 1))
    assert (result["accounts"], result["entries"]) == (1, 1)
    assert result["differences"] == [
        f"balance: account {number} stripe 0 available is 99.00, should be 100.00",
        f"balance: account {number} stripe 0 consumed is 1.00, should be 0",
    ]
    assert [record.getMessage() for record in caplog.records] == [
        f"ledger difference: {d}" for d in result["differences"]
    ]
