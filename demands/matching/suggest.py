"""Products for a demand, demands for a provider, products for a question: ranked, each with its reasons.

Indexes live in the process. Each question first asks PostgreSQL in one query whether anything indexed has changed
(`fingerprint`); what changed is cut anew, the rest is kept. So every process answers by what is on the shelf and on
the board now, and none has to tell another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import numpy as np
from django.db import models

from demands import offers, selectors
from demands.matching.index import Hit, Index, Match
from demands.matching.tokens import Group, Words, shipped
from demands.models import CutText, Demand
from demands.offers import Offer

MOST = 20
# How much what the words do not say weighs. No figures of the regulation: they order a list of proposals, nothing more.
SAME_CATEGORY = 1.3
OVER_BUDGET = 0.6
# A product's name says more of it than its description does.
NAME_TIMES, SUB_TYPE_TIMES = 3, 2
COMPOSED = "1"  # goes up when an entry is made of other parts of its row, or of other times: what was kept is cut anew
MANY = 1000  # a list of twenty thousand ids is slower than the table

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


class _Facts:
    """Of every indexed row, in the index's order, what its words do not say: categories, and a price or fee range in 元.

    Floats, for they only order a list; what is shown is compared as Decimal.
    """

    def __init__(self, entries: Iterable[_Entry]) -> None:
        rows = list(entries)
        self.count = len(rows)
        self.low = np.array([np.nan if row.low is None else float(row.low) for row in rows])
        self.high = np.array([np.nan if row.high is None else float(row.high) for row in rows])
        self.of: dict[str, np.ndarray[Any, Any]] = {}
        for place, row in enumerate(rows):
            for code in row.categories:
                self.of.setdefault(code, np.zeros(self.count, dtype=bool))[place] = True

    def factors(self, categories: Iterable[str], over: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """What each row's score is multiplied with; `over`: where the price is above what one would pay."""
        weights = np.where(over, OVER_BUDGET, 1.0)
        alike = [self.of[code] for code in categories if code in self.of]
        return np.where(np.any(alike, axis=0), weights * SAME_CATEGORY, weights) if alike else weights


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
    facts: _Facts | None = None
    lock: Any = field(default_factory=threading.Lock)

    def now(self, words: Words) -> tuple[Index[UUID], _Facts]:
        """The index of what is there now."""
        seen = (words.version, self.fingerprint())
        with self.lock:
            if self.index is None or self.made_of != seen:
                self._renew(words)
                self.made_of = seen
            assert self.index is not None and self.facts is not None  # noqa: S101, PT018 - _renew has made them
            return self.index, self.facts

    def held(self, words: Words) -> dict[UUID, _Entry]:
        """What it is made of now."""
        self.now(words)
        return self.entries

    def _renew(self, words: Words) -> None:
        kept = self.entries if self.version == words.version else {}
        heads = self.heads()
        entries = {pk: entry for pk, entry in kept.items() if heads.get(pk) == entry.head}
        if missing := [pk for pk in heads if pk not in entries]:
            entries |= self.load(words, missing)
        self.entries, self.version = entries, words.version
        self.index = Index(words, {pk: entry.words for pk, entry in entries.items()})
        self.facts = _Facts(entries.values())


def version(words: Words) -> str:
    """What the kept words of a text must have been cut with to be those that would be cut now."""
    return f"{words.version}-{COMPOSED}"


def _kept(words: Words, ids: Collection[UUID]) -> dict[tuple[UUID, str], list[str]]:
    """Words that were cut before, by the row and the head it then had."""
    rows = CutText.objects.filter(version=version(words))
    if len(ids) < MANY:
        rows = rows.filter(pk__in=ids)
    return {(pk, head): cut for pk, head, cut in rows.values_list("pk", "head", "words")}


def _load_offers(words: Words, ids: list[UUID]) -> dict[UUID, _Entry]:
    kept = _kept(words, ids)
    return {
        row.id: _Entry(
            row.head,
            kept.get((row.id, row.head)) or _cut_offer(words, row),
            frozenset({row.category}),
            row.price,
            row.price,
        )
        for row in offers.read(ids if len(ids) < MANY else None)
    }


