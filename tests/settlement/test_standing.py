"""Where a round stands: whose turn it is, its claims by state, the sums that must agree."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from settlement import progress, selectors, standing
from settlement.states import ClaimState
from tests.factories.settlement import Desk, make_batch, make_claim

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def round_of(until: str, count: int):
    desk = Desk()
    return make_batch(until, cases=[make_claim("passed", desk=desk) for _ in range(count)], desk=desk)


def test_claims_stand_by_state_with_their_sums_and_who_is_next():
    made = round_of("paying", 3)
    pay = made.cases[0].ordered()
    found = standing.of_batch(made.at)
    assert [(one.state, one.claims, one.amount) for one in found.lines] == [
        (ClaimState.PAYABLE, 2, Decimal(20000)),
        (ClaimState.PAYING, 1, Decimal(10000)),
    ]
    assert found.lines[0].waiting_for == "促进中心经办制作支付单"
    assert [one.ok for one in found.agreements] == [True] * 4
    assert progress.clock_of(made.cases[0].at).waiting_for == "促进中心复核支付单"
    pay.checked()
    assert progress.clock_of(made.cases[0].at).waiting_for == "财政厅发送国库"


@pytest.mark.parametrize(
    ("until", "turn"),
    [("open", "促进中心复核"), ("taken_in", "厅职能处室拟定"), ("reviewed", "厅审定"), ("marked", "财政厅确认拨款")],
)
def test_each_step_names_whose_turn_it_is(until, turn):
    assert standing.of_batch(make_batch(until).at).turn.startswith(turn)


def test_a_plan_says_only_what_it_can():
    found = standing.of_batch(round_of("planned", 2).at)
    assert [(one.label, one.ok) for one in found.agreements] == [("方案金额＝批次内各申请核定金额之和", True)]


def test_sums_that_do_not_agree_are_said_to():
    made = round_of("marked", 2)
    batch = made.at
    batch.requested += 1
    batch.total += 1
    told = {one.label: one.ok for one in standing.of_batch(batch).agreements}
    assert told["申请拨款＝已标记确认各申请之和"] is False
    assert told["方案金额＝现有申请＋异议成立移出"] is False


def test_money_reaches_the_first_and_each_needs_what_stands_before_it_too():
    made = round_of("marked", 3)
    found = standing.reach_of_money(made.at, 2)
    assert [(one.claim.number, one.needed) for one in found] == [
        (made.cases[0].at.number, Decimal(10000)),
        (made.cases[1].at.number, Decimal(20000)),
    ]
    made.paying(Decimal(15000))  # the second is not covered: 5,000 stay
    assert selectors.not_given_out(made.at) == Decimal(5000)
    assert [one.needed for one in standing.reach_of_money(made.at, 5)] == [Decimal(5000), Decimal(15000)]


def test_it_costs_the_same_for_one_claim_and_for_four():
    counts = []
    for count in (1, 4):
        batch = round_of("marked", count).at
        with CaptureQueriesContext(connection) as asked:
            standing.of_batch(batch)
            standing.reach_of_money(batch, 10)
        counts.append(len(asked))
    assert counts[0] == counts[1]
