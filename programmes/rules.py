"""The figures of one annual notice, as values that cannot be wrong. No ORM, no clock, no I/O.

Amounts are in 元, rates are fractions of 1. Every figure names the article it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from foundation.errors import Invalid

Unit = Literal["wd", "d", "m", "y"]
UNITS: Mapping[str, str] = {"wd": "个工作日", "d": "天", "m": "个月", "y": "年"}


@dataclass(frozen=True)
class Tier:
    """One line of 第十条: the quota in 元 for a year, and the titles that earn it (none: the ordinary line)."""

    code: str
    name: str
    quota: Decimal
    titles: frozenset[str]
    article: str


@dataclass(frozen=True)
class Category:
    """One service category of 第七条 with its rate and its cap in 元 a project (第十一条).

    `training` are the sub-types that teach people instead of serving one project (8-10): the category's rate holds.
    """

    code: str
    name: str
    rate: Decimal
    cap: Decimal
    is_diagnosis: bool
    article: str
    sub_types: Mapping[str, str]
    training: frozenset[str]


@dataclass(frozen=True)
class Admission:
    """What a provider must show (第十三条): years in business, core staff insured so many months, enterprises
    served last year, last year's revenue in 元. A parent's years always count; its other figures while the new
    body is younger than `new_body_years`."""

    years: int
    core_staff: int
    insured_months: int
    clients: int
    revenue: Decimal
    new_body_years: int
    article: str


@dataclass(frozen=True)
class Criterion:
    """One line of a score sheet, with the most points it gives and the words of the rule behind it."""

    code: str
    name: str
    points: int
    basis: str


@dataclass(frozen=True)
class Review:
    """Expert review (第九条, 第十五条; 8-51): so many experts, odd; recommended when at least `pass_votes` of
    `pass_of` vote for it. Who worked for or served the body within `avoidance_years` does not score it."""

    experts: int
    pass_votes: int
    pass_of: int
    avoidance_years: int
    provider_criteria: tuple[Criterion, ...]
    product_criteria: tuple[Criterion, ...]
    basis: str

    def passes(self, votes_for: int, votes: int) -> bool:
        """Enough of the `votes` are for it; nobody's vote is dropped."""
        return votes > 0 and votes_for * self.pass_of >= votes * self.pass_votes


@dataclass(frozen=True)
class TreasuryField:
    """One fixed column of the list sent to the treasury (预算管理一体化), the same for every order of the year."""

    code: str
    name: str
    value: str


@dataclass(frozen=True)
class Limit:
    """A time limit: so many working days (wd), days (d), months (m) or years (y), and on what ground."""

    code: str
    label: str
    length: int
    unit: Unit
    basis: str

    def __str__(self) -> str:
        return f"{self.length}{UNITS[self.unit]}"


@dataclass(frozen=True)
class YearEnd:
    """What becomes of quota at 24:00 on 31 December (第十九条), and until when an old contract may claim."""

    unused_quota: Literal["expire"]
    not_effective: Literal["release_then_expire"]
    effective: Literal["keep"]
    unpaid_claims: Literal["carry_over_first"]
    claim_end_month: int
    claim_end_day: int
    article: str

    def claim_end(self, quota_year: int) -> date:
        """The last day on which a contract of `quota_year` may be claimed: in the following year."""
        return date(quota_year + 1, self.claim_end_month, self.claim_end_day)


@dataclass(frozen=True)
class Ratings:
    """The scale of the 服务确认书: each aspect from lowest to highest."""

    lowest: int
    highest: int
    aspects: Mapping[str, str]


@dataclass(frozen=True)
class Reporting:
    """Quarterly report: the day of the month, and the months."""

    day: int
    months: tuple[int, ...]
    basis: str


@dataclass(frozen=True)
class Document:
    """A document the budget rests on."""

    doc_no: str
    title: str


@dataclass(frozen=True)
class Rules:
    """Everything that a notice of the general voucher decides."""

    tiers: tuple[Tier, ...]
    newly_listed_years: int
    categories: Mapping[str, Category]
    provider_cap: Decimal
    cap_warning: Decimal
    deposit_rate: Decimal
    smallest_voucher: Decimal
    budget_warnings: tuple[Decimal, ...]
    budget_sources: tuple[Document, ...]
    publicity_days: int
    publicity_counts_first_day: bool
    publicity_basis: str
    limits: Mapping[str, Limit]
    max_rectifications: int
    max_returns: int
    batch_rounds: int
    call_rounds: int
    admission: Admission
    review: Review
    treasury: tuple[TreasuryField, ...]
    year_end: YearEnd
    ratings: Ratings
    reporting: Reporting
    articles: Mapping[str, str]

    def limit(self, code: str) -> Limit:
        """The time limit `code`. Raises UNKNOWN_LIMIT naming the known ones."""
        if code not in self.limits:
            raise Invalid("UNKNOWN_LIMIT", f"通知中没有时限“{code}”。", known=sorted(self.limits))
        return self.limits[code]

    def category(self, code: str) -> Category:
        """The service category `code`. Raises UNKNOWN_CATEGORY naming the known ones."""
        if code not in self.categories:
            raise Invalid("UNKNOWN_CATEGORY", f"通知中没有服务类别“{code}”。", known=sorted(self.categories))
        return self.categories[code]

    def tier(self, code: str) -> Tier:
        """The tier `code`. Raises UNKNOWN_TIER naming the known ones."""
        for tier in self.tiers:
            if tier.code == code:
                return tier
        raise Invalid("UNKNOWN_TIER", f"通知中没有档次“{code}”。", known=[tier.code for tier in self.tiers])

    def tier_for(self, titles: Iterable[str]) -> Tier:
        """The highest tier that any of `titles` earns, the ordinary one without any (8-04: no adding up)."""
        held = set(titles)
        return max((tier for tier in self.tiers if not tier.titles or tier.titles & held), key=lambda tier: tier.quota)

    def article(self, code: str) -> str:
        """The words of the 办法 on `code`, for explanations. Raises UNKNOWN_ARTICLE naming the known ones."""
        if code not in self.articles:
            raise Invalid("UNKNOWN_ARTICLE", f"通知中没有条款“{code}”。", known=sorted(self.articles))
        return self.articles[code]
