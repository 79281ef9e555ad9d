"""Limits of the notice as days in this room: until when somebody is waited for, if that can be said."""

from __future__ import annotations

from datetime import date

from foundation.errors import Refused
from programmes import deadlines
from programmes import selectors as programmes

CHECK, CORRECTION = "enterprise_check", "correction"
_NOT_YET_KNOWN = ("NOTICE_NOT_PUBLISHED", "CALENDAR_MISSING")


def last_day(limit: str, start: date) -> date | None:
    """The last day of the limit that began on `start`, by the notice in force then or the last one before.

    None before the first notice, or when it reaches into a year whose working days nobody has imported: an
    enterprise may register all the same, and no day is guessed.
    """
    try:
        return deadlines.last_day(programmes.latest_notice(start).parsed.limit(limit), start)
    except Refused as unknown:
        if unknown.code in _NOT_YET_KNOWN:
            return None
        raise
