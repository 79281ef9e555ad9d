"""What another notice would do to the enterprises' quotas: the tiering replayed for all of them, nothing written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from enterprises import tiering
from enterprises.models import Enterprise, QuotaAdjustment, QuotaGrant
from enterprises.selectors.enterprises import held_title
from enterprises.states import AdjustmentState, State
from foundation.money import ZERO
from programmes.rules import Rules
from registry import selectors as registry


@dataclass(frozen=True)
class Moved:
    """One enterprise whose quota would be another. In 元; `before` is what is granted now, "" and zero for nothing."""

    enterprise_id: UUID
    name: str
    tier_before: str
    tier_after: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True)
class Effect:
    """Everybody's quota under the rules. `moved` are those that change, the greatest change first."""

    looked_at: int
    moved: list[Moved]
    tiers: dict[str, int]  # how many would stand in each tier

    @property
    def gaining(self) -> list[Moved]:
        return [one for one in self.moved if one.change > 0]

    @property
    def losing(self) -> list[Moved]:
        return [one for one in self.moved if one.change < 0]

    @property
    def more(self) -> Decimal:
        """What those who gain would get beyond what they have."""
        return sum((one.change for one in self.gaining), ZERO)

    @property
    def less(self) -> Decimal:
        """What those who lose would lose, positive."""
        return -sum((one.change for one in self.losing), ZERO)


def effect_of(rules: Rules, year: int, day: date) -> Effect:
    """The quotas that `rules` would give for `year`, by titles and rosters of `day`, to every active enterprise.

    A fixed number of queries. What contracts use is not looked at: a lower quota never takes back what is used.
    """
    active = list(Enterprise.objects.filter(state=State.ACTIVE).only("pk", "name", "uscc").order_by("pk"))
    usccs = [one.uscc for one in active]
    titles = defaultdict(list)
    for holding in registry.holdings_in_force(day).filter(uscc__in=usccs).order_by("uscc", "title_code", "valid_from"):
        titles[holding.uscc].append(held_title(holding))
    since = registry.listed_since(usccs, day)
    granted = {
        one.enterprise_id: one
        for one in QuotaGrant.objects.filter(year=year).order_by("enterprise", "-pk").distinct("enterprise")
    }
    adjusted = dict(
        QuotaAdjustment.objects.filter(year=year, state=AdjustmentState.DECIDED)
        .order_by()
        .values_list("enterprise")
        .annotate(total=Sum("amount"))
    )
    names = {tier.code: tier.name for tier in rules.tiers}
    counted: dict[str, int] = dict.fromkeys(names, 0)
    moved = []
    for one in active:
        tier = tiering.grade(rules, titles[one.uscc], since.get(one.uscc), year).tier
        counted[tier.code] += 1
        after = tiering.entitlement(rules, tier, adjusted.get(one.pk, ZERO))
        grant = granted.get(one.pk)
        before = grant.quota if grant is not None else ZERO
        if before != after:
            was = names.get(grant.tier_code, grant.tier_code) if grant is not None else ""
            moved.append(Moved(one.pk, one.name, was, tier.name, before, after))
    moved.sort(key=lambda one: (-abs(one.change), one.name))
    return Effect(len(active), moved, {names[code]: number for code, number in counted.items()})
