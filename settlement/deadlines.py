"""Until when a claim may be filed (8-16). No ORM, no clock."""

from __future__ import annotations

from datetime import date, timedelta

from foundation.errors import Refused
from programmes.rules import Rules


def claim_due(rules: Rules, *, confirmed_on: date, quota_year: int) -> date:
    """The last day: the notice's limit after confirmation, and never past the quota year's claim end.

    Raises LIMIT_NEEDS_CALENDAR for a limit in working days: no calendar of them is kept yet.
    """
    limit = rules.limit("claim")
    if limit.unit != "d":
        raise Refused(
            "LIMIT_NEEDS_CALENDAR", f"“{limit.label}”时限为{limit}，平台目前只能按自然日计算。", limit=str(limit)
        )
    return min(confirmed_on + timedelta(days=limit.length), rules.year_end.claim_end(quota_year))
