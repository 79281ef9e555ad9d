"""Days and moments as people write them, of Shanghai; also where they stand inside a sentence of a room below."""

from __future__ import annotations

import re
from datetime import date, datetime

from foundation import clock

# An example of what to type stays as it has to be typed.
_DAY = re.compile(r"(?<!例如)(?<!例如 )(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])", re.ASCII)
_MOMENT = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})(?![\w-])", re.ASCII)


def day(value: date | datetime | None) -> str:
    """2026年3月1日, of Shanghai."""
    if value is None:
        return "—"
    return clock.written(clock.local_date(value) if isinstance(value, datetime) else value)


def days(text: object) -> str:
    """A sentence of a room below with its days as people write them: 2026-03-01 becomes 2026年3月1日."""

    def written(found: re.Match[str]) -> str:
        try:
            return day(date.fromisoformat(found[0]))
        except ValueError:  # no day of any month
            return found[0]

    return _DAY.sub(written, str(text))


def moment(value: datetime | None) -> str:
    """2026年3月1日 09:05, of Shanghai."""
    return "—" if value is None else f"{day(value)} {value.astimezone(clock.SHANGHAI):%H:%M}"


def moments(text: object) -> str:
    """A text of the record with its instants and its days as people write them."""

    def written(found: re.Match[str]) -> str:
        try:
            return moment(datetime.fromisoformat(found[0]))
        except ValueError:
            return found[0]

    return days(_MOMENT.sub(written, str(text)))
