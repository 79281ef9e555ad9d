"""Contracts as somebody's work: all, those waiting for him, those under way, those that are over."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Count, Q, TextChoices

from accounts.models import User
from accounts.states import OrganisationKind, Role
from contracts import waiting
from contracts.states import OF, Of, State

OVER = (State.SETTLED, State.ARCHIVED, State.CANCELLED, State.TERMINATED, State.VOIDED)
_OF_KIND = {OrganisationKind.ENTERPRISE: (Of.ENTERPRISE, Of.BOTH), OrganisationKind.PROVIDER: (Of.PROVIDER, Of.BOTH)}
_OF_ROLE = {
    Role.CENTRE_CHECKER: Of.CENTRE,
    Role.CENTRE_REVIEWER: Of.CENTRE,
    Role.DEPARTMENT: Of.DEPARTMENT,
}


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
        Desk.RUNNING: ~Q(state__in=OVER),
        Desk.OVER: Q(state__in=OVER),
    }
