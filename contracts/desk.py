"""Contracts as somebody's work: all, those waiting for him, those under way, those that are over."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Count, Q, TextChoices

from accounts.models import User
from accounts.states import OrganisationKind, Role
from contracts import policies, waiting
from contracts.states import BY_SIGNATORY, OF, OVER, Awaited, Of, Side

_OF_KIND = {OrganisationKind.ENTERPRISE: (Of.ENTERPRISE, Of.BOTH), OrganisationKind.PROVIDER: (Of.PROVIDER, Of.BOTH)}
_OF_ROLE = {
    Role.CENTRE_CHECKER: Of.CENTRE,
    Role.CENTRE_REVIEWER: Of.CENTRE,
    Role.DEPARTMENT: Of.DEPARTMENT,
}
_SIDES = {Of.ENTERPRISE: (Side.ENTERPRISE,), Of.PROVIDER: (Side.PROVIDER,), Of.BOTH: tuple(Side)}
_OFFICERS: dict[Awaited, tuple[Role, ...]] = {
    Awaited.TERMINATION_CHECK: (Role.CENTRE_CHECKER,),
    Awaited.TERMINATION_DECIDE: (Role.CENTRE_REVIEWER,),
    Awaited.MEDIATION: policies.MEDIATORS,
    Awaited.FROZEN: (Role.DEPARTMENT,),
    Awaited.OVERDUE: (Role.DEPARTMENT,),
}


class Turn(TextChoices):
    """Whose turn it is, to one reader."""

    OWN = "own", "本人"
    HOUSE = "house", "本单位其他人员"
    OTHERS = "others", "其他单位"


class Desk(TextChoices):
    """Which of the contracts."""

    ALL = "all", "全部"
    MINE = "mine", "待我办理"
    RUNNING = "running", "进行中"
    OVER = "over", "已办结"


def asked_of(user: User) -> Collection[Of]:
    """Whose turn is the caller's: a party's side, an officer's house."""
    by_kind = _OF_KIND.get(OrganisationKind(user.organisation.kind))
    return by_kind or {of for role, of in _OF_ROLE.items() if user.has(role)}


def takers(awaited: Awaited) -> tuple[Role, ...]:
    """The roles that may take what is awaited; none where it is the work of several offices."""
    sides = _SIDES.get(OF[awaited], ())
    if awaited in BY_SIGNATORY:
        return tuple(policies.SIGNATORY[side] for side in sides)
    return _OFFICERS.get(awaited, tuple(role for side in sides for role in policies.AGENTS[side]))


def turn_of(user: User, awaited: Awaited) -> Turn:
    """Whether the reader of a contract is to take what it waits for, somebody of his own house, or others."""
    roles = takers(awaited)
    if roles and user.has(*roles):
        return Turn.OWN
    return Turn.HOUSE if OF[awaited] in asked_of(user) else Turn.OTHERS


def on(desk: Desk, rows: models.QuerySet[Any], user: User) -> models.QuerySet[Any]:
    """Those of `rows`, each told what it waits for (`waiting.annotated`), that lie on that desk of the caller's."""
    told = waiting.annotated(rows)
    return told if desk == Desk.ALL else told.filter(_which(user)[desk])


def counts(rows: models.QuerySet[Any], user: User) -> dict[Desk, int]:
    """How many of `rows` lie on each desk, in one query."""
    which = {desk.value: Count("pk", filter=condition) for desk, condition in _which(user).items()}
    found = waiting.annotated(rows.order_by()).aggregate(all=Count("pk"), **which)
    return {desk: found[desk.value] for desk in Desk}


def _which(user: User) -> dict[Desk, Q]:
    of = asked_of(user)
    mine = sorted(awaited for awaited, whose in OF.items() if whose in of)
    return {
        Desk.MINE: Q(awaited__in=mine),
        Desk.RUNNING: ~Q(state__in=sorted(OVER)),
        Desk.OVER: Q(state__in=sorted(OVER)),
    }
