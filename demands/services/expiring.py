"""The end of a demand's days on the board, and the word before it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from demands.services import common
from demands.states import DEMAND_SHOWN
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor
from foundation.locking import unit_of_work
from foundation.states import move

# How many days before its end the enterprise is reminded. The 办法 knows no such reminder and nothing hangs on it:
# a courtesy of the platform, no figure of the notice.
REMIND_DAYS = 7


def expire(*, by: Actor, demand_id: UUID, day: date) -> bool:
    """A demand whose last day is before `day` is expired, unless a contract is being drawn up on it.

    Returns whether it was this call that did it.
    """
    with unit_of_work():
        demand = common.lock_demand(demand_id)
        over = demand.shown_until is not None and demand.shown_until < day
        if demand.state not in DEMAND_SHOWN or demand.contract is not None or not over:
            return False
        move(demand, "expire", "到期")()
        evidence.record(demand, act="expire", by=by, facts={"shown_until": str(demand.shown_until)})
        common.close_responses(demand, by=by, why="该需求的展示期限已过。")
        common.tell_enterprise(demand, "需求展示已到期", f"已展示至{demand.shown_until}，如仍有需要请重新发布。")
    return True


def remind(*, by: Actor, demand_id: UUID, day: date) -> bool:
    """The enterprise is told, once, that its demand will soon leave the board. Returns whether this call told it."""
    with unit_of_work():
        demand = common.lock_demand(demand_id)
        last = demand.shown_until
        if demand.state not in DEMAND_SHOWN or demand.reminded_at is not None or last is None:
            return False
        if not day <= last <= day + timedelta(days=REMIND_DAYS):
            return False
        demand.reminded_at = clock.now()
        evidence.record(demand, act="remind", by=by, facts={"shown_until": str(last)})
        common.tell_enterprise(demand, "需求展示即将到期", f"将于{last}后停止展示。")
    return True
