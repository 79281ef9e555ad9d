"""Until when the year's budget lasts if contracts go on as they did: a reckoning, not a promise (第二十条、第二十一条)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from contracts import selectors
from foundation import clock
from foundation.explain import Explanation
from foundation.money import ZERO, round_down
from programmes import selectors as programmes
from programmes.selectors import BudgetFigures

LEAST_MONTHS = 3  # whole months that must have passed since the first contract; fewer tell nothing of a pace


class Outlook(StrEnum):
    """What can be said."""

    NO_BUDGET = "no_budget"  # nothing was entered for the year
    USED_UP = "used_up"  # what is left is less than the smallest voucher
    TOO_FEW = "too_few"  # too few whole months to know a pace
    RUNS_OUT = "runs_out"  # within the year, on `day`
    LASTS = "lasts"  # beyond the year's end, with `remains` left then


@dataclass(frozen=True)
class Forecast:
    """The outlook of the running year. Amounts in 元; `months` are the whole ones that the pace was taken from."""

    outlook: Outlook
    left: Decimal
    months: tuple[int, ...] = ()
    used: Decimal = ZERO
    pace: Decimal = ZERO  # a month of 30 days
    day: date | None = None
    remains: Decimal = ZERO
    explanation: Explanation | None = None
    least: int = LEAST_MONTHS


def of_year(year: int, by_month: Callable[[int], Mapping[int, Decimal]] | None = None) -> Forecast | None:
    """The outlook of `year`; None of a year that is not running, of which there is nothing to reckon.

    `by_month` gives what took effect by month: `selectors.effective_by_month`, which reads the whole year's
    contracts, or a copy of it that the caller keeps; months that are over hardly change.
    """
    today = clock.today()
    if year != today.year:
        return None
    figures = programmes.figures(year)
    notice = programmes.notice_of_year(year)
    floor = notice.parsed.smallest_voucher if notice is not None else ZERO
    if figures.total <= 0:
        return Forecast(Outlook.NO_BUDGET, figures.left)
    if figures.left <= 0 or figures.left < floor:
        return Forecast(Outlook.USED_UP, figures.left)
    months = _whole_months((by_month or selectors.effective_by_month)(year), today)
    if len(months) < LEAST_MONTHS:
        return Forecast(Outlook.TOO_FEW, figures.left, tuple(months))
    words: dict[str, Any] = {}
    if notice is not None:
        words = {"article": notice.parsed.article("suspension"), "notice": notice.label}
    return _reckoned(figures, months, today, words)


def _whole_months(by_month: Mapping[int, Decimal], today: date) -> dict[int, Decimal]:
    """From the first month with a contract to the last that is over; quiet months between count as nothing."""
    if not by_month:
        return {}
    return {month: by_month.get(month, ZERO) for month in range(min(by_month), today.month)}


def _reckoned(figures: BudgetFigures, months: Mapping[int, Decimal], today: date, words: Mapping[str, Any]) -> Forecast:
    used = sum(months.values(), ZERO)
    since = date(today.year, min(months), 1)
    length = Decimal((date(today.year, today.month, 1) - since).days)
    to_end = Decimal((date(today.year, 12, 31) - today).days)
    by_end = round_down(used * to_end / length)
    lasts = by_end < figures.left
    day = None if lasts else today + timedelta(days=int(figures.left * length / used))
    pace = round_down(used * 30 / length)
    inputs = {
        "计算期": f"{today.year}年{min(months)}月至{max(months)}月（{int(length)}天）",
        "计算期内生效合同的服务券": used,
        "预算剩余": figures.left,
        "按此速度到年底还将使用": by_end,
    }
    explanation = Explanation(
        figure="runs_out",
        rule="budget-runs-out",
        article=words.get("article", ""),
        notice=words.get("notice", ""),
        inputs=inputs,
        formula=(
            "可用天数为预算剩余除以日均服务券，从今天起算；"
            "日均服务券为计算期内生效合同的服务券除以计算期天数，当月未满，不计入。"
        ),
        result=f"{day}前后用完" if day is not None else "本年度内用不完",
    )
    return Forecast(
        Outlook.LASTS if lasts else Outlook.RUNS_OUT,
        figures.left,
        tuple(months),
        used,
        pace,
        day,
        figures.left - by_end if lasts else ZERO,
        explanation,
    )
