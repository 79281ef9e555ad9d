"""What was done, in words: the codes of the evidence (table, act) as people say them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from foundation.strict_yaml import load

_JOB = re.compile("系统任务（(.+)）")
_WORDS = Path(__file__).resolve().parent / "texts" / "acts.yaml"


@cache
def _words() -> dict[str, dict[str, str]]:
    content: dict[str, dict[str, str]] = load(_WORDS.read_text(encoding="utf-8"))
    return content


def label(table: str, act: str) -> str:
    """The words for an act on a record of that table; those of any table where its own has none."""
    words = _words()
    return words.get(table, {}).get(act) or words["any"].get(act, act)


def actor(label: str) -> str:
    """Who it was: a person as the record says, a job by what it does."""
    job = _JOB.fullmatch(label)
    return f"平台（{_words()['actors'].get(job[1], '定时任务')}）" if job else label
