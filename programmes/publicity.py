"""Is a 公示 long enough by working days, and is it over (第九条、第十五条、第二十一条; 8-25, 8-26)."""

from __future__ import annotations

from datetime import date

from engines.publicity import periods
from engines.publicity.periods import check_over
from foundation.errors import Invalid
from programmes.rules import Rules

__all__ = ["check_decided", "check_over", "check_period"]


def check_period(rules: Rules, first: date, last: date, decided: date) -> None:
    """The period follows the decision, has the working days the notice asks, and ends on one.

    Raises PUBLICITY_BEFORE_DECISION and what `periods.lawful` raises.
    """
    if last >= first:
        check_decided(first, decided)
    periods.lawful(first, last, days=rules.publicity_days, counts_first=rules.publicity_counts_first_day)


def check_decided(first: date, decided: date) -> None:
    """What is shown has been decided. Raises PUBLICITY_BEFORE_DECISION."""
    if first < decided:
        raise Invalid("PUBLICITY_BEFORE_DECISION", f"公示须在审定（{decided}）之后，现开始日期为{first}。")
