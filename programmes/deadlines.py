"""A time limit of the notice as a date. Working days are counted by the State Council's arrangement."""

from __future__ import annotations

from datetime import date, datetime

from engines.calendar import limits
from foundation import clock
from programmes.rules import Limit


def last_day(limit: Limit, start: date) -> date:
    """The last day of the limit that began with an event on `start`; the day of the event does not count.

    Raises CALENDAR_MISSING for working days of a year nobody has imported.
    """
    return limits.last_day(limit.length, limit.unit, start)


def instant(limit: Limit, start: datetime) -> datetime:
    """The instant at which the limit that began at `start` has passed.

    Days, months and years end at the same time of day; working days at 24:00 of the last one (Shanghai).
    """
    began = clock.local_date(start)
    last = last_day(limit, began)
    return clock.end_of(last) if limit.unit == "wd" else start + (clock.start_of(last) - clock.start_of(began))
