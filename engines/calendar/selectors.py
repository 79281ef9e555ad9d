"""Which days are worked, by the arrangement in force; and periods counted by it."""

from __future__ import annotations

from datetime import date

from engines.calendar import arrangement
from engines.calendar.arrangement import SHIPPED, Arrangement, shipped
from engines.calendar.models import CalendarYear
from foundation.errors import Refused


class InForce:
    """The arrangements in force, each read once. One object serves one computation, which so sees one state."""

    def __init__(self) -> None:
        self._read: dict[int, Arrangement] = {}
        self.versions: dict[int, str] = {}  # what a period was counted by, to be kept with it

    def of(self, day: date) -> Arrangement:
        """Raises CALENDAR_MISSING saying which document is to be imported."""
        if day.year not in self._read:
            self._read[day.year], self.versions[day.year] = _in_force(day.year)
        return self._read[day.year]


def last_day(start: date, days: int, *, counts_first: bool) -> date:
    """The last day of a period of `days` working days from `start`. Raises CALENDAR_MISSING."""
    return arrangement.last_day(InForce(), start, days, counts_first=counts_first)


def working_days(start: date, end: date) -> int:
    """Working days from `start` to `end`, both counted. Raises CALENDAR_MISSING."""
    return arrangement.count(InForce(), start, end)


def is_working_day(day: date) -> bool:
    """Raises CALENDAR_MISSING."""
    return InForce().of(day).is_working_day(day)


def years() -> list[int]:
    """The years that can be counted over."""
    return sorted({*SHIPPED, *CalendarYear.objects.values_list("year", flat=True)})


def of_year(year: int) -> Arrangement:
    """The year's arrangement in force. Raises CALENDAR_MISSING."""
    return InForce().of(date(year, 1, 1))


def _in_force(year: int) -> tuple[Arrangement, str]:
    row = CalendarYear.objects.filter(year=year).order_by("-revision").first()
    if row is None:
        if year not in SHIPPED:
            raise Refused(
                "CALENDAR_MISSING",
                f"{year}年的工作日历尚未导入，不能计算工作日。请先导入国务院办公厅关于{year}年部分节假日安排的通知"
                "（manage.py load_calendar 文件）。",
                year=year,
            )
        found = shipped(year)
        return found, f"{year}/0 {found.doc_no}"
    days = list(row.days.order_by("date"))
    rest = {day.date: day.name for day in days if not day.is_working}
    work = {day.date: day.name for day in days if day.is_working}
    return Arrangement(year, row.doc_no, row.title, row.issued_on, rest, work), f"{year}/{row.revision} {row.doc_no}"
