"""Storms B0 to B3 and B6 of RELIABILITY.md on the ledger itself: many sessions, real PostgreSQL, exact counts."""

from __future__ import annotations

import random
import threading
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from engines.ledger import selectors
from engines.ledger import services as ledger
from engines.ledger.models import Balance, Entry
from engines.ledger.states import Bucket, Kind
from foundation.errors import DomainError
from foundation.ids import new_id
from tests.ledger.support import (
    BY,
    RICH,
    account,
    at_once,
    attempts,
    hold,
    issue,
    move,
    outcome,
    standing,
    three,
    until_refused,
    yuan,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("storms"), pytest.mark.long]

ALLOWED, ROUNDS = 20, 4


def read_then_write(number: int, read: Any, meet: threading.Barrier) -> str:
    """The mistake: what was read is checked and written back, and nothing held the row in between."""
    with transaction.atomic():
        found = read(Balance.objects.filter(account=number))
        meet.wait(timeout=60)
        if found["available"] < 1:
            return "LEDGER_SHORT"
        Balance.objects.filter(account=number).update(available=found["available"] - 1, reserved=found["reserved"] + 1)
    return "held"


def without_lock(rows: Any) -> Any:
    return rows.values("available", "reserved").get()


def with_lazy_lock(rows: Any) -> Any:
    rows.select_for_update()  # never evaluated: no SQL, no lock
    return rows.values("available", "reserved").get()


@pytest.mark.parametrize("sessions", [8, 50])
@pytest.mark.parametrize("read", [without_lock, with_lazy_lock])
def test_b0_negative_control_over_allocates(sessions: int, read: Any) -> None:
    """If this fails, the tests below prove nothing: the storm is too weak to break even a wrong ledger."""
    number = account(ALLOWED)
    meet = threading.Barrier(sessions)
    found = at_once(sessions, lambda _: Counter(read_then_write(number, read, meet) for _ in range(ROUNDS)))
    assert found["held"] > ALLOWED
    assert standing(number)["reserved"] < found["held"]  # and most of it was forgotten


@pytest.mark.parametrize("sessions", [8, 50])
@pytest.mark.parametrize("stripes", [1, 4, 64])
def test_b0_the_same_storm_on_the_ledger_is_exact(sessions: int, stripes: int) -> None:
    number = account(ALLOWED, stripes=stripes)
    found = at_once(sessions, lambda _: attempts(ROUNDS, lambda: hold([number], 1)))
    assert found == {"held": ALLOWED, "LEDGER_SHORT": sessions * ROUNDS - ALLOWED}
    assert standing(number) == {"reserved": yuan(ALLOWED)}


@pytest.mark.parametrize("stripes", [1, 64])
def test_b1_fifty_sessions_forty_times(stripes: int) -> None:
    number = account("777.77", stripes=stripes)
    found = at_once(50, lambda _: attempts(40, lambda: hold([number], "1.50")))
    assert found == {"held": 518, "LEDGER_SHORT": 2000 - 518}
    assert standing(number) == {"available": yuan("0.77"), "reserved": yuan(777)}
    assert selectors.recompute() == []


def test_b2_one_hold_asked_for_two_hundred_times() -> None:
    accounts, number = three(), new_id()

    def again() -> None:
        ledger.hold(hold=number, accounts=accounts, amount=yuan(100), by=BY)

    found = at_once(50, lambda _: attempts(4, again))
    assert found == {"held": 1, "LEDGER_HOLD_EXISTS": 199}
    for one in accounts:
        assert standing(one) == {"available": RICH - 100, "reserved": yuan(100)}
    assert Entry.objects.filter(hold=number).count() == 3


def test_b3_the_last_of_the_budget_goes_once_and_one_session_sees_the_end() -> None:
    quotas = [account(RICH) for _ in range(20)]
    caps = [account(RICH, book="cap", stripes=64) for _ in range(10)]
    for _ in range(5):
        budget = account(1000, book="budget", stripes=64)

        def sign(session: int, budget: int = budget) -> str:
            with transaction.atomic():
                accounts = [quotas[session % 20], caps[session % 10], budget]
                taken = ledger.hold(hold=new_id(), accounts=accounts, amount=yuan(1000), by=BY, low=yuan(1000))[-1]
                assert taken.exact
                return "pause" if taken.after < 1000 else "held"

        assert at_once(20, sign) == {"pause": 1, "LEDGER_SHORT": 19}
        assert standing(budget) == {"reserved": yuan(1000)}


