"""What the contract tells its demand. Contracts stand above this room and call these, holding their contract.

A draft binds the demand, both signatures match it, and a contract that is cancelled before it took effect sets it
free: open again while its days last, else expired. What the demand cannot follow any more it ignores: a contract
is its parties' own.
"""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from demands import policies
from demands.models import Demand, Response
from demands.services import common
from demands.states import DEMAND_SHOWN, DemandState, ResponseState
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused, not_found, wrong_state
from foundation.locking import lock_all
from foundation.states import move


def lock_for_contract(*, by: User, demand_id: UUID, enterprise_id: UUID, provider_id: UUID) -> Demand:
    """The demand, locked inside the caller's transaction, on which the two may draw up a contract.

    Raises NOT_FOUND for another enterprise's, DEMAND_HAS_CONTRACT, DEMAND_WITH_OTHER when another provider was taken
    up, DEMAND_NOT_OFFERED when a provider drafts on a demand that did not take up its response, WRONG_STATE.
    """
    seen = Demand.objects.filter(pk=demand_id, enterprise_id=enterprise_id).exists()
    if not seen:
        raise not_found("需求")
    demand = common.lock_demand(demand_id)
    taken_up = Response.objects.filter(demand=demand, state=ResponseState.TAKEN_UP).first()
    for_enterprise = policies.acts_for_enterprise(by, demand.enterprise)
    if not for_enterprise and (taken_up is None or taken_up.provider_id != provider_id):
        raise Refused("DEMAND_NOT_OFFERED", "企业尚未选定贵机构对该需求的应答，不能据此起草合同。")
    if demand.contract is not None:
        raise Refused(
            "DEMAND_HAS_CONTRACT",
            f"该需求已用于合同{demand.contract_number}，一项需求同时只对应一份合同。",
            contract=str(demand.contract),
            contract_number=demand.contract_number,
        )
    if demand.state not in DEMAND_SHOWN:
        raise wrong_state("据此需求起草合同", demand.state, demand.get_state_display())
    if taken_up is not None and taken_up.provider_id != provider_id:
        raise Refused("DEMAND_WITH_OTHER", "该需求已选定另一家服务商，请先不选用该应答，再与其他服务商起草合同。")
    return demand


def begin(demand: Demand, *, by: Actor, contract_id: UUID, number: str) -> None:
    """The draft stands on the locked demand, which is being matched."""
    if demand.state == DemandState.PUBLISHED:
        move(demand, "begin_matching", "据此需求起草合同")()
    demand.bind(contract_id, number)
    evidence.record(demand, act="draft_contract", by=by, facts={"contract": number})


def matched(*, by: Actor, demand_id: UUID, contract_id: UUID) -> bool:
    """Both have signed: the demand is matched, and whoever else answered is told. False when it is not bound to it."""
    demand = common.lock_demand(demand_id)
    if demand.contract != contract_id or demand.state != DemandState.MATCHING:
        return False
    move(demand, "match", "签约")()
    evidence.record(demand, act="match", by=by, facts={"contract": demand.contract_number})
    chosen = Response.objects.filter(demand=demand, state=ResponseState.TAKEN_UP).values_list("pk", flat=True).first()
    common.close_responses(demand, by=by, why="该需求已与其他服务商签约。", but=chosen)
    return True


def released(*, by: Actor, demand_id: UUID, contract_id: UUID, why: str) -> bool:
    """The contract was cancelled before it took effect: the demand is free. False when it is not bound to it."""
    demand = common.lock_demand(demand_id)
    if demand.contract != contract_id:
        return False
    open_again(demand, by=by, act="release", why=why)
    return True


def open_again(demand: Demand, *, by: Actor, act: str, why: str, settled: UUID | None = None) -> None:
    """The locked demand is shown again, or expired when its days are over; what was taken up waits shortlisted.

    `settled` names the response whose own end brought this about.
    """
    over = demand.shown_until is not None and demand.shown_until < clock.today()
    number = demand.contract_number
    if over:
        move(demand, "expire", "重新开放需求")()
    else:
        move(demand, "reopen", "重新开放需求")()
    evidence.record(demand, act="expire" if over else act, by=by, reason=why, facts={"contract": number})
    if over:
        common.close_responses(demand, by=by, why="该需求的展示期限已过。", but=settled)
    else:
        rows = Response.objects.filter(demand=demand, state=ResponseState.TAKEN_UP)
        for response in lock_all(rows.exclude(pk=settled) if settled is not None else rows):
            move(response, "shortlist", "重新开放需求")()
            evidence.record(response, act="shortlist", by=by, reason=why)
    common.tell_enterprise(
        demand,
        "需求对接未成",
        f"{why}" + ("展示期限已过，需求已到期。" if over else f"需求重新展示至{demand.shown_until}。"),
    )
