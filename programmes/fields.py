"""Reading typed values from a located tree, noting every fault instead of stopping at the first.

A reader method always returns a value of its type. When it noted a problem the value is a stand-in; the
caller raises before anything is made of it, and asks `good(key)` before comparing values with each other.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from programmes.located import Branch, Leaf, Node, Problem, Row

T = TypeVar("T")

_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,11})(\.[0-9]+)?")
_RATE = re.compile(r"[0-9](\.[0-9]+)?")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_LEAP_YEAR = 2000
RATE_PLACES = 4


class Fields:
    """One mapping being read. `done()` reports the keys that nobody asked for."""

    def __init__(self, node: Node | None, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self.line = node.line if node else None
        self._values: dict[str, Node] = {}
        self._asked: list[str] = []
        self._bad: set[str] = set()
        if isinstance(node, Branch):
            self._take(node)
        elif node is not None:
            problems.append(Problem(node.line, path, "须为一组“键: 值”"))
        self._readable = isinstance(node, Branch)

    def _take(self, node: Branch) -> None:
        for key, value in node.items:
            if key in self._values:
                self.problems.append(Problem(value.line, self._at(key), "重复的键"))
            self._values.setdefault(key, value)

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, message: str, node: Node | None = None) -> None:
        """Note that `key` is wrong."""
        self._bad.add(key)
        line = (node or self._values.get(key) or self).line
        self.problems.append(Problem(line, self._at(key), message))

    def good(self, *keys: str) -> bool:
        """Whether every one of `keys` was there and right."""
        return all(key in self._values and key not in self._bad for key in keys)

    def done(self) -> None:
        """Report unknown keys, each with the likely one meant."""
        for key, value in self._values.items():
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, 1)
                hint = f"，是否想写“{near[0]}”" if near else ""
                self.problems.append(Problem(value.line, self._at(key), f"未知的键{hint}"))

    # --- single values

    def text(self, key: str, longest: int) -> str:
        """Words: 1 to `longest` characters, one line, no blanks at the ends."""
        leaf = self._leaf(key)
        if leaf is None:
            return ""
        if leaf.kind != "text":
            return self._wrong(key, "须为文字（数字请加引号）", "")
        if not leaf.text or leaf.text != leaf.text.strip():
            return self._wrong(key, "不能为空，首尾不能有空白", "")
        if not leaf.text.isprintable():
            return self._wrong(key, "含有换行或控制字符", "")
        if len(leaf.text) > longest:
            return self._wrong(key, f"超过{longest}个字", "")
        return leaf.text

    def matching(self, key: str, pattern: re.Pattern[str], message: str, longest: int) -> str:
        """Words of one shape."""
        value = self.text(key, longest)
        if self.good(key) and not pattern.fullmatch(value):
            return self._wrong(key, message, "")
        return value

    def code(self, key: str, seen: set[str]) -> str:
        """A code in small letters, not yet in `seen`; it is added there."""
        value = self.matching(key, _CODE, "代码须为小写字母开头的小写字母、数字和下划线", 48)
        if self.good(key):
            if value in seen:
                return self._wrong(key, f"“{value}”重复", value)
            seen.add(value)
        return value

    def choice(self, key: str, options: Collection[str]) -> str:
        """One of `options`."""
        value = self.text(key, 64)
        if self.good(key) and value not in options:
            return self._wrong(key, f"只能是 {'、'.join(options)}", "")
        return value

    def money(self, key: str) -> Decimal:
        """元 above zero, at most two decimals."""
        text = self._number(key, _AMOUNT, "须为数字，单位元，整数不超过12位")
        if text is None:
            return Decimal(0)
        if _places(text) > 2:
            return self._wrong(key, "金额最多两位小数", Decimal(0))
        if Decimal(text) == 0:
            return self._wrong(key, "须大于0", Decimal(0))
        return Decimal(text).quantize(Decimal("0.01"))

    def rate(self, key: str) -> Decimal:
        """A fraction above 0, at most 1."""
        leaf = self._leaf(key)
        return self._rate(key, leaf) if leaf else Decimal(0)

    def _rate(self, key: str, leaf: Leaf) -> Decimal:
        text = self._number_in(key, leaf, _RATE, "须为0与1之间的小数，例如 0.80")
        if text is None:
            return Decimal(0)
        if _places(text) > RATE_PLACES:
            return self._wrong(key, f"比例最多{RATE_PLACES}位小数", Decimal(0), leaf)
        if not 0 < Decimal(text) <= 1:
            return self._wrong(key, f"比例须大于0且不超过1，现为{text}", Decimal(0), leaf)
        return Decimal(text)

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        leaf = self._leaf(key)
        return self._whole(key, leaf, low, high) if leaf else low

    def _whole(self, key: str, leaf: Leaf, low: int, high: int) -> int:
        text = self._number_in(key, leaf, _WHOLE, "须为整数")
        if text is None:
            return low
        if not low <= int(text) <= high:
            return self._wrong(key, f"须在{low}与{high}之间，现为{text}", low, leaf)
        return int(text)

    def flag(self, key: str) -> bool:
        """true or false, spelt so."""
        leaf = self._leaf(key)
        if leaf is not None and (leaf.kind != "flag" or leaf.text not in ("true", "false")):
            return self._wrong(key, "须为 true 或 false", False)
        return leaf is not None and leaf.text == "true"

    def day(self, key: str) -> date:
        """A calendar date, 2026-01-31."""
        leaf = self._leaf(key)
        if leaf is None:
            return date.min
        if leaf.kind not in ("text", "date") or not _DATE.fullmatch(leaf.text):
            return self._wrong(key, "须为日期，例如 2026-01-31", date.min)
        try:
            return date.fromisoformat(leaf.text)
        except ValueError:
            return self._wrong(key, f"没有{leaf.text}这一天", date.min)

    def month_day(self, key: str) -> tuple[int, int]:
        """A day of every year, 06-30."""
        leaf = self._leaf(key)
        if leaf is None:
            return 1, 1
        if leaf.kind != "text" or not _MONTH_DAY.fullmatch(leaf.text) or leaf.text == "02-29":
            return self._wrong(key, "须为月-日，例如 06-30", (1, 1))
        try:
            day = date.fromisoformat(f"{_LEAP_YEAR}-{leaf.text}")
        except ValueError:
            return self._wrong(key, f"没有{leaf.text}这一天", (1, 1))
        return day.month, day.day

    # --- many values

    def section(self, key: str) -> Fields:
        """The mapping under `key`."""
        node = self._node(key)
        return Fields(node, self._at(key), self.problems) if node else Fields(None, self._at(key), [])

    def rows(self, key: str, *, least: int = 1) -> list[Fields]:
        """The mappings listed under `key`, `least` or more."""
        items = self._items(key, least)
        return [Fields(item, f"{self._at(key)}[{index}]", self.problems) for index, item in enumerate(items)]

    def codes(self, key: str, known: Collection[str], seen: set[str]) -> frozenset[str]:
        """Codes listed under `key`: each one of `known`, none in `seen`; they are added there."""
        found: set[str] = set()
        for item in self._items(key, 0):
            code = item.text if isinstance(item, Leaf) else ""
            if code not in known:
                near = difflib.get_close_matches(code, known, 1)
                self.fault(key, f"未知的代码“{code}”" + (f"，是否想写“{near[0]}”" if near else ""), item)
            elif code in seen:
                self.fault(key, f"“{code}”重复", item)
            seen.add(code)
            found.add(code)
        return frozenset(found)

    def rates(self, key: str) -> tuple[Decimal, ...]:
        """Fractions listed under `key`."""
        return tuple(self._rate(key, item) for item in self._leaves(key))

    def wholes(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """Whole numbers listed under `key`."""
        return tuple(self._whole(key, item, low, high) for item in self._leaves(key))

    # --- below

    def _node(self, key: str) -> Node | None:
        self._asked.append(key)
        node = self._values.get(key)
        if node is None and self._readable:
            self.fault(key, "缺少此项")
        return node

    def _leaf(self, key: str) -> Leaf | None:
        node = self._node(key)
        if node is None:
            return None
        if not isinstance(node, Leaf) or node.kind == "nothing":
            self.fault(key, "须为单个值" if not isinstance(node, Leaf) else "没有填写")
            return None
        return node

    def _items(self, key: str, least: int) -> Sequence[Node]:
        node = self._node(key)
        if node is None:
            return ()
        if not isinstance(node, Row):
            self.fault(key, "须为列表")
            return ()
        if len(node.items) < least:
            self.fault(key, f"至少要有{least}项")
        return node.items

    def _leaves(self, key: str) -> list[Leaf]:
        leaves = []
        for item in self._items(key, 1):
            if isinstance(item, Leaf):
                leaves.append(item)
            else:
                self.fault(key, "列表中须为单个值", item)
        return leaves

    def _number(self, key: str, shape: re.Pattern[str], message: str) -> str | None:
        leaf = self._leaf(key)
        return self._number_in(key, leaf, shape, message) if leaf else None

    def _number_in(self, key: str, leaf: Leaf, shape: re.Pattern[str], message: str) -> str | None:
        if leaf.kind == "float":
            self.fault(key, f'请写成字符串，例如 "{leaf.text}"，以免精度丢失', leaf)
        elif leaf.text.startswith("-"):
            self.fault(key, "不能为负数", leaf)
        elif leaf.kind not in ("number", "text") or not shape.fullmatch(leaf.text):
            self.fault(key, message, leaf)
        else:
            return leaf.text
        return None

    def _wrong(self, key: str, message: str, instead: T, node: Node | None = None) -> T:
        self.fault(key, message, node)
        return instead


def _places(text: str) -> int:
    return len(text.partition(".")[2])
