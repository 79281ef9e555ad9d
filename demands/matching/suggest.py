"""Products for a demand, demands for a provider, products for a question: ranked, each with its reasons.

Indexes live in the process. Each question first asks PostgreSQL in one query whether anything indexed has changed
(`fingerprint`); what changed is cut anew, the rest is kept. So every process answers by what is on the shelf and on
the board now, and none has to tell another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import numpy as np
from django.db import models

from demands import offers, selectors
from demands.matching.index import Hit, Index, Match
from demands.matching.tokens import Group, Words, shipped
from demands.models import Demand
from demands.offers import Offer

MOST = 20
# How much what the words do not say weighs. No figures of the regulation: they order a list of proposals, nothing more.
SAME_CATEGORY = 1.3
OVER_BUDGET = 0.6
# A product's name says more of it than its description does.
NAME_TIMES, SUB_TYPE_TIMES = 3, 2

T = TypeVar("T")


@dataclass(frozen=True)
class Suggestion(Generic[T]):
    """Something found, how well it fits, and why: the words, the category, the fee."""

    subject: T
    score: float
    matches: list[Match]
    same_category: bool | None
    fee: str  # fits | over | under | unknown
    product: Offer | None = None


@dataclass(frozen=True)
class _Entry:
    """What is kept of an indexed row beside its words."""

    head: str
    words: list[str]
    categories: frozenset[str]
    low: Decimal | None
    high: Decimal | None


@dataclass
class _Corpus:
    """One index in this process, with what it was made of."""

    load: Callable[[Words, list[UUID]], dict[UUID, _Entry]]
    heads: Callable[[], dict[UUID, str]]
    fingerprint: Callable[[], object]
    made_of: object = None
    version: str = ""
    entries: dict[UUID, _Entry] = field(default_factory=dict)
    index: Index[UUID] | None = None
    lock: Any = field(default_factory=threading.Lock)

    def now(self, words: Words) -> tuple[Index[UUID], Mapping[UUID, _Entry]]:
        """The index of what is there now."""
        seen = (words.version, self.fingerprint())
        with self.lock:
            if self.index is None or self.made_of != seen:
                self._renew(words)
                self.made_of = seen
            return self.index, self.entries  # type: ignore[return-value]  # _renew has made it

    def _renew(self, words: Words) -> None:
        kept = self.entries if self.version == words.version else {}
        heads = self.heads()
        entries = {pk: entry for pk, entry in kept.items() if heads.get(pk) == entry.head}
        if missing := [pk for pk in heads if pk not in entries]:
            entries |= self.load(words, missing)
        self.entries, self.version = entries, words.version
        self.index = Index(words, {pk: entry.words for pk, entry in entries.items()})


def _load_offers(words: Words, ids: list[UUID]) -> dict[UUID, _Entry]:
    # all at once when most are new: a list of twenty thousand ids is slower than the table
    rows = offers.read(ids if len(ids) < 1000 else None)
    return {
        row.id: _Entry(row.head, _cut_offer(words, row), frozenset({row.category}), row.price, row.price)
        for row in rows
    }


def _cut_offer(words: Words, offer: Offer) -> list[str]:
    rest = " ".join((offer.aim, *offer.deliverables, *offer.indicators))
    return words.cut(offer.name) * NAME_TIMES + words.cut(offer.sub_type) * SUB_TYPE_TIMES + words.cut(rest)


def _load_demands(words: Words, ids: list[UUID]) -> dict[UUID, _Entry]:
    rows = selectors.board().filter(pk__in=ids) if len(ids) < 1000 else selectors.board()
    return {
        row.pk: _Entry(
            row.head,
            words.cut(row.title) * NAME_TIMES + words.cut(row.content),
            frozenset(row.categories),
            row.fee_low,
            row.fee_high,
        )
        for row in rows
    }


def _board_heads() -> dict[UUID, str]:
    return dict(selectors.board().values_list("pk", "head"))


def _board_fingerprint() -> object:
    summed = models.Sum(models.Func("head", function="hashtext", output_field=models.BigIntegerField()))
    found = selectors.board().order_by().aggregate(n=models.Count("pk"), heads=summed)
    return found["n"], found["heads"]


_shelf = _Corpus(_load_offers, offers.heads, offers.fingerprint)
_board = _Corpus(_load_demands, _board_heads, _board_fingerprint)
_words: dict[str, Words] = {}
_making = threading.Lock()


def words_in_force() -> Words:
    """The tokeniser with the platform's groups and the operator's, which take the place of those of the same code."""
    confirmed = selectors.confirmed_synonyms().order_by("code").values_list("code", "words")
    own = {code: Group(code, tuple(words), "operator") for code, words in confirmed}
    key = repr(sorted((code, group.words) for code, group in own.items()))
    with _making:
        if key not in _words:
            _words.clear()
            _words[key] = Words({**shipped(), **own}.values())
        return _words[key]


def products_for(demand: Demand, *, limit: int = MOST) -> list[Suggestion[Offer]]:
    """Products on the shelf that fit the demand, best first."""
    words = words_in_force()
    index, entries = _shelf.now(words)
    asked = list(dict.fromkeys(words.cut(f"{demand.title} {demand.content}")))
    categories = frozenset(demand.categories)
    factors = np.array(
        [_factor(categories, entry, demand.fee_low, demand.fee_high) for entry in entries.values()], dtype="float32"
    )
    return _as_offers(
        index.search_words(asked, limit=limit, factors=factors), entries, categories, demand.fee_low, demand.fee_high
    )


def products_about(text: str, *, limit: int = MOST) -> list[Suggestion[Offer]]:
    """Products on the shelf that answer a question in words."""
    words = words_in_force()
    index, entries = _shelf.now(words)
    return _as_offers(index.search(text, limit=limit), entries, frozenset(), None, None)


def demands_for(provider_id: UUID, *, limit: int = MOST) -> list[Suggestion[Demand]]:
    """Demands on the board that one of the provider's products on the shelf fits, best first, with that product."""
    words = words_in_force()
    index, entries = _board.now(words)
    best: dict[UUID, tuple[float, Hit[UUID], Offer]] = {}
    for offer in (one for one in offers.read_of(provider_id)):
        asked = list(dict.fromkeys(words.cut(f"{offer.name} {offer.sub_type} {offer.aim}")))
        factors = np.array(
            [_factor(entry.categories, _as_entry(offer), entry.low, entry.high) for entry in entries.values()],
            dtype="float32",
        )
        for hit in index.search_words(asked, limit=limit, factors=factors):
            if hit.key not in best or best[hit.key][0] < hit.score:
                best[hit.key] = (hit.score, hit, offer)
    ranked = sorted(best.values(), key=lambda one: -one[0])[:limit]
    rows = {row.pk: row for row in selectors.board().filter(pk__in=[hit.key for _, hit, _ in ranked])}
    return [
        Suggestion(
            rows[hit.key],
            score,
            hit.matches,
            _same(frozenset(rows[hit.key].categories), frozenset({offer.category})),
            _fee(offer.price, offer.price, rows[hit.key].fee_low, rows[hit.key].fee_high),
            offer,
        )
        for score, hit, offer in ranked
        if hit.key in rows
    ]


