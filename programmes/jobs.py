"""The budget watch."""

from __future__ import annotations

from datetime import date
from typing import Any

from foundation import clock
from foundation.actors import SystemActor
from foundation.jobs import job
from programmes import selectors, services

WATCH = SystemActor("watch_budget")


@job("watch_budget", "预算监控：暂停、恢复、提醒")
def watch_budget(day: date) -> dict[str, Any]:
    """Signing of the year of `day` is paused, or goes on, as the figures say; passed thresholds are told.

    Of a year that is over nothing is paused: its money has expired or gone on, and nobody signs in it.
    The figures are read without a lock first: the account is frozen only when something is to be decided.
    """
    year = day.year
    notice = selectors.notice_of_year(year)
    if notice is None or year != clock.today().year:
        return {"suspended": 0, "resumed": 0, "warned": 0}
    rules, figures = notice.parsed, selectors.figures(year)
    short, suspended = figures.left < rules.smallest_voucher, selectors.is_suspended(year)
    paused = services.suspend_if_short(year=year, by=WATCH) if short and not suspended else None
    resumed = services.resume_if_funded(year=year, by=WATCH) if suspended and not short else None
    warned = services.warn_of_budget(year=year, figures=figures, thresholds=rules.budget_warnings)
    return {"suspended": int(paused is not None), "resumed": int(resumed is not None), "warned": warned}
