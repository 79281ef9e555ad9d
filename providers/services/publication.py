"""The recorded 公示 of an application or a product against the notice of its year."""

from __future__ import annotations

from datetime import date, datetime

from foundation import clock
from programmes import publicity
from programmes import selectors as programmes


def check(approved_at: datetime | None, year: int, first: date, last: date) -> None:
    """Long enough, and after the decision; by the notice of the year, or the one in force while that is not out.

    Raises NOTICE_NOT_PUBLISHED and what `publicity.check_period` raises.
    """
    rules = (programmes.notice_of_year(year) or programmes.current_notice(clock.today())).parsed
    publicity.check_period(rules, first, last, clock.local_date(approved_at) if approved_at else clock.today())
