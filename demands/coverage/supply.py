"""Whether there is something to buy: tier by category, and the kinds of service that nobody offers (第七条, 第十条).

Arithmetic over rows somebody else has read. No ORM, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from foundation.money import ZERO, round_down
from programmes.rules import Category, Rules, Tier


@dataclass(frozen=True)
class Priced:
    """A product on the shelf: whose it is, its category and kind, its list price in 元."""

    provider: UUID
    category: str
    sub_type: str
    price: Decimal


@dataclass(frozen=True)
class Cell:
    """One tier and category. A product is affordable when the voucher at its list price is within the tier's quota;
    `projects` is how many at the middle voucher of the category the quota of a year carries."""

    tier: str
    tier_name: str
    quota: Decimal
    category: str
    category_name: str
    products: int
    providers: int
    affordable: int
    middle_voucher: Decimal
    projects: int

    @property
    def empty(self) -> bool:
        return self.affordable == 0


@dataclass(frozen=True)
class Supply:
    """The whole report under one notice."""

    notice: str
    products: int
    cells: list[Cell] = field(default_factory=list)
    without_product: list[dict[str, str]] = field(default_factory=list)


def voucher_at(rules: Rules, category: Category, price: Decimal) -> Decimal:
    """The most voucher a contract at `price` may carry before quota, cap and budget are asked (第十一条, 第十八条)."""
    deposit = round_down(price * rules.deposit_rate)
    return min(round_down(price * category.rate), category.cap, price - deposit)


def supply(rules: Rules, notice: str, products: Iterable[Priced]) -> Supply:
    """Every tier by every category of the notice, and the kinds of service without any product."""
    offered = list(products)
    of_category = {code: [one for one in offered if one.category == code] for code in rules.categories}
    return Supply(
        notice=notice,
        products=len(offered),
        cells=[
            _cell(rules, tier, rules.categories[code], on_shelf)
            for tier in rules.tiers
            for code, on_shelf in of_category.items()
        ],
        without_product=[
            {"category": code, "category_name": rules.categories[code].name, "sub_type": kind, "name": name}
            for code, on_shelf in of_category.items()
            for kind, name in _kinds(rules.categories[code])
            if not any(one.sub_type in (kind, name) if kind else True for one in on_shelf)
        ],
    )


def _kinds(category: Category) -> list[tuple[str, str]]:
    """The kinds of service the notice names; the category itself where it names none."""
    return list(category.sub_types.items()) or [("", category.name)]


def _cell(rules: Rules, tier: Tier, category: Category, on_shelf: list[Priced]) -> Cell:
    vouchers = sorted(voucher_at(rules, category, one.price) for one in on_shelf)
    middle = vouchers[len(vouchers) // 2] if vouchers else ZERO
    return Cell(
        tier=tier.code,
        tier_name=tier.name,
        quota=tier.quota,
        category=category.code,
        category_name=category.name,
        products=len(on_shelf),
        providers=len({one.provider for one in on_shelf}),
        affordable=sum(voucher <= tier.quota for voucher in vouchers),
        middle_voucher=middle,
        projects=int(tier.quota // middle) if middle else 0,
    )
