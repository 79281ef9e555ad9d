"""The budget watch, and the watch over periods and clocks of 公示."""

from __future__ import annotations

from datetime import date
from typing import Any

from engines.publicity import selectors as publicity
from engines.publicity import services as engine
from foundation import clock
from foundation.actors import SystemActor
from foundation.jobs import job
from programmes import selectors, services
from programmes.services import publicities, reporting

WATCH = SystemActor("watch_budget")
WATCH_PUBLICITIES = SystemActor("watch_publicities")


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


@job("watch_publicities", "公示与异议期限提醒")
def watch_publicities(day: date) -> dict[str, Any]:
    """The offices are told, once each, what ended, what is due soon and what is late; told results are closed.

    A period itself is closed by an officer, who has looked at what came in: here nothing is cleared.
    """
    ended = sum(publicities.remind_of_end(publicity=one) for one in publicity.ended(day))
    owed = sum(publicities.remind_of_due(owed=one) for one in publicity.owed(day, ahead=publicities.AHEAD))
    told = publicity.told_before(day)
    closed = sum(engine.close_told(by=WATCH_PUBLICITIES, objection_id=one, day=day) for one in told)
    return {"ended": ended, "due": owed, "closed": closed}


@job("remind_quarterly_report", "季度报告提醒")
def remind_quarterly_report(day: date) -> dict[str, Any]:
    """厅职能处室 is reminded once of the quarter's report, on the first run of the days in which it is due (Z24)."""
    return {"reminded": int(reporting.remind_of_report(min(day, clock.today())))}
