"""Proposals: thirty services, thirty demands in other words. What is measured is asserted, a little below."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from demands.matching.index import Index
from demands.matching.tokens import Group, Words, shipped

DATA = yaml.safe_load((Path(__file__).parent / "data" / "matching.yaml").read_text(encoding="utf-8"))


@cache
def index(*, synonyms: bool = True) -> Index[str]:
    words = Words(shipped().values() if synonyms else [Group(one.code, one.words[:1]) for one in shipped().values()])
    texts = {
        code: words.cut(service["name"]) * 3 + words.cut(f"{service['aim']} {' '.join(service['deliverables'])}")
        for code, service in DATA["services"].items()
    }
    return Index(words, texts)


def found(text: str, limit: int = 5, *, synonyms: bool = True) -> list[str]:
    return [hit.key for hit in index(synonyms=synonyms).search(text, limit=limit)]


def hits(limit: int, *, synonyms: bool = True) -> set[str]:
    return {one["means"] for one in DATA["demands"] if one["means"] in found(one["text"], limit, synonyms=synonyms)}


def test_print():
    for n in (True, False):
        print(n, len(hits(1, synonyms=n)), len(hits(5, synonyms=n)))
    for one in DATA["demands"]:
        f = found(one["text"])
        if one["means"] != f[:1][0] if f else True:
            print(one, f, index().words.cut(one["text"]))
    print(sorted(hits(5) - hits(5, synonyms=False)), sorted(hits(1) - hits(1, synonyms=False)))
