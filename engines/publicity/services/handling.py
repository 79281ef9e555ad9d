"""An objection is accepted or not, investigated, decided, told, and looked at once more (8-39; DOMAIN 6.11).

Nobody takes two of the stages acceptance, investigation, decision and review of one objection, in whatever round.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from engines.calendar import limits
from engines.evidence import chain
from engines.evidence import selectors as trail
from engines.evidence import services as evidence
from engines.publicity import papers
from engines.publicity.models import Objection, ObjectionFile
from engines.publicity.services import common
from engines.publicity.services.filing import refuse_personal, unseal_filer
from engines.publicity.states import (
    ACCEPT,
    DECIDE,
    INVESTIGATE,
    REVIEW,
    FileRole,
    ItemState,
    ObjectionState,
    Outcome,
    Unaccepted,
)
from engines.strangers import Filer
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed, not_found, wrong_state
from foundation.locking import unit_of_work
from foundation.states import move

CAN_WAIT = frozenset({ObjectionState.ACCEPTED, ObjectionState.INVESTIGATING})


def accept(*, by: Actor, objection_id: UUID, version: int) -> Objection:
    """It is looked into, its item waits, and the answer is due (结果 30 天)."""
    with unit_of_work():
        objection = _take(objection_id, version, by, ACCEPT, "受理异议")
        due = _due(objection, "result", clock.today())
        move(objection, "accept", "受理异议")(by.actor_id, clock.now(), due)
        evidence.record(objection, act="accept", by=by, facts={"stage": ACCEPT, "result_due": str(due)})
        common.hold(objection.item, by, f"异议{objection.number}已受理")
    return objection


def turn_down(*, by: Actor, objection_id: UUID, version: int, why: str, answer: str) -> Objection:
    """It is not accepted, with one of the reasons and in words; what it alone held goes on."""
    with unit_of_work():
        objection = _take(objection_id, version, by, ACCEPT, "决定不予受理")
        move(objection, "turn_down", "决定不予受理")(by.actor_id, clock.now(), why, answer)
        facts = {"stage": ACCEPT, "why": Unaccepted(why).value}
        evidence.record(objection, act="turn_down", by=by, reason=answer, facts=facts)
        common.settle(objection.item, by, f"异议{objection.number}不予受理")
    return objection


def investigate(*, by: Actor, objection_id: UUID, version: int) -> Objection:
    """The investigation has begun."""
    with unit_of_work():
        objection = _take(objection_id, version, by, INVESTIGATE, "核查异议")
        move(objection, "investigate", "核查异议")(by.actor_id, clock.now())
        evidence.record(objection, act="investigate", by=by, facts={"stage": INVESTIGATE})
    return objection


def report(*, by: Actor, objection_id: UUID, version: int, findings: str) -> Objection:
    """What was found stands in the file; written anew it takes the place of what was there.

    Whoever writes it is the investigator from now on: a colleague may take the case over.
    """
    with unit_of_work():
        objection = _take(objection_id, version, by, INVESTIGATE, "提交核查情况")
        if objection.state != ObjectionState.INVESTIGATING:
            raise wrong_state("提交核查情况", str(objection.state), objection.get_state_display())
        objection.findings = findings
        objection.investigated_by, objection.investigated_at = by.actor_id, clock.now()
        evidence.record(objection, act="report", by=by, reason=findings, facts={"stage": INVESTIGATE})
    return objection


def extend(*, by: Actor, objection_id: UUID, version: int, reason: str) -> Objection:
    """The answer is due later, once, as late as the notice allows from acceptance (最长 90 天).

    Raises WRONG_STATE, OBJECTION_EXTENDED, OBJECTION_OVERDUE.
    """
    with unit_of_work():
        objection = common.lock_case(objection_id, version)
        before, accepted_at = objection.result_due, objection.accepted_at
        if objection.state not in CAN_WAIT or before is None or accepted_at is None:
            raise wrong_state("延长答复期限", str(objection.state), objection.get_state_display())
        if objection.extended_at is not None:
            raise Refused("OBJECTION_EXTENDED", f"答复期限已延长过一次，至{before}，不能再延。", due=before)
        if clock.today() > before:
            raise Refused("OBJECTION_OVERDUE", f"答复期限{before}已过，不能再延长，请尽快作出决定并告知。", due=before)
        due = _due(objection, "longest", clock.local_date(accepted_at))
        objection.result_due = due
        objection.extended_by, objection.extended_at = by.actor_id, clock.now()
        facts = {"before": str(before), "result_due": str(due)}
        evidence.record(objection, act="extend", by=by, reason=reason, facts=facts)
    return objection


def decide(*, by: Actor, objection_id: UUID, version: int, outcome: str, answer: str) -> Objection:
    """Upheld, its item leaves the list; not upheld, the item goes on unless another objection holds it.

    Raises OBJECTION_NOT_REPORTED before the investigator has written what was found.
    """
    with unit_of_work():
        objection = _take(objection_id, version, by, DECIDE, "作出异议决定")
        act = "uphold" if outcome == Outcome.UPHELD else "dismiss"
        if objection.state == ObjectionState.INVESTIGATING and not objection.findings:
            raise Refused("OBJECTION_NOT_REPORTED", "核查人尚未提交核查情况，不能作出决定。")
        move(objection, act, "作出异议决定")(by.actor_id, clock.now(), answer)
        evidence.record(objection, act=act, by=by, reason=answer, facts={"stage": DECIDE})
        _take_effect(objection, outcome, by)
    return objection


def notify(*, by: Actor, objection_id: UUID, version: int, how: str) -> Objection:
    """Filer and party were told in the way named; either may ask for another look until `review_until`."""
    with unit_of_work():
        objection = common.lock_case(objection_id, version)
        until = _due(objection, "review_ask", clock.today())
        move(objection, "notify", "告知结果")(by.actor_id, clock.now(), until)
        evidence.record(objection, act="notify", by=by, reason=how, facts={"review_until": str(until)})
    return objection


def ask_review(*, by: Actor, objection_id: UUID, asked_by: str, grounds: str, version: int | None = None) -> Objection:
    """Somebody else will look at the result once more; an item that is still on show waits again.

    An item that was cleared or removed meanwhile stays so. Raises REVIEW_LATE, PERSONAL_DATA.
    """
    refuse_personal(grounds)
    with unit_of_work():
        objection = common.lock_case(objection_id, version)
        until, today = objection.review_until, clock.today()
        due = _due(objection, "review", today)
        move(objection, "ask_review", "申请复核")(asked_by, clock.now(), grounds, due)
        if until is not None and today > until:
            raise Refused("REVIEW_LATE", f"申请复核的期限为{until}，今天为{today}，已过期限。", until=until)
        facts = {"asked_by": asked_by, "grounds": chain.sm3(grounds.encode()), "review_due": str(due)}
        evidence.record(objection, act="ask_review", by=by, facts=facts)
        common.hold(objection.item, by, f"异议{objection.number}复核")
    return objection


def conclude(*, by: Actor, objection_id: UUID, version: int, outcome: str, answer: str) -> Objection:
    """The last word, by somebody who has taken no other stage. It moves the item only if that still waits."""
    with unit_of_work():
        objection = _take(objection_id, version, by, REVIEW, "作出复核决定")
        move(objection, "conclude", "作出复核决定")(by.actor_id, clock.now(), outcome, answer)
        facts = {"stage": REVIEW, "outcome": outcome, "item": str(objection.item.state)}
        evidence.record(objection, act="conclude", by=by, reason=answer, facts=facts)
        _take_effect(objection, outcome, by)
    return objection


def close_told(*, by: Actor, objection_id: UUID, day: date) -> bool:
    """The time to ask for another look was over before `day`: it is closed. Whether it was done now."""
    with unit_of_work():
        objection = common.lock_case(objection_id)
        until = objection.review_until
        if objection.state != ObjectionState.NOTIFIED or until is None or until >= day:
            return False
        move(objection, "close", "办结异议")()
        evidence.record(objection, act="close", by=by, facts={"review_until": str(until)}, fields=["state"])
    return True


def open_identity(*, by: Actor, objection_id: UUID, version: int, reason: str) -> tuple[Objection, Filer]:
    """Who filed is shown to one person for one reason, and the chain says to whom and why."""
    with unit_of_work():
        objection = _opened(objection_id, version, by, "open_identity", reason)
        return objection, unseal_filer(objection)


def open_letter(*, by: Actor, objection_id: UUID, version: int, reason: str) -> tuple[ObjectionFile, bytes]:
    """The unit's sealed letter, as `open_identity`. Raises NOT_FOUND when a person filed."""
    with unit_of_work():
        objection = _opened(objection_id, version, by, "open_letter", reason)
        letter = objection.files.filter(role=FileRole.LETTER).first()
        if letter is None:
            raise not_found("盖章异议函")
        return letter, papers.read(letter)


