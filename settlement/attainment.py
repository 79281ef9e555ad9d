"""What a year has reached of its 绩效目标 (第五条预算绩效管理): the whole province, counted anew at each asking."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count

from accounts.models import User
from contracts import performance
from contracts import selectors as contracts
from programmes import selectors as programmes
from programmes.models import TargetSet
from programmes.targets import MEASURES, Indicator, Measure
from settlement.statistics import counted, sums

_PERCENT = Decimal("0.01")


@dataclass(frozen=True)
class Attained:
    """One indicator of a year. `target` None: none was set. `reached` None: there is nothing to tell yet.

    `rate` is reached over target in percent, rounded half up to two decimals.
    """

    indicator: Indicator
    measure: Measure
    target: Decimal | None
    reached: Decimal | None

    @property
    def rate(self) -> Decimal | None:
        if self.target is None or self.reached is None:
            return None
        return (self.reached / self.target * 100).quantize(_PERCENT, ROUND_HALF_UP)


def attained(user: User, year: int, targets: TargetSet | None) -> list[Attained]:
    """Every indicator with its target, in the order of the list; four queries, however many contracts."""
    reached = _reached(user, year)
    wanted = targets.targets if targets is not None else {}
    return [
        Attained(one, MEASURES[one], Decimal(wanted[one.value]) if one.value in wanted else None, reached[one])
        for one in Indicator
    ]


def _reached(user: User, year: int) -> dict[Indicator, Decimal | None]:
    rows = counted(user, year)
    found = rows.aggregate(**sums(), enterprises=Count("enterprise", distinct=True))
    whole = performance.overall(contracts.visible_to(user), year)
    budget = programmes.figures(year)
    spendable = budget.total - budget.gone
    return {
        Indicator.ENTERPRISES: Decimal(found["enterprises"]),
        Indicator.CONTRACTS: Decimal(found["number"]),
        Indicator.VOUCHERS: found["vouchers"] or Decimal(0),
        Indicator.PAID: found["paid"] or Decimal(0),
        Indicator.EXECUTION: _percent(budget.paid / spendable) if spendable else None,
        Indicator.COMPLETION: _percent(whole.completion_rate),
        Indicator.ON_TIME: _percent(whole.on_time_rate),
        Indicator.RATING: whole.rating,
    }


def _percent(share: Decimal | None) -> Decimal | None:
    return None if share is None else (share * 100).quantize(_PERCENT, ROUND_HALF_UP)