def _cut_offer(words: Words, offer: Offer) -> list[str]:
    rest = " ".join((offer.aim, offer.functions, *offer.deliverables, *offer.indicators))
    return words.cut(offer.name) * NAME_TIMES + words.cut(offer.sub_type) * SUB_TYPE_TIMES + words.cut(rest)


def _load_demands(words: Words, ids: list[UUID]) -> dict[UUID, _Entry]:
    kept = _kept(words, ids)
    rows = selectors.board().filter(pk__in=ids) if len(ids) < MANY else selectors.board()
    columns = ("pk", "head", "title", "content", "categories", "fee_low", "fee_high")
    return {
        pk: _Entry(
            head,
            kept.get((pk, head)) or words.cut(title) * NAME_TIMES + words.cut(content),
            frozenset(categories),
            low,
            high,
        )
        for pk, head, title, content, categories, low, high in rows.select_related(None).values_list(*columns)
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


def cut_today() -> tuple[str, dict[UUID, tuple[str, list[str]]]]:
    """Of everything on the shelf and on the board now its head and its words, and the version they were cut with."""
    words = words_in_force()
    found = {**_shelf.held(words), **_board.held(words)}
    return version(words), {pk: (entry.head, entry.words) for pk, entry in found.items()}


def products_for(demand: Demand, *, limit: int = MOST) -> list[Suggestion[Offer]]:
    """Products on the shelf that fit the demand, best first."""
    words = words_in_force()
    index, facts = _shelf.now(words)
    over = facts.low > float(demand.fee_high) if demand.fee_high is not None else np.zeros(facts.count, dtype=bool)
    hits = index.search(f"{demand.title} {demand.content}", limit=limit, factors=facts.factors(demand.categories, over))
    return _as_offers(hits, frozenset(demand.categories), demand.fee_low, demand.fee_high)


def products_about(text: str, *, limit: int = MOST) -> list[Suggestion[Offer]]:
    """Products on the shelf that answer a question in words."""
    index, _ = _shelf.now(words_in_force())
    return _as_offers(index.search(text, limit=limit), frozenset(), None, None)


def demands_for(provider_id: UUID, *, limit: int = MOST) -> list[Suggestion[Demand]]:
    """Demands on the board that one of the provider's products on the shelf fits, best first, with that product."""
    index, facts = _board.now(words_in_force())
    best: dict[UUID, tuple[Hit[UUID], Offer]] = {}
    for offer in offers.read_of(provider_id):
        factors = facts.factors([offer.category], facts.high < float(offer.price))
        for hit in index.search(f"{offer.name} {offer.sub_type} {offer.aim}", limit=limit, factors=factors):
            if hit.key not in best or best[hit.key][0].score < hit.score:
                best[hit.key] = (hit, offer)
    ranked = sorted(best.values(), key=lambda one: -one[0].score)[:limit]
    rows = {row.pk: row for row in selectors.board().filter(pk__in=[hit.key for hit, _ in ranked])}
    return [_as_demand(rows[hit.key], hit, offer) for hit, offer in ranked if hit.key in rows]


def _as_demand(row: Demand, hit: Hit[UUID], offer: Offer) -> Suggestion[Demand]:
    return Suggestion(
        row,
        hit.score,
        hit.matches,
        _same(frozenset(row.categories), offer),
        _fee(offer.price, row.fee_low, row.fee_high),
        offer,
    )


def _as_offers(
    hits: list[Hit[UUID]], categories: frozenset[str], low: Decimal | None, high: Decimal | None
) -> list[Suggestion[Offer]]:
    rows = {row.id: row for row in offers.read([hit.key for hit in hits])}
    return [
        Suggestion(
            rows[hit.key],
            hit.score,
            hit.matches,
            _same(categories, rows[hit.key]),
            _fee(rows[hit.key].price, low, high),
        )
        for hit in hits
        if hit.key in rows  # it left the shelf between the two readings
    ]


def _same(asked: frozenset[str], offer: Offer) -> bool | None:
    """None: the demand asks for no category."""
    return offer.category in asked if asked else None


def _fee(price: Decimal, low: Decimal | None, high: Decimal | None) -> str:
    """How a list price lies to what the enterprise would pay."""
    if low is None and high is None:
        return "unknown"
    if high is not None and price > high:
        return "over"
    return "under" if low is not None and price < low else "fits"
