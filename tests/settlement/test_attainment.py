"""What a year has reached of its targets: each figure by hand, the share of the target, the cost (第五条)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from foundation import clock
from programmes import selectors, services
from programmes.targets import Indicator
from settlement.attainment import attained
from tests.factories.accounts import officer
from tests.factories.contracts import make_contract, make_parties
from tests.factories.programmes import open_year
from tests.factories.settlement import make_payout

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> int:
    open_year(clock.today().year, budget="1000000.00")
    return clock.today().year


def figures(year, targets=None):
    return {one.indicator: one for one in attained(officer(Role.DEPARTMENT), year, targets)}


def in_force(year, **targets):
    row = services.draft_targets(
        by=officer(Role.DEPARTMENT),
        year=year,
        doc_no="桂工信〔示例〕8号",
        targets={k: Decimal(v) for k, v in targets.items()},
    )
    return services.confirm_targets(by=officer(Role.APPROVER), targets_id=row.pk, version=row.version)


def test_a_year_in_which_nothing_happened(year):
    found = figures(year)
    assert {code: one.reached for code, one in found.items()} == {
        Indicator.ENTERPRISES: 0, Indicator.CONTRACTS: 0, Indicator.VOUCHERS: 0, Indicator.PAID: 0, Indicator.EXECUTION: 0,
        Indicator.COMPLETION: None, Indicator.ON_TIME: None, Indicator.RATING: None,
    }  # fmt: skip
    assert all(one.target is None and one.rate is None for one in found.values())


def test_a_year_without_a_budget_has_no_execution_to_tell():
    assert figures(2031)[Indicator.EXECUTION].reached is None


def test_an_enterprise_counts_once_and_a_draft_not_at_all(year):
    parties = make_parties()
    for step in ("effective", "effective", "draft"):
        make_contract(step, parties=parties)
    found = figures(year)
    assert (found[Indicator.ENTERPRISES].reached, found[Indicator.CONTRACTS].reached) == (1, 2)


def test_what_is_paid_is_told_and_its_share_of_the_budget(year):
    pay = make_payout("paid")
    paid, total = pay.case.at.paid, selectors.figures(year).total
    found = figures(year)
    assert found[Indicator.PAID].reached == paid > 0
    assert found[Indicator.EXECUTION].reached == round(paid / total * 100, 2)
    assert (found[Indicator.COMPLETION].reached, found[Indicator.ON_TIME].reached) == (
        Decimal("100.00"),
        Decimal("100.00"),
    )


def test_the_rate_is_reached_over_target_rounded_to_two_decimals(year):
    make_contract("effective")
    found = figures(year, in_force(year, contracts=3))
    assert (found[Indicator.CONTRACTS].target, found[Indicator.CONTRACTS].rate) == (Decimal(3), Decimal("33.33"))
    assert found[Indicator.ENTERPRISES].target is None


def test_it_costs_the_same_for_one_contract_and_for_four(year):
    def cost():
        by = officer(Role.DEPARTMENT)
        with CaptureQueriesContext(connection) as asked:
            attained(by, year, None)
        return len(asked)

    parties = make_parties()
    make_contract("effective", parties=parties)
    cost()  # what a process reads once
    few = cost()
    for _ in range(3):
        make_contract("confirmed", parties=parties)
    assert cost() == few
