"""The ledger against a model in plain Python: whatever is tried in whatever order, both say the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from engines.ledger import selectors
from engines.ledger import services as ledger
from engines.ledger.states import ARCS, LIVE, Bucket
from foundation.errors import DomainError
from tests.ledger.support import BY, HEATS, account, hold

BOOKS = ("quota", "cap", "budget")  # coldest first
AMOUNTS = st.integers(1, 6000).map(lambda fen: Decimal(fen) / 100)
YEARS = st.sampled_from([2025, 2026])


class Refusal(Exception):
    pass


class Model:
    """Buckets by (book, year), holds by number: what a person would keep on paper."""

    def __init__(self) -> None:
        self.buckets = {(b, y): dict.fromkeys(Bucket.values, Decimal(0)) for b in BOOKS for y in (2025, 2026)}
        self.closed: set[tuple[str, int]] = set()
        self.holds: dict[UUID, dict[str, dict[str, Any]]] = {}

    def require(self, key: tuple[str, int], amount: Decimal) -> None:
        if key in self.closed:
            raise Refusal("LEDGER_CLOSED")
        if self.buckets[key]["available"] < amount:
            raise Refusal("LEDGER_SHORT")

    def issue(self, key: tuple[str, int], amount: Decimal) -> None:
        self.require(key, -amount)
        self.buckets[key]["available"] += amount

    def hold(self, number: UUID, books: list[str], year: int, amount: Decimal) -> None:
        for book in books:
            self.require((book, year), amount)
        for book in books:
            self.shift((book, year), "available", "reserved", amount)
        self.holds[number] = {book: {"key": (book, year), "amount": amount, "bucket": "reserved"} for book in books}

    def shift(self, key: tuple[str, int], source: str, target: str, amount: Decimal) -> str:
        if target == "available" and key in self.closed:
            target = "expired"
        self.buckets[key][source] -= amount
        self.buckets[key][target] += amount
        return target

    def move(self, holds: list[UUID], to: str, books: list[str] | None) -> None:
        lines = [line for h in holds for b, line in self.holds[h].items() if books is None or b in books]
        if any(all(b not in self.holds[h] for b in books or BOOKS) for h in holds):
            raise Refusal("LEDGER_UNKNOWN_HOLD")
        if any(to not in ARCS[line["bucket"]] for line in lines):
            raise Refusal("LEDGER_WRONG_BUCKET")
        for line in lines:
            line["bucket"] = self.shift(line["key"], line["bucket"], to, line["amount"])

    def reduce(self, number: UUID, amount: Decimal) -> None:
        lines = [line for line in self.holds[number].values() if line["bucket"] in LIVE]
        if not lines:
            raise Refusal("LEDGER_RESOLVED")
        if any(line["amount"] < amount for line in lines):
            raise Refusal("LEDGER_RAISED")
        for line in lines:
            self.shift(line["key"], line["bucket"], "available", line["amount"] - amount)
            line["amount"] = amount

    def carry(self, number: UUID, book: str, year: int, funded: bool) -> None:
        if book not in self.holds[number]:
            raise Refusal("LEDGER_UNKNOWN_HOLD")
        line = self.holds[number][book]
        old, new, amount = line["key"], (book, year), line["amount"]
        if line["bucket"] not in LIVE:
            raise Refusal("LEDGER_RESOLVED")
        if old == new:
            raise Refusal("LEDGER_UNKNOWN_ACCOUNT")
        self.require(new, Decimal(0) if funded else amount)
        self.shift(old, line["bucket"], "carried" if funded else "available", amount)
        self.buckets[new][line["bucket"]] += amount
        if not funded:
            self.buckets[new]["available"] -= amount
        line["key"] = new

    def expire(self, book: str, year: int) -> None:
        self.closed.add((book, year))
        bucket = self.buckets[book, year]
        bucket["expired"] += bucket["available"]
        bucket["available"] = Decimal(0)


class Ledger(RuleBasedStateMachine):
    @initialize(stripes=st.sampled_from([2, 5]))
    def open(self, stripes: int) -> None:
        self.model, owner = Model(), str(uuid4())
        self.books = {name: f"{name}-{owner[:8]}" for name in BOOKS}
        self.accounts = {
            (book, year): ledger.open_account(
                book=self.books[book],
                owner=owner,
                period=year,
                heat=HEATS[book],
                stripes=1 if book == "quota" else stripes,
            )
            for book, year in self.model.buckets
        }

    def both(self, model: Any, real: Any) -> None:
        """The model and the ledger do it, or refuse it with the same code."""
        expected, answer = None, None
        try:
            model()
        except Refusal as refusal:
            expected = str(refusal)
        try:
            with transaction.atomic():
                real()
        except DomainError as error:
            answer = error.code
        assert answer == expected

    def named(self, books: list[str] | None) -> list[str] | None:
        return None if books is None else [self.books[book] for book in books]

    @rule(book=st.sampled_from(BOOKS), year=YEARS, amount=AMOUNTS, back=st.booleans())
    def issue(self, book: str, year: int, amount: Decimal, back: bool) -> None:
        amount = -amount if back else amount * 4
        self.both(
            lambda: self.model.issue((book, year), amount),
            lambda: ledger.issue(account=self.accounts[book, year], amount=amount, by=BY, reference="", reason=""),
        )

    @rule(books=st.sets(st.sampled_from(BOOKS), min_size=1), year=YEARS, amount=AMOUNTS, low=st.sampled_from([0, 50]))
    def hold(self, books: set[str], year: int, amount: Decimal, low: int) -> None:
        number, ordered = uuid4(), sorted(books, key=BOOKS.index)
        accounts = [self.accounts[book, year] for book in ordered]
        self.both(
            lambda: self.model.hold(number, ordered, year, amount),
            lambda: ledger.hold(hold=number, accounts=accounts, amount=amount, by=BY, low=Decimal(low)),
        )

    @rule(
        data=st.data(), to=st.sampled_from(list(Bucket)), books=st.none() | st.sets(st.sampled_from(BOOKS), min_size=1)
    )
    def move(self, data: st.DataObject, to: Bucket, books: set[str] | None) -> None:
        if self.model.holds:
            some = data.draw(st.lists(st.sampled_from(list(self.model.holds)), min_size=1, max_size=4, unique=True))
            chosen = sorted(books) if books else None
            self.both(
                lambda: self.model.move(some, to.value, chosen),
                lambda: ledger.move(holds=some, to=to, by=BY, reason="", books=self.named(chosen)),
            )

    @rule(data=st.data(), amount=AMOUNTS)
    def reduce(self, data: st.DataObject, amount: Decimal) -> None:
        if self.model.holds:
            number = data.draw(st.sampled_from(list(self.model.holds)))
            self.both(
                lambda: self.model.reduce(number, amount),
                lambda: ledger.reduce(hold=number, amount=amount, by=BY, reason=""),
            )

    @rule(data=st.data(), book=st.sampled_from(BOOKS), year=YEARS, funded=st.booleans())
    def carry(self, data: st.DataObject, book: str, year: int, funded: bool) -> None:
        if self.model.holds:
            number = data.draw(st.sampled_from(list(self.model.holds)))
            to = self.accounts[book, year]
            self.both(
                lambda: self.model.carry(number, book, year, funded),
                lambda: ledger.carry(
                    hold=number, book=self.books[book], to_account=to, funded=funded, by=BY, reason=""
                ),
            )

    @rule(book=st.sampled_from(BOOKS), once_in=st.integers(0, 3))
    def expire(self, book: str, once_in: int) -> None:
        if once_in == 0:
            self.both(
                lambda: self.model.expire(book, 2025),
                lambda: ledger.expire(book=self.books[book], period=2025, by=BY, reason=""),
            )

    @invariant()
    def the_same(self) -> None:
        for key, number in getattr(self, "accounts", {}).items():
            balance = selectors.balance(number)
            assert {bucket: getattr(balance, bucket) for bucket in Bucket.values} == self.model.buckets[key]
            assert balance.issued == sum(self.model.buckets[key].values())
            assert balance.closed == (key in self.model.closed)

    def teardown(self) -> None:
        for number, lines in self.model.holds.items():
            found = {line.book: (line.amount, line.bucket) for line in selectors.lines(number)}
            assert found == {self.books[b]: (line["amount"], line["bucket"]) for b, line in lines.items()}
        assert selectors.recompute() == []


@pytest.mark.django_db
def test_ledger_and_model_agree() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.django_db
def test_the_model_itself_refuses() -> None:
    """The comparison above would hold if both sides did nothing."""
    number = account(10)
    with pytest.raises(DomainError, match="LEDGER_SHORT"):
        hold([number], 11)
    model = Model()
    with pytest.raises(Refusal, match="LEDGER_SHORT"):
        model.hold(uuid4(), ["quota"], 2026, Decimal(1))
