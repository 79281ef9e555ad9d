"""Striped accounts: the slow path, and the trap that it must step around."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from engines.ledger import selectors
from engines.ledger import services as ledger
from engines.ledger.models import Balance, Entry
from engines.ledger.states import Kind
from foundation.errors import DomainError
from foundation.ids import new_id
from tests.ledger.support import BY, account, hold, issue, outcome, standing, yuan

HOLDS = Path(ledger.__file__).parent / "sql" / "holds.sql"
GUARD = """                IF free IS NULL THEN
                    RAISE EXCEPTION USING ERRCODE = 'LG000';
                END IF;
            EXCEPTION WHEN SQLSTATE 'LG000' THEN
                exact := true;
"""


def stripes_of(number: int) -> list[Any]:
    rows = Balance.objects.filter(account=number).order_by("stripe")
    return list(rows.values_list("issued", "available", "reserved"))


def own_stripe(stripes: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() %% %s", [stripes])
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_issued_money_is_spread_evenly_and_the_odd_fen_lie_in_the_first_stripe() -> None:
    number = account("100.03", book="budget", stripes=4)
    shares = [yuan("25.03"), yuan("25.00"), yuan("25.00"), yuan("25.00")]
    assert stripes_of(number) == [(share, share, yuan(0)) for share in shares]


@pytest.mark.django_db
def test_less_than_a_fen_a_stripe_lies_in_the_first() -> None:
    number = account("0.03", book="budget", stripes=64)
    assert stripes_of(number)[0] == (yuan("0.03"), yuan("0.03"), yuan(0))
    assert Entry.objects.filter(account=number).count() == 1


@pytest.mark.django_db
def test_while_the_own_stripe_has_enough_no_other_is_touched() -> None:
    number, own = account(400, book="budget", stripes=4), own_stripe(4)
    taken = ledger.hold(hold=new_id(), accounts=[number], amount=yuan(60), by=BY)[0]
    assert (taken.before, taken.after, taken.exact) == (yuan(100), yuan(40), False)
    assert [row[2] for row in stripes_of(number)] == [yuan(60) if s == own else yuan(0) for s in range(4)]


@pytest.mark.django_db
def test_a_short_stripe_gathers_the_amount_and_an_even_share_from_the_richest() -> None:
    number, own = account(400, book="budget", stripes=4), own_stripe(4)
    taken = ledger.hold(hold=new_id(), accounts=[number], amount=yuan(160), by=BY)[0]
    assert (taken.before, taken.after, taken.exact) == (yuan(400), yuan(240), True)
    assert Balance.objects.get(account=number, stripe=own).available == yuan(60)
    assert sorted(row[1] for row in stripes_of(number)) == [yuan(0), yuan(60), yuan(80), yuan(100)]
    spread = Entry.objects.filter(account=number, kind=Kind.SPREAD)
    assert sum(e.amount if e.target == "available" else -e.amount for e in spread) == 0
    assert selectors.recompute() == []


@pytest.mark.django_db
def test_the_last_fen_of_all_stripes_can_be_taken_and_one_more_is_refused_exactly() -> None:
    number = account("640.64", book="budget", stripes=64)
    hold([number], "640.00")
    with pytest.raises(ledger.LedgerShort) as refused, transaction.atomic():
        hold([number], "0.65")
    assert (refused.value.left, refused.value.wanted) == (yuan("0.64"), yuan("0.65"))
    hold([number], "0.64")
    assert standing(number) == {"reserved": yuan("640.64")}


@pytest.mark.django_db
def test_money_is_taken_back_from_the_richest_stripes() -> None:
    number = account(400, book="budget", stripes=4)
    issue(number, -150)
    assert sorted(row[1] for row in stripes_of(number)) == [yuan(0), yuan(50), yuan(100), yuan(100)]
    assert selectors.balance(number).issued == yuan(250)


@pytest.mark.django_db
def test_where_less_than_low_would_be_left_the_figure_is_exact() -> None:
    number = account(400, book="budget", stripes=4)
    loose = ledger.hold(hold=new_id(), accounts=[number], amount=yuan(60), by=BY, low=yuan(40))[0]
    exact = ledger.hold(hold=new_id(), accounts=[number], amount=yuan(10), by=BY, low=yuan(40))[0]
    assert (loose.after, loose.exact) == (yuan(40), False)
    assert (exact.before, exact.after, exact.exact) == (yuan(340), yuan(330), True)


@pytest.mark.django_db
def test_frozen_is_the_whole_account() -> None:
    number = account(400, book="budget", stripes=4)
    hold([number], 30)
    with transaction.atomic():
        frozen = ledger.freeze(account=number)
    assert (frozen.available, frozen.reserved, frozen.issued) == (yuan(370), yuan(30), yuan(400))


# --- the trap ------------------------------------------------------------------------------------------------


@pytest.fixture
def unguarded() -> Iterator[None]:
    """ledger_hold without the subtransaction that gives the own stripe back."""
    right = HOLDS.read_text("utf-8")
    assert GUARD in right
    wrong = right.replace(GUARD, "").replace("            BEGIN\n                UPDATE", "                UPDATE")
    wrong = wrong.replace("INTO free, held;\n            END;\n", "INTO free, held;\n")
    with connection.cursor() as cursor:
        cursor.execute(wrong)
    yield
    with connection.cursor() as cursor:
        cursor.execute(right)


class Session:
    """A session of its own in a thread, with the stripe of a two-striped account that we want it to have."""

    def __init__(self, stripe: int) -> None:
        self.ready, self.go = threading.Event(), threading.Event()
        self.stripe, self.pid, self.answer = stripe, 0, ""
        self.act: Callable[[], Any] = lambda: None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert self.ready.wait(30)

    def _run(self) -> None:
        passed_over = []
        try:
            while own_stripe(2) != self.stripe:  # keep the wrong one open, so that its number is not given again
                passed_over.append(connection.connection)
                connection.connection = None
            self.pid = connection.connection.info.backend_pid
            self.ready.set()
            self.go.wait(30)
            self.act()
            self.answer = "held"
        except (DomainError, DatabaseError) as error:
            self.answer = outcome(error)
        finally:
            connections.close_all()
            for raw in passed_over:
                raw.close()

    def start(self, act: Callable[[], Any]) -> None:
        """Let it act, and wait until it waits for a lock."""
        self.act = act
        self.go.set()
        with connection.cursor() as cursor:
            for _ in range(1000):
                cursor.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [self.pid])
                if cursor.fetchone() == ("Lock",):
                    return
                time.sleep(0.01)
        raise AssertionError("it never waited")


def two_wait_while_the_money_is_taken_back() -> list[str]:
    """Two sessions wait for their own stripes, each with enough; when they get them, there is too little."""
    number = account(20, book="budget", stripes=2)
    sessions = [Session(0), Session(1)]
    with transaction.atomic():
        issue(number, -18)
        for session in sessions:
            session.start(lambda: hold([number], 5))
    for session in sessions:
        session.thread.join(30)
    assert standing(number) == {"available": yuan(2)}
    return sorted(session.answer for session in sessions)


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("storms")
def test_who_waited_for_its_stripe_gives_it_back_before_gathering() -> None:
    for _ in range(10):
        assert two_wait_while_the_money_is_taken_back() == ["LEDGER_SHORT", "LEDGER_SHORT"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("storms")
@pytest.mark.usefixtures("unguarded")
def test_negative_control_who_keeps_it_deadlocks() -> None:
    """If this fails, the test above proves nothing. One of the two may be quick enough to get away; not always."""
    for _ in range(30):
        if "OperationalError: deadlock detected" in two_wait_while_the_money_is_taken_back():
            return
    pytest.fail("never a deadlock")
