"""What the acts share: the order of locks, and what becomes of an item when nothing holds it.

Rows are locked in one order: publicity, its items (by key), the objection; then what the kind's room locks.
"""

from __future__ import annotations

from uuid import UUID

from engines.evidence import services as evidence
from engines.publicity import kinds
from engines.publicity.models import Objection, Publicity, PublicityItem
from engines.publicity.states import OBJECTION_HOLDING, OBJECTION_PENDING, ItemState, PublicityState
from foundation.actors import Actor
from foundation.errors import not_found
from foundation.locking import lock
from foundation.states import move


def lock_publicity(publicity_id: UUID, version: int | None = None) -> Publicity:
    """The list, locked before everything that stands on it."""
    return lock(Publicity.objects.all(), publicity_id, version=version)


def lock_case(objection_id: UUID, version: int | None = None) -> Objection:
    """The list, the item, the objection, all locked; `objection.item.publicity` are the locked ones."""
    found = Objection.objects.filter(pk=objection_id).values_list("item_id", "item__publicity_id").first()
    if found is None:
        raise not_found("公示异议")
    item_id, publicity_id = found
    publicity = lock_publicity(publicity_id)
    item = lock(PublicityItem.objects.all(), item_id)
    item.publicity = publicity
    objection = lock(Objection.objects.all(), objection_id, version=version)
    objection.item = item
    return objection


def hold(item: PublicityItem, by: Actor, reason: str) -> None:
    """The locked item waits; the rest of the list goes on. What is held, cleared or gone already stays so."""
    if item.state != ItemState.ON_SHOW:
        return
    move(item, "hold", "暂缓该事项")()
    evidence.record(item, act="hold", by=by, reason=reason, fields=["state"])
    kinds.of(item.publicity.kind).hold(item, by, reason)


def settle(item: PublicityItem, by: Actor, reason: str) -> None:
    """The locked item goes on, if an objection held it and none does any more."""
    publicity = item.publicity
    holding = OBJECTION_PENDING if publicity.is_closed else OBJECTION_HOLDING
    if item.state != ItemState.HELD or item.objections.filter(state__in=holding).exists():
        return
    act = "clear" if publicity.is_closed else "put_back"
    move(item, act, "解除暂缓")()
    evidence.record(item, act=act, by=by, reason=reason, fields=["state"])
    kinds.of(publicity.kind).release(item, by, reason)
    follow(publicity, by)


def remove(item: PublicityItem, by: Actor, reason: str) -> None:
    """The locked item leaves the list, if it is still held; what is through already stays as it is."""
    if item.state != ItemState.HELD:
        return
    move(item, "remove", "移出名单")()
    evidence.record(item, act="remove", by=by, reason=reason, fields=["state"])
    kinds.of(item.publicity.kind).remove(item, by, reason)
    follow(item.publicity, by)


def follow(publicity: Publicity, by: Actor) -> None:
    """The locked list is done when its period is over and nothing on it is held."""
    waiting = publicity.items.filter(state=ItemState.HELD)
    if publicity.state == PublicityState.CLOSED_WITH_HOLD and not waiting.exists():
        move(publicity, "finish", "办结公示")()
        evidence.record(publicity, act="finish", by=by, fields=["state"])
