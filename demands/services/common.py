"""What the services of this room share: locking in one order, ending what hangs on a demand, telling."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from demands.models import Demand, Response
from demands.states import RESPONSE_LIVE
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from foundation.actors import Actor
from foundation.errors import not_found
from foundation.locking import lock, lock_all
from foundation.states import move

DEMANDS = Demand.objects.select_related("enterprise", "notice")
RESPONSES = Response.objects.select_related("provider", "demand__enterprise")


def lock_demand(demand_id: UUID, version: int | None = None) -> Demand:
    """The demand, locked: it comes before its responses."""
    return lock(DEMANDS, demand_id, version=version)


def lock_response(response_id: UUID, version: int | None = None) -> tuple[Demand, Response]:
    """The response and, before it, its demand."""
    seen = Response.objects.filter(pk=response_id).values_list("demand_id", flat=True).first()
    if seen is None:
        raise not_found("需求应答")
    demand = lock_demand(seen)
    response = lock(RESPONSES, response_id, version=version)
    response.demand = demand
    return demand, response


def close_responses(demand: Demand, *, by: Actor, why: str, but: UUID | None = None) -> None:
    """Every live response of the locked demand is closed, and its provider told; `but` one stays as it is."""
    rows = Response.objects.filter(demand=demand, state__in=RESPONSE_LIVE)
    rows = rows.exclude(pk=but) if but is not None else rows
    told = []
    for response in lock_all(rows.select_related("provider")):
        move(response, "close", "结束应答")()
        evidence.record(response, act="close", by=by, reason=why)
        told.append(response.provider.organisation_id)
    if told:
        _tell(told, demand, "您应答的需求已结束", why)


def tell_enterprise(demand: Demand, title: str, body: str) -> None:
    """The enterprise reads it once this commits."""
    _tell([demand.enterprise.organisation_id], demand, title, body)


def tell_provider(response: Response, title: str, body: str) -> None:
    """The provider of the response reads it once this commits."""
    _tell([response.provider.organisation_id], response.demand, title, body)


def _tell(organisation_ids: Iterable[UUID], demand: Demand, title: str, body: str) -> None:
    notifications.tell(
        organisation_ids=organisation_ids,
        topic="demand",
        title=f"{title}：{demand.title}",
        body=f"需求{demand.number}：{body}",
        subject=demand,
    )