def _as_entry(offer: Offer) -> _Entry:
    return _Entry(offer.head, [], frozenset({offer.category}), offer.price, offer.price)


def _as_offers(
    hits: list[Hit[UUID]],
    entries: Mapping[UUID, _Entry],
    categories: frozenset[str],
    low: Decimal | None,
    high: Decimal | None,
) -> list[Suggestion[Offer]]:
    rows = {row.id: row for row in offers.read([hit.key for hit in hits])}
    return [
        Suggestion(
            rows[hit.key],
            hit.score,
            hit.matches,
            _same(categories, entries[hit.key].categories),
            _fee(rows[hit.key].price, rows[hit.key].price, low, high),
        )
        for hit in hits
        if hit.key in rows  # it left the shelf between the two readings
    ]


def _factor(categories: frozenset[str], entry: _Entry, low: Decimal | None, high: Decimal | None) -> float:
    factor = SAME_CATEGORY if categories & entry.categories else 1.0
    return factor * (OVER_BUDGET if _fee(entry.low, entry.high, low, high) == "over" else 1.0)


def _same(asked: frozenset[str], has: frozenset[str]) -> bool | None:
    """None: none was asked for."""
    return bool(asked & has) if asked else None


def _fee(price_low: Decimal | None, price_high: Decimal | None, low: Decimal | None, high: Decimal | None) -> str:
    """How a price lies to what one would pay."""
    if price_low is None or price_high is None or (low is None and high is None):
        return "unknown"
    if high is not None and price_low > high:
        return "over"
    return "under" if low is not None and price_high < low else "fits"
