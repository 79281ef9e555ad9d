"""A time limit of the notice as a date. Working days are counted by the State Council's arrangement."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta

from engines.calendar import selectors as calendar
from foundation import clock
from programmes.rules import Limit


def last_day(limit: Limit, start: date) -> date:
    """The last day of the limit that began with an event on `start`; the day of the event does not count.

    Raises CALENDAR_MISSING for working days of a year nobody has imported.
    """
    if limit.unit == "wd":
        return calendar.last_day(start, limit.length, counts_first=False)
    if limit.unit == "d":
        return start + timedelta(days=limit.length)
    return _months_later(start, limit.length * (12 if limit.unit == "y" else 1))


def instant(limit: Limit, start: datetime) -> datetime:
    """The instant at which the limit that began at `start` has passed.

    Days, months and years end at the same time of day; working days at 24:00 of the last one (Shanghai).
    """
    began = clock.local_date(start)
    last = last_day(limit, began)
    return clock.end_of(last) if limit.unit == "wd" else start + (clock.start_of(last) - clock.start_of(began))


def _months_later(day: date, months: int) -> date:
    """The same day of the month, or the month's last when it has no such day (民法典第202条)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
