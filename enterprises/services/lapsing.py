"""What happens to a returned registration that is not put right in time (DOMAIN 6.1: RETURNED --timeout--> CLOSED)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from engines.evidence import services as evidence
from engines.notifications import services as notifications
from enterprises.models import Enterprise
from enterprises.services import clocks
from enterprises.states import State
from foundation import clock
from foundation.actors import Actor
from foundation.locking import lock, unit_of_work
from foundation.states import move

REMIND_BEFORE = 3  # days before the last one on which the enterprise is reminded; a courtesy, no figure of the 办法


def returned() -> list[UUID]:
    """The registrations that the job has to look at, in the order of their keys."""
    waiting = Q(due_on=None) | Q(due_on__lte=clock.today() + timedelta(days=REMIND_BEFORE))
    rows = Enterprise.objects.filter(waiting, state=State.RETURNED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def watch_returned(*, by: Actor, enterprise_id: UUID, day: date) -> str:
    """One returned registration as of `day`: closed after its last day, reminded shortly before it.

    Where the last day could not be told when it was returned, it is counted from `day` once it can. Returns what
    was done: closed, reminded, started, or nothing ("").
    """
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id)
        if enterprise.state != State.RETURNED:
            return ""
        if enterprise.due_on is None:
            return _start(enterprise, by, day)
        if enterprise.due_on < day:
            return _close(enterprise, by)
        if enterprise.reminded_on is None and enterprise.due_on <= day + timedelta(days=REMIND_BEFORE):
            return _remind(enterprise, by, day)
        return ""


def _start(enterprise: Enterprise, by: Actor, day: date) -> str:
    enterprise.due_on = clocks.last_day(clocks.CORRECTION, day)
    if enterprise.due_on is None:
        return ""
    evidence.record(enterprise, act="start_correction", by=by, facts={"due_on": str(enterprise.due_on)})
    _tell(enterprise, "补正期限", f"贵企业的注册资料请在{enterprise.due_on}前补正并重新提交。")
    return "started"


def _close(enterprise: Enterprise, by: Actor) -> str:
    due = enterprise.due_on
    reason = f"未在{due}前补正并重新提交，登记关闭；可随时重新办理。"
    move(enterprise, "close", "关闭")()
    evidence.record(enterprise, act="close_unanswered", by=by, reason=reason, facts={"due_on": str(due)})
    _tell(enterprise, "企业登记已关闭", f"贵企业{reason}")
    return "closed"


def _remind(enterprise: Enterprise, by: Actor, day: date) -> str:
    enterprise.reminded_on = day
    evidence.record(enterprise, act="remind", by=by, facts={"due_on": str(enterprise.due_on)})
    _tell(
        enterprise,
        "补正即将到期",
        f"贵企业的注册资料须在{enterprise.due_on}前补正并重新提交，逾期登记关闭。退回理由：{enterprise.return_reason}",
    )
    return "reminded"


def _tell(enterprise: Enterprise, title: str, body: str) -> None:
    notifications.tell(
        organisation_ids=[enterprise.organisation_id], topic="enterprise", title=title, body=body, subject=enterprise
    )
