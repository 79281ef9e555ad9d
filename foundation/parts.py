"""Pieces that tables share: people who acted, and constraints in words."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


def person(verbose_name: str) -> Any:
    """Somebody who did an act, once it is done."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=verbose_name
    )


def moment(verbose_name: str) -> Any:
    """When it was done."""
    return models.DateTimeField(verbose_name, null=True)


def together(name: str, what: str, *columns: str) -> models.CheckConstraint:
    """The columns are all set or all empty."""
    return models.CheckConstraint(
        condition=Q(**{f"{column}__isnull": True for column in columns})
        | Q(**{f"{column}__isnull": False for column in columns}),
        name=name,
        violation_error_message=f"{what}须同时填写。",
    )


def different_people(name: str, what: str, *columns: str) -> models.CheckConstraint:
    """No two of the acts were done by one person; acts not yet done do not count."""
    condition = Q()
    for one, other in combinations(columns, 2):
        condition &= Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)})
    return models.CheckConstraint(condition=condition, name=name, violation_error_message=f"{what}须由不同的人办理。")


def in_states(name: str, states: Collection[Any], condition: Q, what: str) -> models.CheckConstraint:
    """`condition` holds in every one of `states`.

    Name each nullable column with `isnull=False`: a comparison with NULL is NULL, and NULL passes a CHECK.
    """
    return models.CheckConstraint(
        condition=~Q(state__in=sorted(states)) | condition, name=name, violation_error_message=what
    )


def only_in_states(name: str, states: Collection[Any], condition: Q, what: str) -> models.CheckConstraint:
    """`condition` holds in `states` and nowhere else."""
    return models.CheckConstraint(
        condition=Q(state__in=sorted(states)) & condition | ~Q(state__in=sorted(states)) & ~condition,
        name=name,
        violation_error_message=what,
    )
