"""A time limit as a date: so many working days, days, months or years after an event."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

from engines.calendar import selectors

Unit = Literal["wd", "d", "m", "y"]


def last_day(length: int, unit: Unit, start: date) -> date:
    """The last day of the limit that began with an event on `start`; the day of the event does not count.

    Raises CALENDAR_MISSING for working days of a year nobody has imported.
    """
    if unit == "wd":
        return selectors.last_day(start, length, counts_first=False)
    if unit == "d":
        return start + timedelta(days=length)
    return _months_later(start, length * (12 if unit == "y" else 1))


def _months_later(day: date, months: int) -> date:
    """The same day of the month, or the month's last when it has no such day (民法典第202条)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
