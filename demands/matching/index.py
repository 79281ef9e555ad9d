"""Ranking by BM25, with the words that made a text match. No ORM, no clock."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import bm25s
import numpy as np

from demands.matching.tokens import GROUP, Words

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it would tell of every index it makes

K = TypeVar("K", bound=Hashable)
# A word that is there itself counts more than one that is there under another name.
SYNONYM_WEIGHT = 0.8


@dataclass(frozen=True)
class Match:
    """A word of the question that the text answers: by itself, or by `found`, which means the same."""

    word: str
    found: str
    synonym: bool
    weight: float


@dataclass
class Hit(Generic[K]):
    """One text found, with its score and what it rests on, the weightiest first."""

    key: K
    score: float
    matches: list[Match] = field(default_factory=list)


class Index(Generic[K]):
    """Texts, cut into words beforehand. Immutable; used by many threads."""

    def __init__(self, words: Words, texts: Mapping[K, Sequence[str]]) -> None:
        self.words = words
        self.keys = list(texts)
        self._held = [frozenset(held) for held in texts.values()]
        self._bm25: Any = None
        if any(texts.values()):
            self._bm25 = bm25s.BM25()
            self._bm25.index([list(held) for held in texts.values()], show_progress=False)

    def __len__(self) -> int:
        return len(self.keys)

    def search(self, text: str, *, limit: int, factors: np.ndarray[Any, Any] | None = None) -> list[Hit[K]]:
        """The texts that share a word or a synonym with `text`, best first, at most `limit`.

        `factors` weighs each text of the index for what its words do not say (category, fee).
        """
        asked = list(dict.fromkeys(self.words.cut(text)))
        return self.search_words(asked, limit=limit, factors=factors)

    def search_words(
        self, asked: Sequence[str], *, limit: int, factors: np.ndarray[Any, Any] | None = None
    ) -> list[Hit[K]]:
        """As `search`, for words already cut."""
        if self._bm25 is None or limit < 1:
            return []
        parts = {word: self._part(word) for word in asked if word in self._bm25.vocab_dict}
        if not parts:
            return []
        total = np.sum(list(parts.values()), axis=0)
        if factors is not None:
            total = total * factors
        best = np.argsort(-total, kind="stable")[:limit]
        return [self._hit(int(row), float(total[row]), asked, parts) for row in best if total[row] > 0]

    def _part(self, word: str) -> np.ndarray[Any, Any]:
        part: np.ndarray[Any, Any] = self._bm25.get_scores([word])
        return part * SYNONYM_WEIGHT if word.startswith(GROUP) else part

    def _hit(self, row: int, score: float, asked: Sequence[str], parts: Mapping[str, np.ndarray[Any, Any]]) -> Hit[K]:
        held = self._held[row]
        matches = [
            Match(word, word, False, float(parts[word][row]))
            for word in asked
            if not word.startswith(GROUP) and word in held and word in parts
        ]
        matches += self._synonyms(row, asked, parts)
        matches.sort(key=lambda match: -match.weight)
        return Hit(self.keys[row], score, _longest(matches))

    def _synonyms(self, row: int, asked: Sequence[str], parts: Mapping[str, np.ndarray[Any, Any]]) -> list[Match]:
        """The question's words that the text has only under another name."""
        held, found = self._held[row], []
        for token in (one for one in asked if one.startswith(GROUP) and one in held and one in parts):
            members = self.words.groups[token[len(GROUP) :]].words
            said = [word for word in asked if word in members]
            there = [word for word in members if word in held]
            if said and there and not set(said) & held:
                found.append(Match(max(said, key=len), max(there, key=len), True, float(parts[token][row])))
        return found


def _longest(matches: list[Match]) -> list[Match]:
    """Without the parts of longer words that matched too: 环境影响评价, not 环境, 影响, 评价 beside it."""
    whole = [match.word for match in matches]
    return [match for match in matches if not any(match.word != other and match.word in other for other in whole)]
