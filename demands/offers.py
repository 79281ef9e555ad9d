"""What is on the shelf today, as this room reads it: the one place that knows how products are kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import models

from providers import selectors as providers
from providers.models import Product

Shelf = models.QuerySet[Product]


@dataclass(frozen=True)
class Offer:
    """A product that can be contracted today, by its current version. `sub_type` in words; price in 元, tax included."""

    id: UUID
    head: str
    provider_id: UUID
    provider_name: str
    name: str
    category: str
    sub_type: str
    price: Decimal
    aim: str
    functions: str
    deliverables: tuple[str, ...]
    indicators: tuple[str, ...]


def shelf() -> Shelf:
    """The catalogue everybody sees: on shelf today, of providers listed today."""
    return providers.visible_products(AnonymousUser())


def heads() -> dict[UUID, str]:
    """Of each product on the shelf the head of its chain: another one when it carries another version."""
    return dict(shelf().values_list("pk", "head"))


def fingerprint() -> tuple[int, int]:
    """Two numbers that differ when the shelf does: how many products, and the sum of a hash of their heads."""
    summed = models.Sum(models.Func("head", function="hashtext", output_field=models.BigIntegerField()))
    found = shelf().order_by().aggregate(n=models.Count("pk"), heads=summed)
    return found["n"], int(found["heads"] or 0)


def read(ids: Collection[UUID] | None = None) -> list[Offer]:
    """The offers of these ids that are on the shelf now; all without ids."""
    return _offers(shelf() if ids is None else shelf().filter(pk__in=ids))


def read_of(provider_id: UUID) -> list[Offer]:
    """The provider's own offers on the shelf."""
    return _offers(shelf().filter(provider_id=provider_id))


def priced() -> list[tuple[UUID, str, str, Decimal]]:
    """Of each product on the shelf its provider, category, kind (code of the notice) and list price in 元."""
    rows = shelf().order_by().select_related(None)
    return list(rows.values_list("provider_id", "category", "current__sub_type", "current__price"))


_COLUMNS = (
    *("pk", "head", "provider_id", "provider__name", "name", "category"),
    *("current__sub_type_name", "current__price", "current__aim", "current__functions"),
    *("current__deliverables", "current__indicators"),
)


def _offers(rows: Shelf) -> list[Offer]:
    """Without making a product, a version and a provider of each: they are thousands when an index is made."""
    return [_offer(*row) for row in rows.select_related(None).values_list(*_COLUMNS)]


def _offer(*row: Any) -> Offer:
    pk, head, provider_id, provider_name, name, category, sub_type, price, aim, functions, deliverables, named = row
    return Offer(
        id=pk,
        head=head,
        provider_id=provider_id,
        provider_name=provider_name,
        name=name,
        category=category,
        sub_type=sub_type,
        price=price,
        aim=aim,
        functions=functions,
        deliverables=tuple(deliverables),
        indicators=tuple(str(one.get("name", "")) for one in named),
    )
