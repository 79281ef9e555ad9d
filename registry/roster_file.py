"""A roster as CSV: decoded, checked line by line, every fault at once. No ORM, no clock.

What comes out is clean text by column name. A code, a date or a title that is not exactly right is refused,
never repaired in silence: 号 and 名 in a roster decide over public money.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from foundation.errors import Invalid, TooLarge
from registry import reference, uscc
from registry.states import RosterKind

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
SHOWN = 500
_FORMULA = frozenset("=+-@＝＋－＠\t")
_DATE = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_EXCEL_NUMBER = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_EARLIEST, _LATEST = 1949, 2100


@dataclass(frozen=True)
class RosterRow:
    """One clean line: its number in the file, its cells, and what a clerk should look at."""

    line: int
    cells: dict[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one line."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"第{self.line}行“{self.column}”：{self.message}" if self.column else f"第{self.line}行：{self.message}"


class RosterFaults(Invalid):
    """Everything wrong with the file; details carry the first 500."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__(
            "ROSTER_INVALID",
            f"名册有{len(faults)}处错误，未导入任何一行。{self.faults[0]}",
            total=len(faults),
            problems=[{"line": f.line, "column": f.column, "message": f.message} for f in self.faults[:SHOWN]],
        )

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


@dataclass(frozen=True)
class Column:
    """A column: its Chinese heading, whether a cell may be empty, how a cell is read, and its longest text."""

    heading: str
    read: Callable[[str], str]
    required: bool = True
    longest: int = 120


def _text(cell: str) -> str:
    return cell


def _uscc(cell: str) -> str:
    if _EXCEL_NUMBER.fullmatch(cell):
        raise ValueError("被表格软件改成了科学计数，数字已丢失，请按文本格式重新填写")
    try:
        return uscc.check(cell).code
    except Invalid as error:
        raise ValueError(error.message) from None


def _date(cell: str) -> str:
    match = _DATE.fullmatch(cell)
    if match is None:
        raise ValueError("日期须如 2024-01-31")
    year, month, day = (int(part) for part in match.groups())
    if not _EARLIEST <= year <= _LATEST:
        raise ValueError(f"年份须在{_EARLIEST}与{_LATEST}之间")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise ValueError(f"没有{cell}这一天") from None


def _title(cell: str) -> str:
    kinds = reference.title_kinds()
    code = cell if cell in kinds else next((kind.code for kind in kinds.values() if kind.name == cell), "")
    if not code:
        raise ValueError(f"没有“{cell}”这一称号")
    if kinds[code].derived:
        raise ValueError(f"“{kinds[code].name}”由名录推算，不能单独导入")
    return code


COLUMNS: Mapping[str, Mapping[str, Column]] = {
    RosterKind.LISTED: {
        "uscc": Column("统一社会信用代码", _uscc),
        "name": Column("企业名称", _text),
        "listed_since": Column("入规日期", _date),
        "removed_on": Column("退规日期", _date, required=False),
    },
    RosterKind.TITLES: {
        "uscc": Column("统一社会信用代码", _uscc),
        "title_code": Column("称号", _title),
        "certificate_no": Column("证书编号", _text, required=False, longest=100),
        "issued_by": Column("认定机关", _text),
        "doc_no": Column("认定文号", _text, required=False, longest=100),
        "valid_from": Column("有效期起", _date),
        "valid_to": Column("有效期止", _date, required=False),
    },
    RosterKind.DISHONEST: {
        "uscc": Column("统一社会信用代码", _uscc),
        "since": Column("列入日期", _date),
        "until": Column("移出前最后一日", _date, required=False),
        "source": Column("列入机关及文号", _text, longest=200),
    },
}
# What makes a line the same line, and which dates must stand in order (may the second equal the first?).
KEYS: Mapping[str, tuple[str, ...]] = {
    RosterKind.LISTED: ("uscc", "listed_since"),
    RosterKind.TITLES: ("uscc", "title_code", "valid_from"),
    RosterKind.DISHONEST: ("uscc", "since"),
}
_PERIODS: Mapping[str, tuple[str, str, bool]] = {
    RosterKind.LISTED: ("listed_since", "removed_on", False),
    RosterKind.TITLES: ("valid_from", "valid_to", True),
    RosterKind.DISHONEST: ("since", "until", True),
}


