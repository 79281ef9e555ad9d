"""One cursor a connection, inside Django's wrapper."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from engines.ledger import selectors
from engines.ledger import services as ledger
from engines.ledger.calls import call
from foundation.errors import DomainError
from foundation.statements import _cursors
from tests.ledger.support import account, hold, standing, yuan


def ours() -> Any:
    return _cursors.get(connections["default"])


@pytest.mark.django_db
def test_calls_of_a_connection_share_a_cursor() -> None:
    account(1)
    first = ours()
    account(1)
    assert ours() is first
    assert first.connection is connection.connection


@pytest.mark.django_db
def test_calls_are_in_the_log_of_queries() -> None:
    number = account(1)
    with CaptureQueriesContext(connection) as queries:
        hold([number], 1)
    assert [q["sql"].split("(")[0] for q in queries] == ["SELECT * FROM ledger_hold"]


@pytest.mark.django_db
def test_other_errors_of_the_database_stay_what_they_are() -> None:
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        call("SELECT 1 / %s", [0])


@pytest.mark.django_db
def test_a_refusal_spoils_the_transaction_and_nothing_else() -> None:
    number = account(10)
    with pytest.raises(DomainError, match="LEDGER_SHORT"), transaction.atomic():
        hold([number], 4)
        hold([number], 7)
    assert standing(number) == {"available": yuan(10)}


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_gets_a_new_cursor() -> None:
    number = account(10)
    before = ours()
    connection.close()
    assert selectors.balance(number).available == 10
    assert ours() is not before


@pytest.mark.django_db(transaction=True)
def test_prepared_statements_give_the_same_answers() -> None:
    number = account(10)
    connection.connection.prepare_threshold = 0
    for n in range(1, 4):
        hold([number], 3)
        assert standing(number) == {"available": yuan(10 - 3 * n), "reserved": yuan(3 * n)}
    with pytest.raises(ledger.LedgerShort):
        hold([number], 3)
    assert connection.connection.prepare_threshold == 0
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_share() -> None:
    number, found = account(10), []

    def other() -> None:
        hold([number], 1)
        found.append(ours())
        connections.close_all()

    hold([number], 1)
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert found[0] is not ours()
