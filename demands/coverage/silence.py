"""Demands that nobody answers, by city and category. Arithmetic over rows somebody else has read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

ANY = ""  # a demand that names no category


@dataclass(frozen=True)
class Silent:
    """A demand on the board without any answer: where, what for, since which day."""

    city: str
    categories: tuple[str, ...]
    since: date


@dataclass(frozen=True)
class Silence:
    """So many demands of one city and category have waited so many days; one of two categories counts in both."""

    city: str
    category: str
    demands: int
    longest_days: int


def silence(rows: Iterable[Silent], day: date) -> list[Silence]:
    """Most demands first, then by city and category."""
    waits: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        for category in row.categories or (ANY,):
            waits.setdefault((row.city, category), []).append((day - row.since).days)
    found = [Silence(city, category, len(days), max(days)) for (city, category), days in waits.items()]
    return sorted(found, key=lambda one: (-one.demands, one.city, one.category))
