"""A quota moved by hand: three people, within nothing and the highest tier."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.states import Role
from enterprises import services
from enterprises.models import Enterprise, QuotaAdjustment, QuotaGrant
from enterprises.states import AdjustmentState
from foundation import clock
from tests.enterprises.support import fresh, quota_balance, refused, yuan
from tests.factories.accounts import TESTER, make_user, officer
from tests.factories.enterprises import EnterpriseFactory, give_title

pytestmark = pytest.mark.django_db


def propose(row: Enterprise, amount: int, by: Any = None) -> QuotaAdjustment:
    by = by or officer(Role.CENTRE_CHECKER)
    return services.propose_adjustment(by=by, enterprise_id=row.pk, amount=yuan(amount), reason="名录数据有误")


def review(adjustment: QuotaAdjustment, by: Any = None) -> QuotaAdjustment:
    by = by or officer(Role.CENTRE_REVIEWER)
    return services.review_adjustment(by=by, adjustment_id=adjustment.pk, version=adjustment.version)


def decide(adjustment: QuotaAdjustment, by: Any = None) -> QuotaAdjustment:
    by = by or officer(Role.DEPARTMENT)
    return services.decide_adjustment(
        by=by, adjustment_id=adjustment.pk, version=adjustment.version, decision_no="桂工信函〔2026〕1号"
    )


@pytest.mark.parametrize(("amount", "quota"), [(30000, 80000), (-20000, 30000), (-90000, 0), (900000, 300000)])
def test_a_decided_adjustment_moves_the_quota_within_its_bounds(amount: int, quota: int) -> None:
    row = EnterpriseFactory(active=True, tier="5")
    decided = decide(review(propose(row, amount)))
    grant = QuotaGrant.objects.latest("pk")
    assert (decided.state, decided.decision_no) == (AdjustmentState.DECIDED, "桂工信函〔2026〕1号")
    assert (grant.kind, grant.quota, grant.amount) == ("manual", yuan(quota), yuan(quota - 50000))
    assert quota_balance(row).issued == yuan(quota)


def test_it_stays_when_the_tier_changes_afterwards() -> None:
    row = EnterpriseFactory(active=True, tier="5")
    decide(review(propose(row, 30000)))
    give_title(row, "innovative_sme")
    services.regrade(by=TESTER, enterprise_id=row.pk)
    assert quota_balance(row).issued == yuan(130000)


def test_nothing_moves_before_it_is_decided() -> None:
    row = EnterpriseFactory(active=True, tier="5")
    review(propose(row, 30000))
    services.regrade(by=TESTER, enterprise_id=row.pk)
    assert quota_balance(row).issued == yuan(50000)


def test_a_declined_one_moves_nothing_and_makes_room_for_another() -> None:
    row = EnterpriseFactory(active=True)
    adjustment = propose(row, 30000)
    services.decline_adjustment(
        by=officer(Role.CENTRE_REVIEWER), adjustment_id=adjustment.pk, version=1, reason="依据不足"
    )
    assert fresh(adjustment).state == AdjustmentState.DECLINED
    assert propose(row, 10000).state == AdjustmentState.PROPOSED


def test_one_at_a_time() -> None:
    row, by = EnterpriseFactory(active=True), officer(Role.CENTRE_CHECKER)
    propose(row, 30000)
    with refused("ADJUSTMENT_OPEN"):
        propose(row, 10000, by)


def test_zero_is_no_adjustment() -> None:
    row, by = EnterpriseFactory(active=True), officer(Role.CENTRE_CHECKER)
    with refused("ADJUSTMENT_ZERO"):
        propose(row, 0, by)


def test_there_must_be_a_quota_to_adjust() -> None:
    EnterpriseFactory(active=True)
    row, by = EnterpriseFactory(), officer(Role.CENTRE_CHECKER)
    with refused("NO_QUOTA_YET"):
        propose(row, 30000, by)


@pytest.mark.parametrize("role", [Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.ENTERPRISE_SIGNATORY])
def test_only_the_checker_proposes(role: str) -> None:
    row, by = EnterpriseFactory(active=True), make_user(role)
    with refused("NOT_ALLOWED"):
        propose(row, 30000, by)


def test_who_proposed_does_not_review() -> None:
    row = EnterpriseFactory(active=True)
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    adjustment = propose(row, 30000, both)
    with refused("NOT_ALLOWED"):
        review(adjustment, both)


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.APPROVER])
def test_only_the_department_decides(role: str) -> None:
    adjustment, by = review(propose(EnterpriseFactory(active=True), 30000)), officer(role)
    with refused("NOT_ALLOWED"):
        decide(adjustment, by)


def test_nothing_is_decided_before_its_review() -> None:
    adjustment, by = propose(EnterpriseFactory(active=True), 30000), officer(Role.DEPARTMENT)
    with refused("WRONG_STATE"):
        decide(adjustment, by)


def test_a_decided_one_is_not_declined() -> None:
    adjustment, by = decide(review(propose(EnterpriseFactory(active=True), 30000))), officer(Role.DEPARTMENT)
    with refused("WRONG_STATE"):
        services.decline_adjustment(by=by, adjustment_id=adjustment.pk, version=adjustment.version, reason="x")


def test_the_year_is_the_one_that_runs() -> None:
    assert propose(EnterpriseFactory(active=True), 30000).year == clock.today().year
