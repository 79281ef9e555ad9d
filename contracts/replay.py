"""What other rules would have meant for contracts that are signed: vouchers reckoned again, nothing written (第十一条)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count

from contracts import subsidy
from contracts.models import Contract
from contracts.states import CAME_TO_NOTHING
from foundation.money import ZERO
from programmes.rules import Category, Rules


@dataclass(frozen=True)
class Replayed:
    """The contracts of one category; sums of vouchers in 元. `known` is False where the rules have no such category."""

    code: str
    name: str
    known: bool = True
    contracts: int = 0
    more: int = 0  # of them, whose voucher would be higher
    less: int = 0  # of them, whose voucher would be lower
    before: Decimal = ZERO
    after: Decimal = ZERO

    @property
    def change(self) -> Decimal:
        return self.after - self.before


def replay(rules: Rules, year: int) -> list[Replayed]:
    """The signed contracts of the quota year under `rules`, by category, in the order of the rules.

    Who took the most that his own notice allowed is taken to take the most again; who took less keeps his voucher
    as far as the new ceiling allows. Quotas, caps of providers and the budget are not looked at. One query: equal
    contracts are one row of it.
    """
    rows = Contract.objects.filter(quota_year=year, signed_at__isnull=False).exclude(state__in=CAME_TO_NOTHING)
    terms = ("category", "amount", "voucher", "rate", "cap", "deposit_rate")
    found = [Replayed(code, one.name) for code, one in rules.categories.items()]
    by_code = {one.code: one for one in found}
    for row in rows.order_by().values(*terms).annotate(number=Count("pk")):
        code = row["category"]
        held = by_code.get(code) or Replayed(code, code, known=False)
        by_code[code] = _with(held, row, _again(rules, rules.categories.get(code), row))
    return [one for one in by_code.values() if one.contracts]


def whole(found: Sequence[Replayed]) -> Replayed:
    """All categories in one line."""
    return Replayed(
        "",
        "",
        True,
        sum(one.contracts for one in found),
        sum(one.more for one in found),
        sum(one.less for one in found),
        sum((one.before for one in found), ZERO),
        sum((one.after for one in found), ZERO),
    )


def _again(rules: Rules, category: Category | None, row: dict[str, Any]) -> Decimal:
    """The voucher that the contract would have under the rules."""
    if category is None:
        return ZERO
    amount, voucher = row["amount"], row["voucher"]
    was = subsidy.ceiling(
        subsidy.rule_bounds(amount, rate=row["rate"], cap=row["cap"], deposit_rate=row["deposit_rate"])
    )
    now = subsidy.ceiling(
        subsidy.rule_bounds(amount, rate=category.rate, cap=category.cap, deposit_rate=rules.deposit_rate)
    )
    return now if voucher == was else min(voucher, now)


def _with(held: Replayed, row: dict[str, Any], after: Decimal) -> Replayed:
    number, before = row["number"], row["voucher"]
    return Replayed(
        held.code,
        held.name,
        held.known,
        held.contracts + number,
        held.more + (number if after > before else 0),
        held.less + (number if after < before else 0),
        held.before + number * before,
        held.after + number * after,
    )
