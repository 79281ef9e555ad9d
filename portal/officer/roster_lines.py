"""The lines of a roster in pages, and all of them as a sheet: beside what is in force while it waits, plain afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponseBase

from foundation.api.fields import day_of
from portal.kit.access import Asked
from portal.kit.days import day
from portal.kit.sheets import spreadsheet
from portal.officer.cases import Chip, Table
from registry.differences import What, differences
from registry.models import RosterImport
from registry.roster_file import COLUMNS
from registry.selectors import title_kind

PER_PAGE = 50
WHAT = {What.NEW: Chip("新增", "run"), What.CHANGED: Chip("变更", "warn"), What.SAME: Chip("不变", "off")}
_CHANGES = ("统一社会信用代码", "文件行", "变化", "现在", "生效后")


class Lines:
    """What of a roster's lines is asked for: a page of them, of one kind of change."""

    def __init__(self, request: Asked, row: RosterImport, *, waits: bool) -> None:
        self.row, self.waits = row, waits
        self.chosen = request.GET.get("what", "") if request.GET.get("what", "") in list(What) else ""
        asked = request.GET.get("page", "1")
        heads, lines, self.tabs = self._changes() if waits else self._plain()
        self.heads, self.all = heads, lines
        self.last = max(1, -(-len(lines) // PER_PAGE))
        self.page = min(int(asked), self.last) if asked.isascii() and asked.isdigit() and int(asked[:9]) else 1

    @property
    def table(self) -> Table:
        """The page that was asked for."""
        return Table(self.heads, self.all[(self.page - 1) * PER_PAGE : self.page * PER_PAGE])

    @property
    def count(self) -> int:
        return len(self.all)

    @property
    def newer(self) -> int:
        """The number of the page before, 0 where there is none."""
        return self.page - 1

    @property
    def older(self) -> int:
        """The number of the next page, 0 at the end."""
        return self.page + 1 if self.page < self.last else 0

    def sheet(self) -> HttpResponseBase:
        """Every line, of the change that was asked for, in text cells."""
        lines = ([one.words if isinstance(one, Chip) else str(one) for one in line] for line in self.all)
        return spreadsheet(str(self.row.source_document), self.heads, lines)

    def _changes(self) -> tuple[Sequence[str], list[tuple[Any, ...]], list[tuple[str, str, int]]]:
        found = sorted(differences(self.row), key=lambda one: one.what == What.SAME)
        counts = Counter(one.what for one in found)
        lines = [
            (one.uscc, f"第{one.line}行", WHAT[one.what], one.before, one.after)
            for one in found
            if self.chosen in ("", one.what)
        ]
        tabs = [("", "全部", len(found)), *((one.value, WHAT[one].words, counts[one]) for one in What)]
        return _CHANGES, lines, tabs

    def _plain(self) -> tuple[Sequence[str], list[tuple[Any, ...]], list[tuple[str, str, int]]]:
        columns = COLUMNS[self.row.kind]
        lines = [tuple(_cell(name, one.get(name, "")) for name in columns) for one in self.row.rows]
        return [one.heading for one in columns.values()], lines, []


def _cell(name: str, value: str) -> str:
    if name == "title_code":
        kind = title_kind(value)
        return kind.name if kind is not None else value
    on = day_of(value) if value else None
    return day(on) if on is not None else value
