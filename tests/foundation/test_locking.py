"""What is due at the end of a unit of work is done once, inside it, when everything is written."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from foundation.locking import at_end, unit_of_work

pytestmark = pytest.mark.django_db
ONE, OTHER = uuid4(), uuid4()


class Acts:
    """Notes what it was asked to do."""

    def __init__(self) -> None:
        self.done: list[frozenset[UUID]] = []

    def act(self, keys: frozenset[UUID]) -> None:
        assert connection.in_atomic_block
        self.done.append(keys)


@pytest.fixture
def acts() -> Acts:
    return Acts()


def test_once_for_all_keys_when_the_outermost_ends(acts: Acts) -> None:
    with unit_of_work():
        at_end(acts.act, ONE)
        with unit_of_work():
            at_end(acts.act, OTHER)
            at_end(acts.act, ONE)
        assert acts.done == []
    assert acts.done == [frozenset({ONE, OTHER})]


def test_at_once_outside_a_unit_of_work(acts: Acts) -> None:
    at_end(acts.act, ONE)
    assert acts.done == [frozenset({ONE})]


def test_nothing_of_a_unit_that_failed(acts: Acts) -> None:
    with pytest.raises(ValueError, match="refused"), transaction.atomic(), unit_of_work():
        at_end(acts.act, ONE)
        raise ValueError("refused")
    with unit_of_work():
        at_end(acts.act, OTHER)
    assert acts.done == [frozenset({OTHER})]


def test_what_it_asks_for_itself_is_done_too(acts: Acts) -> None:
    def first(keys: frozenset[UUID]) -> None:
        at_end(acts.act, OTHER)

    with unit_of_work():
        at_end(first, ONE)
    assert acts.done == [frozenset({OTHER})]


@pytest.mark.django_db(transaction=True)
def test_if_it_fails_nothing_stays() -> None:
    def failing(keys: frozenset[UUID]) -> None:
        raise ValueError("failed")

    def write(after: Any) -> None:
        with unit_of_work(), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE written (a int)")
            at_end(after, ONE)

    with pytest.raises(ValueError, match="failed"):
        write(failing)
    assert "written" not in connection.introspection.table_names()
