"""Which tier an enterprise stands in, and what its year's quota becomes. No ORM, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from foundation.money import ZERO, yuan
from programmes.rules import Rules, Tier
from registry.reference import NEWLY_LISTED, title_kinds


@dataclass(frozen=True)
class Held:
    """A title valid on the day, as the registry tells it."""

    code: str
    name: str
    source: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Match:
    """A held title and the tier it earns; `tier` is None when this year's notice names it in none."""

    held: Held
    tier: Tier | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.held.code,
            "name": self.held.name,
            "source": self.held.source,
            "since": self.held.since.isoformat() if self.held.since else None,
            "until": self.held.until.isoformat() if self.held.until else None,
            "tier": self.tier.code if self.tier else None,
            "quota": f"{self.tier.quota:.2f}" if self.tier else None,
        }


@dataclass(frozen=True)
class Grade:
    """The tier that was won, by which title (none: the ordinary tier), and why, in a sentence."""

    tier: Tier
    winner: Held | None
    why: str
    matches: tuple[Match, ...]

    @property
    def winning_title(self) -> str:
        return self.winner.code if self.winner else ""


def is_newly_listed(rules: Rules, listed_since: date | None, year: int) -> bool:
    """Entered the 规上 roster in one of the notice's calendar years before `year` (8-08, 第十条: 上两个年度)."""
    return listed_since is not None and year - rules.newly_listed_years <= listed_since.year < year


def grade(rules: Rules, titles: Iterable[Held], listed_since: date | None, year: int) -> Grade:
    """The highest tier that any title earns, and only that one (8-04, 第十条); the ordinary tier without any.

    `listed_since` is the day the 规上 roster names. Titles are told in the order of their tier, then of
    their code, so that the same facts always name the same winner.
    """
    held = list(titles)
    if is_newly_listed(rules, listed_since, year):
        held.append(Held(NEWLY_LISTED, title_kinds()[NEWLY_LISTED].name, "规上名录", since=listed_since))
    matches = tuple(sorted((Match(one, best(rules, one.code)) for one in held), key=_order))
    won = matches[0] if matches and matches[0].tier else None
    if won is None or won.tier is None:
        tier = rules.tier_for(())
        return Grade(tier, None, f"未持有通知所列称号，按“{tier.name}”匹配{yuan(tier.quota)}。", matches)
    why = f"按“{won.held.name}”匹配“{won.tier.name}”，额度{yuan(won.tier.quota)}；就高不重复，其余称号不另加。"
    return Grade(won.tier, won.held, why, matches)


def entitlement(rules: Rules, tier: Tier, adjusted: Decimal) -> Decimal:
    """The year's quota in 元: the tier's, moved by decided manual adjustments, between nothing and the
    highest tier's (第十九条: no enterprise passes the yearly maximum)."""
    highest = max(one.quota for one in rules.tiers)
    return max(ZERO, min(highest, tier.quota + adjusted))


def difference(entitled: Decimal, issued: Decimal, free: Decimal) -> Decimal:
    """What to issue now, in 元, so that what is left becomes max(0, entitled - used) (8-06, 8-07).

    Used is what was issued and is not free. Positive: an upgrade, at once. Negative: what a lost title
    takes back, never more than is free, so a signed contract keeps its voucher.
    """
    used = issued - free
    return max(entitled, used) - issued


def best(rules: Rules, title: str) -> Tier | None:
    """The highest tier that this title earns, None when the notice names it in none."""
    return max((tier for tier in rules.tiers if title in tier.titles), key=lambda tier: tier.quota, default=None)


def _order(match: Match) -> tuple[Decimal, str]:
    return (-match.tier.quota if match.tier else Decimal(1), match.held.code)
