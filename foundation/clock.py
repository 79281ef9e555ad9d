"""The one clock. Business dates are Asia/Shanghai dates; instants are aware UTC.

Nothing else in the project asks the system or the database for the time: `now()` of PostgreSQL and
column defaults would not follow a test's clock, and at 00:00-08:00 Shanghai the UTC date is still
yesterday's, on 1 January last year's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's civil date in Shanghai."""
    return local_date(now())


def local_date(instant: datetime) -> date:
    """The Shanghai civil date on which `instant` falls. Raises ValueError for a naive instant."""
    if instant.tzinfo is None:
        raise ValueError("naive datetime")
    return instant.astimezone(SHANGHAI).date()


def written(day: date) -> str:
    """The day as people write it: 2026年3月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def written_at(instant: datetime) -> str:
    """The instant as people of Shanghai write it: 2026年3月1日 09:05."""
    return f"{written(local_date(instant))} {instant.astimezone(SHANGHAI):%H:%M}"


def start_of(day: date) -> datetime:
    """00:00:00 Shanghai of `day`, as an instant."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """24:00:00 Shanghai of `day`: the first instant that is no longer `day`."""
    return start_of(day + timedelta(days=1))
