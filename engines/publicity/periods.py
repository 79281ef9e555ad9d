"""How long a list is shown: working days by the arrangement in force (8-25, 8-26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engines.calendar import arrangement
from engines.calendar.selectors import InForce
from foundation.errors import Invalid, Refused


@dataclass(frozen=True)
class Period:
    """First and last day of the show, and the arrangements they were counted by."""

    first: date
    last: date
    calendars: tuple[str, ...]


def lawful(first: date, last: date | None, *, days: int, counts_first: bool) -> Period:
    """A period of at least `days` working days that ends on one; without `last`, the shortest such.

    Raises PUBLICITY_ORDER, PUBLICITY_TOO_SHORT with the earliest end, PUBLICITY_ENDS_AT_REST, and
    CALENDAR_MISSING for a year whose arrangement nobody has imported.
    """
    if last is not None and last < first:
        raise Invalid("PUBLICITY_ORDER", f"公示结束日期{last}早于开始日期{first}。")
    years = InForce()
    earliest = arrangement.last_day(years, first, days, counts_first=counts_first)
    end = last or earliest
    if end < earliest:
        counting = "首日计入" if counts_first else "首日不计入"
        raise Invalid(
            "PUBLICITY_TOO_SHORT",
            f"公示期须不少于{days}个工作日（{counting}），{first}开始的公示最早于{earliest}结束，现为{end}。",
            days=days,
            earliest=str(earliest),
        )
    if not years.of(end).is_working_day(end):
        raise Invalid("PUBLICITY_ENDS_AT_REST", f"公示结束日期{end}不是工作日，请改为其后的工作日。", last=str(end))
    return Period(first, end, tuple(years.versions[year] for year in sorted(years.versions)))


def check_over(last: date, today: date) -> None:
    """The last day of the 公示 has passed. Raises PUBLICITY_NOT_OVER."""
    if today <= last:
        raise Refused("PUBLICITY_NOT_OVER", f"公示至{last}，期满后方可办理，今天为{today}。", until=str(last))
