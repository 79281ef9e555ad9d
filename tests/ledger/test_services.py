"""What each service makes true, and that a refusal leaves everything as it was."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from engines.ledger import selectors
from engines.ledger import services as ledger
from engines.ledger.models import Account, Balance, Entry, Line
from engines.ledger.services import LedgerShort, Opening
from engines.ledger.states import ARCS, LIVE, Bucket, Kind
from foundation.errors import DomainError
from foundation.ids import new_id
from tests.ledger.support import BY, RICH, account, hold, issue, move, standing, three, yuan

pytestmark = pytest.mark.django_db


def refused(act: Callable[[], Any]) -> DomainError:
    """`act` is refused, and not a row of the ledger is different afterwards."""
    before = everything()
    with pytest.raises(DomainError) as caught, transaction.atomic():
        act()
    assert everything() == before
    return caught.value


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values_list()) for model in (Account, Balance, Line, Entry)]


# --- accounts ------------------------------------------------------------------------------------------------


def test_an_account_is_opened_once() -> None:
    owner = str(uuid4())
    first = ledger.open_account(book="cap", owner=owner, period=2026, heat=1, stripes=4)
    assert ledger.open_account(book="cap", owner=owner, period=2026, heat=1, stripes=4) == first
    assert Balance.objects.filter(account=first).count() == 4
    assert selectors.account_id("cap", owner, 2026) == first


def test_several_accounts_open_in_one_round_trip(django_assert_num_queries: Any) -> None:
    owner = str(uuid4())
    there = ledger.open_account(book="cap", owner=owner, period=2026)
    with django_assert_num_queries(1):
        ids = ledger.open_accounts(
            [Opening("quota", owner, 2026), Opening("cap", owner, 2026), Opening("quota", owner, 2027)]
        )
    assert ids[1] == there
    assert [selectors.account_id(b, owner, p) for b, p in (("quota", 2026), ("cap", 2026), ("quota", 2027))] == ids


def test_nobody_opened_it() -> None:
    assert selectors.account_id("quota", "nobody", 2026) is None


def test_issue_adds_and_says_by_which_document() -> None:
    number = account(100)
    entry = selectors.issues(number).get()
    assert (entry.kind, entry.source, entry.target, entry.amount) == (Kind.ISSUE, "outside", "available", yuan(100))
    assert (entry.source_before, entry.source_after) == (yuan(0), yuan(-100))
    assert (entry.target_before, entry.target_after) == (yuan(0), yuan(100))
    assert (entry.reference, entry.reason, entry.actor) == ("测试〔2026〕1号", "下达", "system:test")


def test_issue_takes_back_what_is_free() -> None:
    number = account(100)
    issue(number, "-40.50")
    assert standing(number) == {"available": yuan("59.50")}
    assert selectors.balance(number).issued == yuan("59.50")


def test_more_than_is_free_is_not_taken_back() -> None:
    number = account(100)
    hold([number], 70)
    error = refused(lambda: issue(number, "-30.01"))
    assert isinstance(error, LedgerShort)
    assert (error.left, error.wanted) == (yuan(30), yuan("30.01"))


def test_issue_to_no_account() -> None:
    assert refused(lambda: issue(0, 1)).code == "LEDGER_UNKNOWN_ACCOUNT"


def test_balances_of_a_book() -> None:
    first, second = account(1, period=1999), account(2, period=1999, stripes=3)
    assert [(b.account, b.issued) for b in selectors.balances("quota", 1999)] == [(first, yuan(1)), (second, yuan(2))]


def test_balance_of_no_account() -> None:
    with pytest.raises(DomainError, match="LEDGER_UNKNOWN_ACCOUNT"):
        selectors.balance(0)


# --- holds ---------------------------------------------------------------------------------------------------


def test_hold_takes_from_all_and_tells_before_and_after() -> None:
    accounts = three(1000, 2000, 3000, stripes=1)
    taken = ledger.hold(hold=new_id(), accounts=reversed(accounts), amount=yuan(300), by=BY)
    assert [(t.account, t.book, t.before, t.after, t.exact) for t in taken] == [
        (accounts[0], "quota", yuan(1000), yuan(700), True),
        (accounts[1], "cap", yuan(2000), yuan(1700), True),
        (accounts[2], "budget", yuan(3000), yuan(2700), True),
    ]
    assert all(standing(one)["reserved"] == yuan(300) for one in accounts)


def test_hold_is_one_round_trip(django_assert_num_queries: Any) -> None:
    accounts = three()
    with django_assert_num_queries(1):
        hold(accounts, 1)


def test_each_line_and_entry_of_a_hold() -> None:
    accounts, number = three(stripes=1), new_id()
    ledger.hold(hold=number, accounts=accounts, amount=yuan("12.34"), by=BY, reason="HT-1")
    assert [(x.book, x.account_id, x.amount, x.bucket, x.account.period) for x in selectors.lines(number)] == [
        ("budget", accounts[2], yuan("12.34"), Bucket.RESERVED, 2026),
        ("cap", accounts[1], yuan("12.34"), Bucket.RESERVED, 2026),
        ("quota", accounts[0], yuan("12.34"), Bucket.RESERVED, 2026),
    ]
    entries = selectors.history(number)
    assert {(e.kind, e.source, e.target, e.reason, e.step) for e in entries} == {
        ("hold", "available", "reserved", "HT-1", 0)
    }
    assert [(e.account_id, e.source_after, e.target_after) for e in entries] == [
        (one, RICH - yuan("12.34"), yuan("12.34")) for one in accounts
    ]


@pytest.mark.parametrize("short", ["quota", "cap", "budget"])
def test_hold_names_the_bound_that_is_short_and_takes_nothing(short: str) -> None:
    accounts = three(**{"quota": 50, "cap": 50, "budget": 50} | {short: "9.99"})
    error = refused(lambda: hold(accounts, 10))
    assert isinstance(error, LedgerShort)
    assert (error.book, error.period, error.left, error.wanted) == (short, 2026, yuan("9.99"), yuan(10))
    assert error.message == f"账户（{short}，2026年度）可用余额9.99元，不足10.00元，差0.01元。"
    assert error.details["left"] == "9.99"


def test_a_hold_is_not_taken_twice() -> None:
    accounts, number = three(), new_id()
    ledger.hold(hold=number, accounts=accounts, amount=yuan(5), by=BY)
    error = refused(lambda: ledger.hold(hold=number, accounts=accounts, amount=yuan(5), by=BY))
    assert error.code == "LEDGER_HOLD_EXISTS"


@pytest.mark.parametrize("accounts", [[0], []])
def test_hold_on_no_account(accounts: list[int]) -> None:
    assert refused(lambda: hold(accounts, 1)).code == "LEDGER_UNKNOWN_ACCOUNT"


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1.005", "NaN", "Infinity", "1e12"])
def test_amounts_that_are_none(amount: str) -> None:
    number = account(RICH)
    held = hold([number], 100)
    for act in (
        lambda: hold([number], amount),
        lambda: ledger.reduce(hold=held, amount=Decimal(amount), by=BY, reason=""),
    ):
        assert refused(act).code == "LEDGER_AMOUNT"


@pytest.mark.parametrize("amount", ["0", "0.001", "-1.005", "NaN", "-Infinity", "1e12"])
def test_amounts_that_are_not_issued(amount: str) -> None:
    number = account(RICH)
    assert refused(lambda: issue(number, amount)).code == "LEDGER_AMOUNT"


# --- moves ---------------------------------------------------------------------------------------------------

WAYS = {
    Bucket.RESERVED: [],
    Bucket.COMMITTED: [Bucket.COMMITTED],
    Bucket.DUE: [Bucket.COMMITTED, Bucket.DUE],
    Bucket.AVAILABLE: [Bucket.AVAILABLE],
    Bucket.CONSUMED: [Bucket.COMMITTED, Bucket.CONSUMED],
    Bucket.EXPIRED: [Bucket.EXPIRED],
}


@pytest.mark.parametrize("source", WAYS)
@pytest.mark.parametrize("target", list(Bucket))
def test_every_pair_of_buckets(source: Bucket, target: Bucket) -> None:
    number = account(10, stripes=2)
    held = hold([number], 7)
    for to in WAYS[source]:
        move(held, to)
    if target in ARCS[source]:
        assert move(held, target) == 1
        expected = {"available": yuan(10)} if target == Bucket.AVAILABLE else {"available": yuan(3), target: yuan(7)}
        assert standing(number) == expected
        assert selectors.lines(held).get().bucket == target
    else:
        error = refused(lambda: move(held, target))
        assert error.code == "LEDGER_WRONG_BUCKET"
        assert (error.details["bucket"], error.details["to"]) == (source, target)
    assert selectors.recompute() == []


def test_the_history_of_a_hold_has_every_step() -> None:
    number = account(10)
    held = hold([number], 7)
    for to in (Bucket.COMMITTED, Bucket.DUE, Bucket.COMMITTED, Bucket.DUE, Bucket.CONSUMED):
        move(held, to)
    kinds = ["hold", "commit", "due", "return", "due", "consume"]
    assert [(e.step, e.kind) for e in selectors.history(held)] == list(enumerate(kinds))


def test_move_of_one_book_leaves_the_others() -> None:
    accounts = three()
    held = hold(accounts, 5)
    assert move(held, Bucket.EXPIRED, books=["quota"]) == 1
    assert move(held, Bucket.AVAILABLE, books=["cap", "budget"]) == 2
    assert {x.book: x.bucket for x in selectors.lines(held)} == {
        "quota": "expired",
        "cap": "available",
        "budget": "available",
    }


def test_one_line_that_may_not_go_stops_the_whole_batch() -> None:
    accounts = three()
    holds = [hold(accounts, 1) for _ in range(3)]
    move(holds[1], Bucket.EXPIRED, books=["cap"])
    error = refused(lambda: ledger.move(holds=holds, to=Bucket.COMMITTED, by=BY, reason=""))
    assert (error.code, error.details["hold"], error.details["book"]) == ("LEDGER_WRONG_BUCKET", str(holds[1]), "cap")


def test_a_batch_moves_as_a_whole_and_each_entry_continues_the_last() -> None:
    accounts = three(stripes=3)
    holds = [hold(accounts, amount) for amount in (1, 2, 3, 4)]
    move(holds[0], Bucket.COMMITTED)
    move(holds[0], Bucket.DUE)
    assert ledger.move(holds=holds, to=Bucket.COMMITTED, by=BY, reason="第1批") == 12
    assert all(standing(one) == {"available": RICH - 10, "committed": yuan(10)} for one in accounts)
    assert selectors.recompute() == []


def test_move_of_an_unknown_hold() -> None:
    held, unknown = hold(three(), 1), new_id()
    error = refused(lambda: ledger.move(holds=[held, unknown], to=Bucket.COMMITTED, by=BY, reason=""))
    assert (error.code, error.details["hold"]) == ("LEDGER_UNKNOWN_HOLD", str(unknown))
    assert refused(lambda: move(held, Bucket.COMMITTED, books=["other"])).code == "LEDGER_UNKNOWN_HOLD"


def test_reduce_lowers_every_live_line_and_frees_the_rest() -> None:
    accounts = three()
    held = hold(accounts, 100)
    move(held, Bucket.COMMITTED)
    move(held, Bucket.CONSUMED, books=["quota"])
    assert ledger.reduce(hold=held, amount=yuan("60.60"), by=BY, reason="核减") == 2
    assert standing(accounts[0]) == {"available": RICH - 100, "consumed": yuan(100)}
    for one in accounts[1:]:
        assert standing(one) == {"available": RICH - yuan("60.60"), "committed": yuan("60.60")}
    assert {e.kind for e in selectors.history(held).filter(step=2)} == {Kind.CONSUME, Kind.REDUCE}
    assert selectors.recompute() == []


def test_reduce_to_the_same_amount_does_nothing() -> None:
    held = hold(three(), 100)
    assert ledger.reduce(hold=held, amount=yuan(100), by=BY, reason="") == 0
    assert selectors.history(held).count() == 3


def test_reduce_never_raises() -> None:
    held = hold(three(), 100)
    assert refused(lambda: ledger.reduce(hold=held, amount=yuan("100.01"), by=BY, reason="")).code == "LEDGER_RAISED"


def test_reduce_of_what_is_resolved_or_unknown() -> None:
    held = hold(three(), 100)
    move(held, Bucket.AVAILABLE)
    assert refused(lambda: ledger.reduce(hold=held, amount=yuan(1), by=BY, reason="")).code == "LEDGER_RESOLVED"
    assert refused(lambda: ledger.reduce(hold=new_id(), amount=yuan(1), by=BY, reason="")).code == "LEDGER_UNKNOWN_HOLD"


# --- the end of a period -------------------------------------------------------------------------------------


def two_years(stripes: int = 1, old: int = 100, new: int = 0) -> tuple[int, int]:
    owner = str(uuid4())
    first = account(old, book="cap", owner=owner, period=2026, stripes=stripes)
    return first, account(new, book="cap", owner=owner, period=2027, stripes=stripes)


def carry(held: Any, to: int, *, funded: bool) -> None:
    ledger.carry(hold=held, book="cap", to_account=to, funded=funded, by=BY, reason="结转")


@pytest.mark.parametrize("bucket", sorted(LIVE))
@pytest.mark.parametrize("stripes", [1, 4])
def test_carried_with_its_money(bucket: Bucket, stripes: int) -> None:
    old, new = two_years(stripes)
    held = hold([old], 30)
    for to in WAYS[bucket]:
        move(held, to)
    carry(held, new, funded=True)
    assert standing(old) == {"available": yuan(70), "carried": yuan(30)}
    assert standing(new) == {bucket: yuan(30)}
    line = selectors.lines(held).get()
    assert (line.account_id, line.bucket, line.amount) == (new, bucket, yuan(30))
    assert [e.kind for e in selectors.history(held)][-2:] == [Kind.CARRY, Kind.CARRY_IN]
    assert selectors.recompute() == []


@pytest.mark.parametrize("stripes", [1, 4])
def test_carried_without_money_needs_room(stripes: int) -> None:
    old, new = two_years(stripes, new=50)
    held = hold([old], 30)
    move(held, Bucket.COMMITTED)
    carry(held, new, funded=False)
    assert standing(old) == {"available": yuan(100)}
    assert standing(new) == {"available": yuan(20), "committed": yuan(30)}
    assert selectors.recompute() == []


def test_carried_out_of_a_closed_year_expires_there() -> None:
    old, new = two_years(new=50)
    held = hold([old], 30)
    ledger.expire(book="cap", period=2026, by=BY, reason="年末")
    carry(held, new, funded=False)
    assert standing(old) == {"expired": yuan(100)}


def test_carried_backwards_too() -> None:
    old, new = two_years(2, new=50)
    held = hold([new], 30)
    carry(held, old, funded=False)
    assert standing(new) == {"available": yuan(50)}
    assert standing(old) == {"available": yuan(70), "reserved": yuan(30)}


def test_no_room_to_carry_is_refused_and_the_caller_goes_on() -> None:
    old, new = two_years(new=29)
    held = hold([old], 30)
    with pytest.raises(LedgerShort) as error:
        carry(held, new, funded=False)
    assert (error.value.period, error.value.left) == (2027, yuan(29))
    assert standing(old) == {"available": yuan(70), "reserved": yuan(30)}
    move(held, Bucket.COMMITTED)


def test_carry_goes_to_the_same_owner_and_book_only() -> None:
    old, _ = two_years()
    held = hold([old], 30)
    for wrong in (old, 0, account(50, book="cap"), account(50)):
        assert refused(lambda to=wrong: carry(held, to, funded=False)).code == "LEDGER_UNKNOWN_ACCOUNT"


def test_carry_of_what_is_resolved() -> None:
    old, new = two_years(new=50)
    held = hold([old], 30)
    move(held, Bucket.AVAILABLE)
    assert refused(lambda: carry(held, new, funded=True)).code == "LEDGER_RESOLVED"


def test_carry_into_a_closed_year() -> None:
    old, new = two_years(new=50)
    held = hold([old], 30)
    ledger.expire(book="cap", period=2027, by=BY, reason="年末")
    for funded in (True, False):
        assert refused(lambda funded=funded: carry(held, new, funded=funded)).code == "LEDGER_CLOSED"


def test_expire_takes_what_is_free_and_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "EXPIRE_AT_ONCE", 2)
    numbers = [account(10 * n, book="cap", period=1998, stripes=3) for n in range(5)]
    held = hold([numbers[4]], 15)
    assert ledger.expire(book="cap", period=1998, by=BY, reason="年末") == (5, yuan(85))
    assert [standing(n) for n in numbers[:2]] == [{}, {"expired": yuan(10)}]
    assert standing(numbers[4]) == {"reserved": yuan(15), "expired": yuan(25)}
    assert all(selectors.balance(n).closed for n in numbers)
    assert ledger.expire(book="cap", period=1998, by=BY, reason="年末") == (0, yuan(0))
    move(held, Bucket.COMMITTED)
    assert selectors.recompute() == []


def test_what_is_released_after_the_year_expires() -> None:
    number = account(10, period=1997)
    released, reduced = hold([number], 3), hold([number], 5)
    ledger.expire(book="quota", period=1997, by=BY, reason="年末")
    move(released, Bucket.AVAILABLE)
    ledger.reduce(hold=reduced, amount=yuan(1), by=BY, reason="核减")
    assert standing(number) == {"reserved": yuan(1), "expired": yuan(9)}
    assert selectors.lines(released).get().bucket == Bucket.EXPIRED
    assert selectors.history(released).last().kind == Kind.EXPIRE
    assert selectors.recompute() == []


def test_a_closed_account_gives_and_gets_nothing() -> None:
    number = account(10, period=1996)
    ledger.expire(book="quota", period=1996, by=BY, reason="年末")
    for act in (lambda: hold([number], 1), lambda: issue(number, 1), lambda: issue(number, -1)):
        error = refused(act)
        assert error.code == "LEDGER_CLOSED"
        assert "quota，1996年度" in error.message
