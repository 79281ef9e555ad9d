"""A year's quota, movement by movement, with the balances that each left behind. Pure arithmetic over entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from engines.ledger.states import OUTSIDE, Bucket, Kind
from foundation import clock
from foundation.money import ZERO

ISSUED = "issued"
BUCKETS: tuple[str, ...] = tuple(Bucket.values)


@dataclass(frozen=True)
class Entry:
    """One entry of the ledger in the words of people: `amount` 元 went from one bucket to another."""

    at: datetime
    act: str
    act_label: str
    source: str
    target: str
    amount: Decimal
    hold: UUID | None = None
    contract: str = ""
    reason: str = ""
    by: str = ""


@dataclass(frozen=True)
class Movement:
    """An entry in its place: what it changed in what is free, and all balances after it."""

    seq: int
    entry: Entry
    change: Decimal
    after: Mapping[str, Decimal]

    @property
    def held(self) -> Decimal:
        """What contracts held after it and was not yet paid out: reserved, committed and due together."""
        return self.after[Bucket.RESERVED] + self.after[Bucket.COMMITTED] + self.after[Bucket.DUE]


@dataclass(frozen=True)
class Sum:
    """All movements of one act together."""

    act: str
    act_label: str
    count: int
    amount: Decimal


def run(entries: Iterable[Entry]) -> list[Movement]:
    """The movements, oldest first, from an account with nothing in it. What is issued is the sum of the buckets."""
    balances = dict.fromkeys((ISSUED, *BUCKETS), ZERO)
    found = []
    for seq, entry in enumerate(entries, start=1):
        for bucket, amount in ((entry.source, -entry.amount), (entry.target, entry.amount)):
            if bucket == OUTSIDE:
                balances[ISSUED] -= amount
            else:
                balances[bucket] += amount
        found.append(Movement(seq, entry, _change(entry), dict(balances)))
    return found


def closing(movements: Sequence[Movement]) -> Mapping[str, Decimal]:
    """The balances after the last movement."""
    return movements[-1].after if movements else dict.fromkeys((ISSUED, *BUCKETS), ZERO)


def sums(movements: Iterable[Movement]) -> list[Sum]:
    """How often and how much of each act, in the order in which they first came."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    for movement in movements:
        signed = -movement.entry.amount if movement.entry.target == OUTSIDE else movement.entry.amount
        found.setdefault((movement.entry.act, movement.entry.act_label), []).append(signed)
    return [Sum(act, label, len(amounts), sum(amounts, ZERO)) for (act, label), amounts in found.items()]


def held_by_month(movements: Iterable[Movement]) -> list[tuple[int, Decimal]]:
    """What contracts took into reserve in each month of the year (by Shanghai's clock), in 元; nothing is 0.00."""
    found = dict.fromkeys(range(1, 13), ZERO)
    for movement in movements:
        if movement.entry.act == Kind.HOLD:
            found[clock.local_date(movement.entry.at).month] += movement.entry.amount
    return list(found.items())


def _change(entry: Entry) -> Decimal:
    if entry.target == Bucket.AVAILABLE:
        return entry.amount
    return -entry.amount if entry.source == Bucket.AVAILABLE else ZERO