def parse(kind: str, raw: bytes) -> list[RosterRow]:
    """The clean lines of a roster of `kind`. Raises ROSTER_TOO_LARGE or RosterFaults with every fault."""
    if len(raw) > MAX_BYTES:
        raise TooLarge("ROSTER_TOO_LARGE", f"名册文件超过{MAX_BYTES // 1024 // 1024}MB，请拆分。", limit=MAX_BYTES)
    lines = _lines(decode(raw))
    if len(lines) > MAX_ROWS + 1:
        raise TooLarge("ROSTER_TOO_LARGE", f"名册超过{MAX_ROWS}行，请拆分。", limit=MAX_ROWS)
    if not lines:
        raise RosterFaults([Fault(1, "", "文件为空")])
    faults: list[Fault] = []
    order = _header(lines[0], COLUMNS[kind], faults)
    if faults:
        raise RosterFaults(faults)
    rows = [_row(number, cells, order, kind, faults) for number, cells in lines[1:]]
    if not rows:
        faults.append(Fault(lines[0][0], "", "没有数据行"))
    _twice(kind, rows, faults)
    if faults:
        raise RosterFaults(faults)
    return rows


def decode(raw: bytes) -> str:
    """UTF-8 with or without BOM, else GB 18030 (which contains GBK). Raises RosterFaults for anything else."""
    if raw.startswith(b"PK"):
        raise RosterFaults([Fault(1, "", "这是 Excel 文件，请另存为 CSV 后导入")])
    if b"\x00" in raw:
        raise RosterFaults([Fault(raw[: raw.index(b"\x00")].count(b"\n") + 1, "", "含有空字符，不是文本文件")])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterFaults([Fault(1, "", "编码不是 UTF-8 或 GBK")])


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Non-empty lines with their numbers."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[tuple[int, list[str]]] = []
    try:
        found.extend((reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))
    except csv.Error:
        raise RosterFaults([Fault(reader.line_num, "", "引号不成对或单元格过长")]) from None
    return found


def _header(line: tuple[int, list[str]], columns: Mapping[str, Column], faults: list[Fault]) -> list[str]:
    """The column names in the file's order; headings may be Chinese or the English names."""
    names = {column.heading: name for name, column in columns.items()} | {name: name for name in columns}
    number, cells = line
    order = []
    for cell in (cell.strip() for cell in cells):
        name = names.get(cell, "")
        if not name:
            faults.append(Fault(number, cell[:40], f"未知的列，须为 {'、'.join(c.heading for c in columns.values())}"))
        elif name in order:
            faults.append(Fault(number, cell, "重复的列"))
        order.append(name)
    faults.extend(
        Fault(number, column.heading, "缺少此列")
        for name, column in columns.items()
        if column.required and name not in order
    )
    return order


def _row(number: int, cells: list[str], order: list[str], kind: str, faults: list[Fault]) -> RosterRow:
    columns = COLUMNS[kind]
    before = len(faults)
    if len(cells) != len(order):
        faults.append(Fault(number, "", f"应有{len(order)}列，现有{len(cells)}列"))
    clean = dict.fromkeys(columns, "")
    for name, cell in zip(order, cells, strict=False):
        clean[name] = _cell(number, columns[name], cell.strip(" "), faults)
    if len(faults) == before:
        _whole_row(number, clean, kind, faults)
    good = len(faults) == before
    return RosterRow(number, clean, tuple(w.message for w in uscc.check(clean["uscc"]).warnings) if good else ())


def _cell(number: int, column: Column, cell: str, faults: list[Fault]) -> str:
    if not cell:
        if column.required:
            faults.append(Fault(number, column.heading, "不能为空"))
        return ""
    if cell[0] in _FORMULA:
        faults.append(Fault(number, column.heading, "以公式符号开头，请删去"))
    elif not cell.isprintable():
        faults.append(Fault(number, column.heading, "含有换行或控制字符"))
    elif len(cell) > column.longest:
        faults.append(Fault(number, column.heading, f"超过{column.longest}个字"))
    else:
        try:
            return column.read(cell)
        except ValueError as error:
            faults.append(Fault(number, column.heading, str(error)))
    return ""


def _whole_row(number: int, cells: Mapping[str, str], kind: str, faults: list[Fault]) -> None:
    start, end, same_day = _PERIODS[kind]
    if cells[end] and (cells[end] < cells[start] or (not same_day and cells[end] == cells[start])):
        heading = COLUMNS[kind][start].heading
        faults.append(Fault(number, COLUMNS[kind][end].heading, f"须{'不早于' if same_day else '晚于'}{heading}"))
    if kind == RosterKind.TITLES and not cells["certificate_no"] and not cells["doc_no"]:
        faults.append(Fault(number, "证书编号", "证书编号和认定文号至少填写一项"))


def _twice(kind: str, rows: list[RosterRow], faults: list[Fault]) -> None:
    """The same line twice, or two open listings of one enterprise."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        keys = [tuple(row.cells[name] for name in KEYS[kind])]
        if kind == RosterKind.LISTED and not row.cells["removed_on"]:
            keys.append((row.cells["uscc"], "open"))
        for key in keys:
            if all(key) and seen.setdefault(key, row.line) != row.line:
                faults.append(Fault(row.line, COLUMNS[kind]["uscc"].heading, f"与第{seen[key]}行重复"))
                break
