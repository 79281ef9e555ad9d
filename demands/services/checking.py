"""促进中心 looks at a demand before it is shown, and may take it off the board (第十八条第（三）项)."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from credit import services as credit
from demands import policies
from demands.models import Demand
from demands.services import common, posting
from demands.states import DemandState
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Refused, not_allowed, wrong_state
from foundation.locking import unit_of_work
from foundation.states import move
from programmes import deadlines


def check(*, by: User, demand_id: UUID, version: int, reason: str = "") -> Demand:
    """促进中心经办 has read it and found it fit; another one publishes. Raises DEMAND_CHECKED a second time."""
    with unit_of_work():
        demand = common.lock_demand(demand_id, version)
        if not policies.may_check(by, demand):
            raise not_allowed("审核需求（发布过本需求的人不得审核）")
        if demand.state != DemandState.SUBMITTED:
            raise wrong_state("审核需求", demand.state, demand.get_state_display())
        if demand.checked_at is not None:
            raise Refused("DEMAND_CHECKED", "该需求已审核，等待另一名经办人发布。")
        demand.checked_by, demand.checked_at = by, clock.now()
        evidence.record(demand, act="check", by=by, reason=reason, facts={"stage": policies.CHECK})
    return demand


def publish(*, by: User, demand_id: UUID, version: int, reason: str = "") -> Demand:
    """On the board from now to the last day of the notice's `demand_shown`.

    Raises DEMAND_NOT_CHECKED, ENTERPRISE_NOT_ACTIVE.
    """
    with unit_of_work():
        demand = common.lock_demand(demand_id, version)
        if not policies.may_publish(by, demand):
            raise not_allowed("发布需求（审核过本需求的人不得发布）")
        posting.require_active(demand)
        credit.refuse_restricted(demand.enterprise.uscc, "发布需求")
        if demand.state == DemandState.SUBMITTED and demand.checked_at is None:
            raise Refused("DEMAND_NOT_CHECKED", "该需求尚未经一名经办人审核，不能发布。")
        limit = demand.notice.parsed.limit("demand_shown")
        now = clock.now()
        until = deadlines.last_day(limit, clock.local_date(now))
        move(demand, "publish", "发布需求")(by, now, until)
        evidence.record(
            demand,
            act="publish",
            by=by,
            reason=reason,
            facts={**posting.facts(demand), "stage": policies.DECIDE, "shown_until": str(until)},
        )
        common.tell_enterprise(demand, "需求已发布", f"在平台展示至{until}（{limit}）。")
    return demand


def send_back(*, by: User, demand_id: UUID, version: int, reason: str) -> Demand:
    """Returned to be put right, before the check or after it."""
    with unit_of_work():
        demand = common.lock_demand(demand_id, version)
        if not policies.may_return(by, demand):
            raise not_allowed("退回需求")
        stage = policies.stage_now(demand)
        move(demand, "send_back", "退回需求")(reason)
        evidence.record(demand, act="return", by=by, reason=reason, facts={"stage": stage})
        common.tell_enterprise(demand, "需求退回修改", reason)
    return demand


def take_down(*, by: User, demand_id: UUID, version: int, reason: str) -> Demand:
    """Off the board for good. A contract being drawn up on it is the parties' own and goes on without it."""
    with unit_of_work():
        demand = common.lock_demand(demand_id, version)
        if not policies.may_take_down(by, demand):
            raise not_allowed("下架需求（审核过本需求的人不得下架）")
        move(demand, "take_down", "下架需求")(reason)
        evidence.record(demand, act="take_down", by=by, reason=reason, facts={"stage": policies.DECIDE})
        common.close_responses(demand, by=by, why="该需求已被下架。")
        common.tell_enterprise(demand, "需求已下架", reason)
    return demand
