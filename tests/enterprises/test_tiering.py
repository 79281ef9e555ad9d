"""Highest title only, the two calendar years, and what an upgrade or a loss issues."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises import tiering
from enterprises.tiering import Held
from programmes.rules import Tier

TIERS = (
    Tier("ordinary", "一般", Decimal("50000.00"), frozenset(), "第十条"),
    Tier("growing", "10万元档", Decimal("100000.00"), frozenset({"innovative_sme", "newly_listed"}), "第十条"),
    Tier("leading", "20万元档", Decimal("200000.00"), frozenset({"smart_factory", "region_champion"}), "第十条"),
    Tier("national", "30万元档", Decimal("300000.00"), frozenset({"little_giant"}), "第十条"),
)


class StubRules(SimpleNamespace):
    """The three things that tiering asks of a notice."""

    def tier_for(self, titles: Any) -> Tier:
        return next(tier for tier in self.tiers if not tier.titles)


RULES: Any = StubRules(tiers=TIERS, newly_listed_years=2)


def held(*codes: str) -> list[Held]:
    return [Held(code, code, "名单") for code in codes]


@pytest.mark.parametrize(
    ("codes", "tier", "winner"),
    [
        ((), "ordinary", ""),
        (("innovative_sme",), "growing", "innovative_sme"),
        (("innovative_sme", "little_giant", "smart_factory"), "national", "little_giant"),
        (("smart_factory", "region_champion"), "leading", "region_champion"),
        (("unknown_title",), "ordinary", ""),
        (("unknown_title", "smart_factory"), "leading", "smart_factory"),
    ],
)
def test_only_the_highest_title_counts(codes: tuple[str, ...], tier: str, winner: str) -> None:
    grade = tiering.grade(RULES, held(*codes), None, 2026)
    assert (grade.tier.code, grade.winning_title) == (tier, winner)


def test_the_order_of_the_titles_does_not_matter() -> None:
    one = tiering.grade(RULES, held("smart_factory", "region_champion"), None, 2026)
    other = tiering.grade(RULES, held("region_champion", "smart_factory"), None, 2026)
    assert one.winning_title == other.winning_title == "region_champion"


@pytest.mark.parametrize(
    ("since", "tier"),
    [
        (date(2023, 12, 31), "ordinary"),
        (date(2024, 1, 1), "growing"),
        (date(2025, 12, 31), "growing"),
        (date(2026, 1, 1), "ordinary"),
        (None, "ordinary"),
    ],
)
def test_newly_listed_is_the_two_calendar_years_before(since: date | None, tier: str) -> None:
    assert tiering.grade(RULES, [], since, 2026).tier.code == tier


def test_newly_listed_does_not_beat_a_higher_title() -> None:
    grade = tiering.grade(RULES, held("little_giant"), date(2025, 3, 1), 2026)
    assert [match.held.code for match in grade.matches] == ["little_giant", "newly_listed"]
    assert grade.tier.code == "national"


def test_titles_the_notice_does_not_name_are_told_last_without_a_tier() -> None:
    grade = tiering.grade(RULES, held("unknown_title", "innovative_sme"), None, 2026)
    assert [(match.held.code, match.tier and match.tier.code) for match in grade.matches] == [
        ("innovative_sme", "growing"),
        ("unknown_title", None),
    ]


def test_why_names_the_title_and_the_amount() -> None:
    grade = tiering.grade(RULES, held("little_giant"), None, 2026)
    assert grade.why == "按“little_giant”匹配“30万元档”，额度300,000.00元；就高不重复，其余称号不另加。"


@pytest.mark.parametrize(
    ("tier", "adjusted", "expected"),
    [
        (0, "0.00", "50000.00"),
        (0, "50000.00", "100000.00"),
        (3, "50000.00", "300000.00"),  # never past the highest tier
        (0, "-50000.01", "0.00"),  # never below nothing
        (1, "-30000.00", "70000.00"),
    ],
)
def test_an_adjustment_moves_the_entitlement_within_bounds(tier: int, adjusted: str, expected: str) -> None:
    assert tiering.entitlement(RULES, TIERS[tier], Decimal(adjusted)) == Decimal(expected)


@pytest.mark.parametrize(
    ("entitled", "issued", "free", "expected"),
    [
        ("50000", "0", "0", "50000"),  # the first grant
        ("100000", "50000", "20000", "50000"),  # an upgrade: the difference, at once
        ("50000", "100000", "100000", "-50000"),  # a loss, nothing used
        ("50000", "100000", "20000", "-20000"),  # a loss, 80000 used: all that is free goes
        ("50000", "100000", "0", "0"),  # a loss, all used: nothing to take
        ("50000", "100000", "60000", "-50000"),  # a loss, 40000 used: 10000 stay
        ("100000", "80000", "0", "20000"),  # won back after a loss: never past the entitlement
        ("100000", "100000", "70000", "0"),
    ],
)
def test_difference(entitled: str, issued: str, free: str, expected: str) -> None:
    assert tiering.difference(Decimal(entitled), Decimal(issued), Decimal(free)) == Decimal(expected)


amounts = st.decimals(min_value=0, max_value=1_000_000, places=2)


@given(entitled=amounts, used=amounts, free=amounts)
def test_what_is_left_afterwards_is_what_8_07_says(entitled: Decimal, used: Decimal, free: Decimal) -> None:
    change = tiering.difference(entitled, used + free, free)
    assert free + change == max(Decimal(0), entitled - used)


@given(steps=st.lists(st.tuples(amounts, amounts), max_size=8))
def test_no_path_of_gains_and_losses_issues_more_than_entitled_or_used(steps: list[tuple[Decimal, Decimal]]) -> None:
    issued = used = Decimal(0)
    for entitled, wanted in steps:
        issued += tiering.difference(entitled, issued, issued - used)
        assert issued == max(entitled, used)
        used += min(wanted, issued - used)
