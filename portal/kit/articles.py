"""The articles of the 办法 as people read them: one click away from every figure and act that rests on one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from foundation.strict_yaml import load

_TEXT = Path(__file__).resolve().parent.parent / "texts" / "measures.yaml"
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Article:
    """One article: its number, its chapter, its paragraphs."""

    number: int
    chapter: str
    paragraphs: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"第{chinese(self.number)}条"


@cache
def heading() -> dict[str, str]:
    """Title, number and date of the 办法."""
    content = load(_TEXT.read_text(encoding="utf-8"))
    return {name: str(content[name]) for name in ("title", "number", "date")}


@cache
def measures() -> dict[int, Article]:
    """《广西制造业企业培优育强服务券管理办法（试行）》, by number."""
    content = load(_TEXT.read_text(encoding="utf-8"))
    return {
        int(one["number"]): Article(int(one["number"]), str(chapter["title"]), tuple(one["paragraphs"]))
        for chapter in content["chapters"]
        for one in chapter["articles"]
    }


def article(number: int) -> Article:
    """Raises KeyError for an article that the 办法 does not have: a mistake of ours."""
    return measures()[number]


def chinese(number: int) -> str:
    """1 to 99 as the 办法 writes its articles: 二十一."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not head else "")
