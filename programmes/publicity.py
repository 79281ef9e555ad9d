"""Is a 公示 long enough by working days, and is it over (第九条、第十五条、第二十一条; 8-25, 8-26)."""

from __future__ import annotations

from datetime import date

from engines.calendar import selectors as calendar
from foundation.errors import Invalid, Refused
from programmes.rules import Rules


def check_period(rules: Rules, first: date, last: date, decided: date) -> None:
    """The period follows the decision, has the working days the notice asks, and ends on one.

    Raises PUBLICITY_ORDER, PUBLICITY_BEFORE_DECISION, PUBLICITY_TOO_SHORT with the earliest end,
    PUBLICITY_ENDS_AT_REST, and CALENDAR_MISSING for a year whose arrangement nobody has imported.
    """
    if last < first:
        raise Invalid("PUBLICITY_ORDER", f"公示结束日期{last}早于开始日期{first}。")
    if first < decided:
        raise Invalid("PUBLICITY_BEFORE_DECISION", f"公示须在审定（{decided}）之后，现开始日期为{first}。")
    days = rules.publicity_days
    earliest = calendar.last_day(first, days, counts_first=rules.publicity_counts_first_day)
    if last < earliest:
        counting = "首日计入" if rules.publicity_counts_first_day else "首日不计入"
        raise Invalid(
            "PUBLICITY_TOO_SHORT",
            f"公示期须不少于{days}个工作日（{counting}），{first}开始的公示最早于{earliest}结束，现为{last}。",
            days=days,
            earliest=str(earliest),
        )
    if not calendar.is_working_day(last):
        raise Invalid("PUBLICITY_ENDS_AT_REST", f"公示结束日期{last}不是工作日，请改为其后的工作日。", last=str(last))


def check_over(last: date, today: date) -> None:
    """The last day of the 公示 has passed. Raises PUBLICITY_NOT_OVER."""
    if today <= last:
        raise Refused("PUBLICITY_NOT_OVER", f"公示至{last}，期满后方可办理，今天为{today}。", until=str(last))
