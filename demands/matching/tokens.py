"""A Chinese text as words, and words that mean the same as one. No ORM, no clock.

The dictionary of jieba is read directly: its own cache is a marshalled file under /tmp, which anybody on the machine
could have written.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import jieba

from foundation import strict_yaml

TOKENISER = "jieba-0.42.1/1"  # goes up when the same text is cut otherwise: what was cut before is cut anew
GROUP = "#"  # begins the token of a group of synonyms; no word begins so


@dataclass(frozen=True)
class Group:
    """Words that mean the same. `source` is the platform's file or the operator's table."""

    code: str
    words: tuple[str, ...]
    source: str = "platform"


def fold(text: str) -> str:
    """Width and case do not tell words apart."""
    return unicodedata.normalize("NFKC", text).strip().lower()


@cache
def shipped() -> Mapping[str, Group]:
    """The groups that came with the platform, by code."""
    rows = strict_yaml.load(_text("synonyms.yaml"))
    return {code: Group(code, tuple(fold(word) for word in words)) for code, words in rows.items()}


@cache
def terms() -> tuple[str, ...]:
    """Words of the trade that jieba would cut in pieces."""
    return _lines("terms.txt")


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about what is looked for."""
    return frozenset(_lines("stopwords.txt"))


class Words:
    """A tokeniser with the groups of synonyms in force. Immutable once made, used by many threads.

    `version` names it: two of the same version cut every text alike.
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        self.groups = {group.code: group for group in groups}
        self.group_of: dict[str, list[str]] = {}
        for group in self.groups.values():
            for word in group.words if len(group.words) > 1 else ():
                self.group_of.setdefault(word, []).append(group.code)
        self.version = self._version()
        self._jieba = _tokeniser()
        for word in sorted({*terms(), *self.group_of}):
            self._jieba.add_word(word)

    def cut(self, text: str) -> list[str]:
        """The words of a text in order, long ones also by their parts, and after each the tokens of its groups."""
        found = []
        for word in self._pieces(fold(text)):
            if word in stop_words() or not any(character.isalnum() for character in word):
                continue
            if len(word) == 1 and not word.isascii() and word not in self.group_of:
                continue  # a lone character is no word to look for
            found.append(word)
            found.extend(f"{GROUP}{code}" for code in self.group_of.get(word, ()))
        return found

    def _pieces(self, text: str) -> Iterator[str]:
        """As jieba cuts for a search, but letters and digits that stand together stay so: no mes in homes."""
        last = ""
        for word, start, end in self._jieba.tokenize(text, mode="search"):
            run = _run_around(text, start, end)
            if run is None:
                yield word
            elif run != last:
                yield run
            last = run or ""

    def _version(self) -> str:
        said = repr([TOKENISER, sorted((g.code, g.words) for g in self.groups.values()), terms(), sorted(stop_words())])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def _run_around(text: str, start: int, end: int) -> str | None:
    """The whole run of letters and digits of which text[start:end] is only a part; None when it stands by itself."""
    first, after = start, end
    while first > 0 and _latin(text[first]) and _latin(text[first - 1]):
        first -= 1
    while after < len(text) and _latin(text[after - 1]) and _latin(text[after]):
        after += 1
    return text[first:after] if (first, after) != (start, end) else None


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _tokeniser() -> jieba.Tokenizer:
    """A tokeniser of its own, so that the words added to it are nobody else's. Half a second, once a dictionary."""
    made = jieba.Tokenizer()
    made.FREQ, made.total = made.gen_pfdict(made.get_dict_file())
    made.initialized = True
    return made


def _lines(name: str) -> tuple[str, ...]:
    lines = (line.split("#")[0].strip() for line in _text(name).splitlines())
    return tuple(fold(line) for line in lines if line)


def _text(name: str) -> str:
    return resources.files("demands").joinpath("data", name).read_text(encoding="utf-8")
