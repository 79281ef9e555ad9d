"""Pieces that the provider room's tables share: people who acted, and constraints in words."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import User


def person(verbose_name: str) -> Any:
    """Somebody who did an act, once it is done."""
    return models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=verbose_name)


def both(who: str, when: str, name: str, what: str) -> models.CheckConstraint:
    """`who` and `when` are set together or not at all."""
    return models.CheckConstraint(
        condition=Q(**{f"{who}__isnull": True, f"{when}__isnull": True})
        | Q(**{f"{who}__isnull": False, f"{when}__isnull": False}),
        name=name,
        violation_error_message=f"{what}的人和时间须同时填写。",
    )


def different(one: str, other: str, name: str, what: str) -> models.CheckConstraint:
    """The two acts were done by different people, or not both done yet."""
    return models.CheckConstraint(
        condition=Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)}),
        name=name,
        violation_error_message=f"{what}须由不同的人办理。",
    )


def in_states(states: frozenset[Any], condition: Q, name: str, what: str) -> models.CheckConstraint:
    """`condition` holds in every one of `states`.

    Name each nullable column with `isnull=False`: a comparison with NULL is NULL, and NULL passes a CHECK.
    """
    return models.CheckConstraint(
        condition=~Q(state__in=sorted(states)) | condition, name=name, violation_error_message=what
    )
