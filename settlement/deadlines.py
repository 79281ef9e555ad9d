"""Until when a claim may be filed (8-16), corrected (8-40), filed again, and examined (section 9). No clock."""

from __future__ import annotations

from datetime import date

from foundation.errors import Refused
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


def refile_until(rules: Rules, *, quota_year: int, extended_to: date | None = None) -> date:
    """The last day to file again what was never put right: the quota year's claim end (8-16, 8-40)."""
    return later(rules.year_end.claim_end(quota_year), extended_to)


def office_due(rules: Rules, code: str, start: date) -> date | None:
    """The last day of an office's own step, None while the arrangement of the year it falls in is not known.

    A claim is not kept from its way because next year's holidays are not out yet: the date is filled in when
    they are (`clocks.fill_in`).
    """
    try:
        return last_day(rules.limit(code), start)
    except Refused as error:
        if error.code != "CALENDAR_MISSING":
            raise
        return None
