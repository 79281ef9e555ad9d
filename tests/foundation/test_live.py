"""A hint after the commit: heard once, never of what was undone, and never in the way of what is done."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction

from foundation import live
from tests.factories.accounts import make_organisation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_was_said() -> Iterator[None]:
    live._said.clear()
    yield
    live._said.clear()


@pytest.fixture
def ear() -> Iterator[psycopg.Connection]:
    """Somebody who listens."""
    settings = connection.get_connection_params()
    known = {name: settings[name] for name in ("dbname", "host", "port", "user", "password") if settings.get(name)}
    with psycopg.connect(**known, autocommit=True) as listening:
        listening.execute("LISTEN live")
        yield listening


def heard(ear: psycopg.Connection, timeout: float = 0.3) -> list[str]:
    return [notice.payload for notice in ear.notifies(timeout=timeout, stop_after=10)]


def test_what_changes_with_its_evidence_is_heard(ear):
    make_organisation()
    assert heard(ear) == ["accounts_organisation"]


def test_it_is_heard_after_the_commit_and_not_before(ear):
    with transaction.atomic():
        live.changed("a_table")
        assert heard(ear, 0.1) == []
    assert heard(ear) == ["a_table"]


def test_nothing_is_heard_of_what_was_undone(ear):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        live.changed("a_table")
        raise ZeroDivisionError
    assert heard(ear) == []


def test_many_changes_at_once_are_one_hint(ear):
    for _ in range(20):
        live.changed("a_table")
    live.changed("another")
    assert heard(ear) == ["a_table", "another"]


def test_after_a_while_it_is_said_again(ear, monkeypatch):
    monkeypatch.setattr(live, "EVERY", 0.0)
    live.changed("a_table")
    live.changed("a_table")
    assert heard(ear) == ["a_table", "a_table"]


def test_a_hint_that_fails_undoes_nothing(monkeypatch):
    monkeypatch.setattr(live, "CHANNEL", "x" * 64)  # longer than a channel's name may be
    organisation = make_organisation()
    organisation.refresh_from_db()
    assert organisation.version == 1


def test_the_hint_is_no_part_of_the_transaction_that_changes_something():
    """A commit with a NOTIFY in it waits for every other such commit: signing must not."""
    with transaction.atomic():
        make_organisation()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND pid = pg_backend_pid()")
            assert cursor.fetchone() == (0,)
            assert [said for said in connection.run_on_commit if said] != []