def test_b3_exactly_one_of_many_holds_crosses_the_low_mark() -> None:
    budget = account(40_000, book="budget", stripes=64)

    def sign() -> None:
        with transaction.atomic():
            taken = ledger.hold(hold=new_id(), accounts=[budget], amount=yuan(1000), by=BY, low=yuan(1000))[0]
            if taken.after < 1000:
                crossed.append(ledger.freeze(account=budget).available)

    crossed: list[Decimal] = []
    found = at_once(32, lambda _: until_refused(sign))
    assert found == {"held": 40, "LEDGER_SHORT": 32}
    assert crossed == [yuan(0)]


@pytest.mark.parametrize("short", ["quota", "cap", "budget"])
@pytest.mark.parametrize("stripes", [2, 64])
def test_thirty_two_sessions_exhaust_each_bound_to_the_last_fen(short: str, stripes: int) -> None:
    """With two stripes half of the sessions share one: a session that waits there and then finds too little
    must not keep it locked while it gathers, or it deadlocks with the next gatherer."""
    funds = {"quota": RICH, "cap": RICH, "budget": RICH} | {short: yuan("300.03")}
    accounts = three(**funds, stripes=stripes)
    refusals: list[tuple[str, Decimal]] = []

    def one() -> None:
        try:
            hold(accounts, "1.00")
        except ledger.LedgerShort as error:
            refusals.append((error.book, error.left))
            raise

    found = at_once(32, lambda _: until_refused(one))
    assert found == {"held": 300, "LEDGER_SHORT": 32}
    assert set(refusals) == {(short, yuan("0.03"))}
    for book, number in zip(("quota", "cap", "budget"), accounts, strict=True):
        assert standing(number) == {"available": funds[book] - 300, "reserved": yuan(300)}
    assert selectors.recompute() == []


def test_b6_each_hold_released_twice_at_once_is_released_once() -> None:
    accounts = three(stripes=64)
    holds = [hold(accounts, 1) for _ in range(100)]

    def release(session: int) -> Counter[str]:
        counted: Counter[str] = Counter()
        for number in holds[session // 2 :: 10]:
            try:
                move(number, Bucket.AVAILABLE)
                counted["released"] += 1
            except DomainError as error:
                counted[error.code] += 1
        return counted

    assert at_once(20, release) == {"released": 100, "LEDGER_WRONG_BUCKET": 100}
    for one in accounts:
        assert standing(one) == {"available": RICH}
    assert Entry.objects.filter(kind=Kind.RELEASE).count() == 300


def test_b8_every_operation_in_any_order_never_deadlocks() -> None:
    """Signings, releases, batches, corrections and the end of the year over the same few accounts."""
    quotas = [account(300) for _ in range(6)]
    caps = [account(400, book="cap", stripes=3) for _ in range(3)]
    budget = account(900, book="budget", stripes=3)
    doomed = account(200, book="cap", stripes=3, period=2025)
    made: list[Any] = []

    def step(dice: random.Random) -> str:
        kind = dice.choice(
            ["hold"] * 6 + ["move"] * 3 + ["batch", "reduce", "issue", "back", "freeze", "expire", "doomed"]
        )
        some = [dice.choice(made)] if made else []
        if kind == "hold":
            accounts = [dice.choice(quotas), dice.choice(caps), budget]
            made.append(hold(dice.sample(accounts, 3), dice.choice([5, 20, 60]), low=yuan(dice.choice([0, 30]))))
        elif kind == "move" and some:
            move(some[0], dice.choice([Bucket.COMMITTED, Bucket.AVAILABLE, Bucket.DUE, Bucket.CONSUMED]))
        elif kind == "batch" and made:
            ledger.move(holds=dice.sample(made, min(8, len(made))), to=Bucket.AVAILABLE, by=BY, reason="")
        elif kind == "reduce" and some:
            ledger.reduce(hold=some[0], amount=yuan(3), by=BY, reason="")
        elif kind in ("issue", "back"):
            issue(dice.choice([*quotas, *caps, budget]), 50 if kind == "issue" else -50)
        elif kind == "freeze":
            with transaction.atomic():
                ledger.freeze(account=budget)
        elif kind == "doomed":
            made.append(hold([doomed, budget], 5))
        elif kind == "expire" and dice.random() < 0.2:
            ledger.expire(book="cap", period=2025, by=BY, reason="年末")
        return kind

    def session(number: int) -> Counter[str]:
        dice, counted = random.Random(number), Counter[str]()
        for _ in range(50):
            try:
                with transaction.atomic():
                    step(dice)
                counted["done"] += 1
            except (DomainError, DatabaseError) as error:
                counted[outcome(error)] += 1
        return counted

    found = at_once(16, session)
    assert set(found) <= {
        "done",
        "LEDGER_SHORT",
        "LEDGER_CLOSED",
        "LEDGER_WRONG_BUCKET",
        "LEDGER_RESOLVED",
        "LEDGER_RAISED",
        "LEDGER_UNKNOWN_HOLD",
    }
    assert found["done"] > 200
    assert selectors.recompute() == []
