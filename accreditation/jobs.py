"""What beat does for accreditation: rounds close and end, corrections lapse, cases of barred codes end."""

from __future__ import annotations

from datetime import date
from typing import Any

from accreditation import selectors, states
from accreditation.models import Application, Round
from accreditation.services import checking, lateness, rounds
from accreditation.states import RoundState
from foundation import clock
from foundation.actors import SystemActor
from foundation.jobs import job

CLOSE = SystemActor("close_rounds")
LAPSE = SystemActor("lapse_corrections")
BAR = SystemActor("end_barred_applications")


@job("close_rounds", "征集批次到期截止和年末办结")
def close_rounds(day: date) -> dict[str, Any]:
    """Rounds whose last day is before `day` take no more applications; what is over by its year ends (第九条).

    A round with a case still under way does not end. One transaction each.
    """
    day = min(day, clock.today())
    due = Round.objects.filter(state=RoundState.OPEN, closes_on__lt=day).order_by("pk").values_list("pk", flat=True)
    closed = sum(rounds.close(by=CLOSE, round_id=pk, day=day) is not None for pk in list(due))
    under_way = Application.objects.filter(state__in=sorted(states.LIVE)).values("round_id")
    over = Round.objects.filter(
        state__in=[RoundState.CLOSED, RoundState.REVIEWING, RoundState.DECIDED, RoundState.LISTED], year__lt=day.year
    ).exclude(pk__in=under_way)
    ended = [rounds.end(by=CLOSE, round_id=pk) for pk in list(over.order_by("pk").values_list("pk", flat=True))]
    return {"closed": closed, "ended": len(ended)}


@job("lapse_corrections", "退回补正逾期检查")
def lapse_corrections(day: date) -> dict[str, Any]:
    """Returned cases that nobody put right in time are over (8-40), one transaction each."""
    day = min(day, clock.today())
    due = selectors.overdue_corrections(day)
    return {"lapsed": sum(checking.lapse(by=LAPSE, application_id=pk, day=day) for pk in due)}


@job("end_barred_applications", "禁止申报和被限制参与机构的在办申请终止")
def end_barred_applications(day: date) -> dict[str, Any]:
    """Cases under way of a code that was barred (第十六条) or is kept out by its credit file (第二十七条) are over by
    that decision, one transaction each."""
    found = selectors.of_barred()
    return {"ended": sum(checking.end_barred(by=BAR, application_id=pk) for pk in found)}


@job("warn_overdue_applications", "认定申请审查时限检查")
def warn_overdue_applications(day: date) -> dict[str, Any]:
    """The office whose turn it is hears once of each application whose last day was before `day` (DOMAIN section 9)."""
    return {"warned": sum(lateness.warn(one) for one in lateness.late(min(day, clock.today())))}