def _opened(objection_id: UUID, version: int, by: Actor, act: str, reason: str) -> Objection:
    if not reason.strip():
        raise Invalid("REASON_MISSING", "查看异议人身份须写明理由。")
    objection = common.lock_case(objection_id, version)
    evidence.record(objection, act=act, by=by, reason=reason, fields=[])
    return objection


def _take(objection_id: UUID, version: int, by: Actor, stage: str, what: str) -> Objection:
    """The locked case, of which the actor has taken no other stage. Raises NOT_ALLOWED."""
    objection = common.lock_case(objection_id, version)
    if trail.stages_done([objection], by) - {stage}:
        raise not_allowed(f"{what}（同一异议的受理、核查、决定、复核须由不同的人办理）")
    return objection


def _take_effect(objection: Objection, outcome: str, by: Actor) -> None:
    item = objection.item
    if outcome == Outcome.UPHELD:
        common.remove(item, by, f"异议{objection.number}成立")
    elif item.state == ItemState.HELD:
        common.settle(item, by, f"异议{objection.number}不成立")


def _due(objection: Objection, name: str, start: date) -> date:
    """The last day of the pinned clock `name` that began on `start`. Raises CALENDAR_MISSING."""
    pinned = objection.item.publicity.clocks[name]
    return limits.last_day(pinned["length"], pinned["unit"], start)
