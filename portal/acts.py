"""What was done, in words: the codes of the evidence (table, act) as people say them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from foundation.strict_yaml import load

_WORDS = Path(__file__).resolve().parent / "texts" / "acts.yaml"


@cache
def _words() -> dict[str, dict[str, str]]:
    content: dict[str, dict[str, str]] = load(_WORDS.read_text(encoding="utf-8"))
    return content


def label(table: str, act: str) -> str:
    """The words for an act on a record of that table; those of any table where its own has none."""
    words = _words()
    return words.get(table, {}).get(act) or words["any"].get(act, act)
