"""The State Council's arrangement of one year's holidays, and counting working days by it. No ORM, no clock.

An arrangement names the days that differ from the week: rest days, and weekend days that are worked in
exchange. A period counted over a year whose arrangement nobody has imported is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any, Protocol

import yaml

from foundation import strict_yaml
from foundation.errors import Invalid

SHIPPED = (2025, 2026)
LONGEST = 16  # days of one holiday; more is a slip of the pen
MAX_BYTES = 64 * 1024
SATURDAY = 5


@dataclass(frozen=True)
class Arrangement:
    """One year: its document, the rest days and the worked weekend days, each with its name."""

    year: int
    doc_no: str
    title: str
    issued_on: date
    rest: Mapping[date, str] = field(default_factory=dict)
    work: Mapping[date, str] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday unless it is a rest day, and the weekend days that are worked."""
        return day in self.work or (day not in self.rest and day.weekday() < SATURDAY)


class Years(Protocol):
    """Where arrangements come from."""

    def of(self, day: date) -> Arrangement:
        """The arrangement of the day's year. Raises CALENDAR_MISSING."""


def last_day(years: Years, start: date, days: int, *, counts_first: bool) -> date:
    """The day on which a period of `days` working days that begins on `start` ends.

    `counts_first`: a working `start` is the first of them; otherwise counting begins the day after (8-26).
    """
    if days < 1:
        raise Invalid("PERIOD_TOO_SHORT", "期限至少为1个工作日。", days=days)
    day = start if counts_first else start + timedelta(days=1)
    left = days
    while True:
        left -= years.of(day).is_working_day(day)
        if not left:
            return day
        day += timedelta(days=1)


def count(years: Years, start: date, end: date) -> int:
    """How many working days lie from `start` to `end`, both counted; 0 when `end` is earlier."""
    day, found = start, 0
    while day <= end:
        found += years.of(day).is_working_day(day)
        day += timedelta(days=1)
    return found


@cache
def shipped(year: int) -> Arrangement:
    """The arrangement that comes with the platform."""
    return read(resources.files("engines.calendar").joinpath("data", f"{year}.yaml").read_bytes())


def read(content: bytes) -> Arrangement:
    """The arrangement in a YAML file. Raises CALENDAR_INVALID naming every faulty entry."""
    if len(content) > MAX_BYTES:
        raise _invalid(f"文件超过{MAX_BYTES // 1024}KB。")
    try:
        data = strict_yaml.load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark: Any = getattr(error, "problem_mark", None)
        raise _invalid(f"第{mark.line + 1}行不是有效的 YAML。" if mark else "不是有效的 YAML 文本。") from None
    if not isinstance(data, dict):
        raise _invalid("须为键值结构：year、doc_no、title、issued_on、holidays。")
    return _arrangement(data)


def _arrangement(data: dict[str, Any]) -> Arrangement:
    faults = [f"缺少 {key}。" for key in ("year", "doc_no", "title", "issued_on", "holidays") if key not in data]
    faults += [f"不认识的键 {key}。" for key in data if key not in ("year", "doc_no", "title", "issued_on", "holidays")]
    if faults:
        raise _invalid(*faults)
    year = data["year"]
    if type(year) is not int or not 2000 <= year <= 2099:
        faults.append("year 须为四位年份。")
    for key, longest in (("doc_no", 64), ("title", 120)):
        if not isinstance(data[key], str) or not 1 <= len(data[key].strip()) <= longest:
            faults.append(f"{key} 须为1至{longest}字。")
    if type(data["issued_on"]) is not date:
        faults.append("issued_on 须为日期，例如 2025-11-04。")
    if not isinstance(data["holidays"], list) or not data["holidays"]:
        faults.append("holidays 须至少列出一个节日。")
    if faults:
        raise _invalid(*faults)
    rest: dict[date, str] = {}
    work: dict[date, str] = {}
    for number, holiday in enumerate(data["holidays"], start=1):
        faults += [f"第{number}个节日：{fault}" for fault in _add(holiday, year, rest, work)]
    faults += [f"{day}既列为放假又列为上班。" for day in sorted(rest.keys() & work.keys())]
    if faults:
        raise _invalid(*faults)
    return Arrangement(year, data["doc_no"].strip(), data["title"].strip(), data["issued_on"], rest, work)


def _add(holiday: Any, year: int, rest: dict[date, str], work: dict[date, str]) -> list[str]:
    """The holiday's days are in `rest` and `work`; or what is wrong with it."""
    if not isinstance(holiday, dict) or set(holiday) - {"name", "from", "to", "work"}:
        return ["须为 {name, from, to, work}。"]
    name, start, end, worked = (holiday.get(key) for key in ("name", "from", "to", "work"))
    worked = [] if worked is None else worked
    if not isinstance(name, str) or not 1 <= len(name) <= 32:
        return ["name 须为1至32字。"]
    if type(start) is not date or type(end) is not date or not 0 <= (end - start).days < LONGEST:
        return [f"from、to 须为先后两个日期，且不超过{LONGEST}天。"]
    if not isinstance(worked, list) or any(type(day) is not date for day in worked):
        return ["work 须为日期列表。"]
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    faults = [f"{day}不在{year}年。" for day in (*days, *worked) if day.year != year]
    faults += [f"{day}不是周末，无需调休上班。" for day in worked if day.weekday() < SATURDAY]
    faults += [f"{day}重复。" for day in days if day in rest] + [
        f"{day}重复。" for n, day in enumerate(worked) if day in work or day in worked[:n]
    ]
    rest |= dict.fromkeys(days, name)
    work |= dict.fromkeys(worked, name)
    return faults


def _invalid(*faults: str) -> Invalid:
    return Invalid("CALENDAR_INVALID", "工作日历有误：" + "".join(faults), faults=list(faults))
