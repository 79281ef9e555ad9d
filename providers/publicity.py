"""Is a recorded 公示 long enough, and when is it over? Pure. The engine with working days and objections is part 2."""

from __future__ import annotations

from datetime import date, timedelta

from foundation.errors import Invalid, Refused


def check_period(first: date, last: date, decided: date, days: int, *, counts_first_day: bool) -> None:
    """The period follows the decision and cannot be shorter than `days`.

    N working days never fit into fewer than N calendar days, so a period that is short by the calendar
    is surely too short. Raises PUBLICITY_ORDER, PUBLICITY_BEFORE_DECISION, PUBLICITY_TOO_SHORT.
    """
    if last < first:
        raise Invalid("PUBLICITY_ORDER", f"公示结束日期{last}早于开始日期{first}。")
    if first < decided:
        raise Invalid("PUBLICITY_BEFORE_DECISION", f"公示须在审定（{decided}）之后，现开始日期为{first}。")
    least = first + timedelta(days=days - 1 if counts_first_day else days)
    if last < least:
        raise Invalid(
            "PUBLICITY_TOO_SHORT",
            f"公示期须不少于{days}个工作日，{first}开始的公示最早于{least}结束，现为{last}。",
            days=days,
            earliest=str(least),
        )


def check_over(last: date, today: date) -> None:
    """The last day of the 公示 has passed. Raises PUBLICITY_NOT_OVER."""
    if today <= last:
        raise Refused("PUBLICITY_NOT_OVER", f"公示至{last}，期满后方可办理，今天为{today}。", until=str(last))
