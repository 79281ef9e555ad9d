"""Until when a claim may be filed (8-16) and corrected (8-40). No clock."""

from __future__ import annotations

from datetime import date

from programmes.deadlines import last_day
from programmes.rules import Rules


def claim_due(rules: Rules, *, confirmed_on: date, quota_year: int, extended_to: date | None = None) -> date:
    """The last day: the notice's limit after confirmation, and never past the quota year's claim end.

    `extended_to` is what the department has given an overdue contract. Raises CALENDAR_MISSING for a limit in
    working days of a year nobody has imported.
    """
    due = min(last_day(rules.limit("claim"), confirmed_on), rules.year_end.claim_end(quota_year))
    return later(due, extended_to)


def submit_by(*, due: date, correction_due: date | None, extended_to: date | None) -> date:
    """The last day of a claim that exists: `due` until it was first submitted in time, then its correction's."""
    return later(correction_due or due, extended_to)


def later(due: date, extended_to: date | None) -> date:
    """The later of the two days."""
    return max(due, extended_to or due)
