"""The register of experts: proposed, confirmed, retired; whom they have to keep away from (DOMAIN section 4, row 9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import IntegrityError

from accounts import services as accounts
from accounts.models import User
from accounts.services import Person
from accounts.states import OrganisationKind, Role
from accreditation import policies
from accreditation.models import Expert, Tie
from accreditation.states import ExpertState
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.states import move
from programmes import selectors as programmes
from registry import uscc as uscc_rules

ROWS = Expert.objects.select_related("user")


def propose(
    *,
    by: User,
    username: str,
    password: str,
    name: str,
    identity_number: str,
    title: str,
    fields: Sequence[str],
    unit_name: str,
    unit_uscc: str,
) -> Expert:
    """An expert with an account of his own waits for confirmation; his house is his own, so nobody reads his inbox.

    `fields` are categories of the notice in force. Raises UNKNOWN_CATEGORY, USCC_INVALID, and what
    `accounts.services.register_party` raises (one account a natural person: an officer or a party's man cannot judge).
    """
    if not policies.may_propose_expert(by):
        raise not_allowed("登记专家", Role.CENTRE_CHECKER)
    code = uscc_rules.check(unit_uscc).code
    rules = programmes.latest_notice(clock.today()).parsed
    for field in fields:
        rules.category(field)
    with unit_of_work():
        person = Person(username, password, name, (Role.EXPERT,), identity_number)
        house = accounts.register_party(
            kind=OrganisationKind.EXPERT, name=f"评审专家（{unit_name}）"[:120], uscc=None, people=[person], by=by
        )
        user = User.objects.get(organisation=house)
        expert = Expert(
            user=user, title=title, fields=sorted(set(fields)), unit_name=unit_name, unit_uscc=code, proposed_by=by
        )
        evidence.record(expert, act="propose", by=by, facts={"unit": code, "fields": expert.fields})
    return expert


def confirm(*, by: User, expert_id: UUID, version: int) -> Expert:
    """He may be drawn from now on."""
    with unit_of_work():
        expert = lock(ROWS, expert_id, version=version)
        if not policies.may_confirm_expert(by, expert):
            raise not_allowed("确认专家（登记人不得确认）", Role.DEPARTMENT)
        move(expert, "confirm", "确认专家")(by, clock.now())
        evidence.record(expert, act="confirm", by=by)
    return expert


def retire(*, by: User, expert_id: UUID, version: int, reason: str) -> Expert:
    """He is drawn no more; what he signed stands."""
    with unit_of_work():
        expert = lock(ROWS, expert_id, version=version)
        if not policies.may_retire_expert(by):
            raise not_allowed("专家出库", Role.DEPARTMENT)
        move(expert, "retire", "专家出库")(reason)
        evidence.record(expert, act="retire", by=by, reason=reason)
    return expert


def add_tie(
    *,
    by: User,
    expert_id: UUID,
    version: int,
    name: str,
    uscc: str,
    nature: str,
    ended_on: date | None = None,
    reason: str = "",
) -> Expert:
    """He keeps away from this body: while the tie lasts, and for the notice's years after it. Raises TIE_EXISTS."""
    code = uscc_rules.check(uscc).code
    if ended_on is not None and ended_on > clock.today():
        raise Invalid("TIE_DATE", f"关系结束日期{ended_on}不能晚于今天；仍存续的请留空。", ended_on=str(ended_on))
    with unit_of_work():
        expert = _for_ties(by, expert_id, version)
        facts = {"uscc": code, "nature": nature, "ended_on": str(ended_on or "")}
        try:
            Tie.objects.create(expert=expert, name=name, uscc=code, nature=nature, ended_on=ended_on, reason=reason)
        except IntegrityError as error:
            if "tie_once" not in str(error):
                raise
            raise Refused("TIE_EXISTS", f"{name}的这一关系已登记。", uscc=code) from error
        evidence.record(expert, act="add_tie", by=by, reason=reason, facts=facts)
    return expert


def remove_tie(*, by: User, expert_id: UUID, version: int, tie_id: int, reason: str) -> Expert:
    """It was entered by mistake; it stays on record. By 促进中心经办 only: nobody clears himself."""
    with unit_of_work():
        expert = lock(ROWS, expert_id, version=version)
        if not policies.may_propose_expert(by):
            raise not_allowed("撤下回避登记", Role.CENTRE_CHECKER)
        tie = Tie.objects.filter(pk=tie_id, expert=expert, removed_at=None).first()
        if tie is None:
            raise not_found("回避登记")
        tie.removed_at = clock.now()
        tie.save(update_fields=["removed_at"])
        evidence.record(expert, act="remove_tie", by=by, reason=reason, facts={"uscc": tie.uscc, "nature": tie.nature})
    return expert


def _for_ties(by: User, expert_id: UUID, version: int) -> Expert:
    expert = lock(ROWS, expert_id, version=version)
    if not policies.may_declare_tie(by, expert):
        raise not_allowed("登记他人应回避的机构", Role.CENTRE_CHECKER)
    if expert.state == ExpertState.RETIRED:
        raise Refused("EXPERT_RETIRED", "该专家已出库，无需登记。")
    return expert
