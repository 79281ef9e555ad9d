"""Days as people write them, also those within a sentence of a room below."""

from __future__ import annotations

import re
from datetime import date, datetime

from foundation import clock

_EXAMPLE = "例如"  # of what to type: it stays as it has to be typed
_ISO_DAY = re.compile(rf"(?<!{_EXAMPLE})(?<!{_EXAMPLE} )(?<![\w-])\d{{4}}-\d{{2}}-\d{{2}}(?![\w-])", re.ASCII)


def day(value: date | datetime | None) -> str:
    """2026年3月1日, of Shanghai."""
    if value is None:
        return "—"
    on = clock.local_date(value) if isinstance(value, datetime) else value
    return f"{on.year}年{on.month}月{on.day}日"


def days(text: object) -> str:
    """A sentence of a room below with its days as people write them: 2026-03-01 becomes 2026年3月1日."""

    def written(found: re.Match[str]) -> str:
        try:
            return day(date.fromisoformat(found[0]))
        except ValueError:  # no day of any month
            return found[0]

    return _ISO_DAY.sub(written, str(text))
