"""What the year leaves unpaid is paid first in the next, in its old order (第二十条, 8-23, 8-24; invariant 10)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from contracts import jobs as contract_jobs
from contracts.services import endings
from foundation import clock
from programmes import books
from settlement import jobs, progress
from settlement.services import batches, payouts
from settlement.states import BatchState, ClaimState
from tests.contracts.support import money
from tests.factories.calendar import know
from tests.factories.programmes import open_year
from tests.factories.settlement import Desk, make_batch, make_claim, make_payout
from tests.settlement.support import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def december(travel):
    know(2026, 2027)
    travel.move_to(clock.start_of(date(2026, 12, 1)) + timedelta(hours=10))
    return travel


def new_year(travel):
    travel.move_to(clock.start_of(date(2027, 1, 4)) + timedelta(hours=10))
    open_year(2027, budget=Decimal("1000000.00"))
    contract_jobs.close_year(clock.today())


@pytest.fixture
def old(december):
    """Two claims cleared and marked in December, one of them funded, none paid; it is January."""
    desk = Desk()
    batch = make_batch("marked", cases=[make_claim("passed", desk=desk) for _ in range(2)], desk=desk)
    december.move_to(batch.publicity_over + timedelta(hours=10))
    batch.paying(Decimal("10000.00"))
    new_year(december)
    return batch


def states(batch):
    return [case.at.state for case in batch.cases]


def test_the_provider_reads_into_which_year_it_was_carried_and_its_place(old):
    jobs.carry_over_claims(clock.today())
    assert [progress.clock_of(case.at).outlook for case in old.cases] == [
        f"上年度未能支付，已转入2027年度优先支付，现排第{place}位；该年度预算落实后制作支付单。" for place in (1, 2)
    ]


def test_payable_and_unfunded_alike_are_carried_over_with_their_money(old):
    assert states(old) == [ClaimState.PAYABLE, ClaimState.MARKED]
    assert jobs.carry_over_claims(clock.today()) == {"carried": 2}
    assert jobs.carry_over_claims(clock.today()) == {"carried": 0}
    assert states(old) == [ClaimState.CARRIED_OVER] * 2
    [case, _] = old.cases
    assert (case.at.carried_into, case.at.cap_year, old.at.state) == (2027, 2026, BatchState.PAID_PART)
    due = money(case.deal, 2027)
    assert due[books.BUDGET] == {"due": Decimal("20000.00")}
    assert due.get(books.CAP, {}) == {}


def test_nothing_is_carried_before_its_money_is(december):
    batch = make_batch("paying")
    december.move_to(clock.start_of(date(2027, 1, 4)))
    assert jobs.carry_over_claims(clock.today()) == {"carried": 0}
    contract_jobs.close_year(clock.today())
    assert jobs.carry_over_claims(clock.today()) == {"carried": 1}
    assert states(batch) == [ClaimState.CARRIED_OVER]


@pytest.fixture
def new(old, december):
    """A claim of the new year that could be paid."""
    desk = Desk()
    batch = make_batch("publicised", cases=[make_claim("passed", desk=desk)], desk=desk)
    december.move_to(batch.publicity_over + timedelta(hours=10))
    batch.cleared()
    batch.marked()
    return batch


def test_the_carried_ones_are_paid_first_and_in_their_order(old, new):
    jobs.carry_over_claims(clock.today())
    new.paying()
    first, second = old.cases
    with refused("CARRY_FIRST") as caught:
        new.cases[0].ordered()
    assert caught.value.details["claim"] == first.at.number
    with refused("CARRY_FIRST"):
        second.ordered()
    make_payout("paid", case=first)
    make_payout("paid", case=second)
    make_payout("paid", case=new.cases[0])
    assert [case.at.budget_year for case in (first, second, *new.cases)] == [2027, 2027, 2027]


def test_before_the_job_has_run_nothing_passes_either(old, new):
    with refused("EARLIER_UNFUNDED"):
        new.paying()


def test_a_payment_that_came_back_holds_nobody_up(old, new):
    jobs.carry_over_claims(clock.today())
    new.paying()
    first, second = old.cases
    make_payout("sent", case=first).returned()
    assert first.at.state == ClaimState.BOUNCED
    make_payout("paid", case=second)
    make_payout("created", case=new.cases[0])


def test_put_right_it_is_first_again(old, new, december):
    jobs.carry_over_claims(clock.today())
    new.paying()
    first, second = old.cases
    make_payout("sent", case=first).returned("channel")
    first.do(payouts.fix_account, first.deal.parties.pl)
    assert (first.at.state, first.at.carried_into) == (ClaimState.CARRIED_OVER, 2027)
    with refused("CARRY_FIRST"):
        second.ordered()


def test_a_frozen_contract_holds_nobody_up(old, new):
    jobs.carry_over_claims(clock.today())
    new.paying()
    first, second = old.cases
    first.deal.do(endings.freeze, first.desk.dp, reason="核查")
    make_payout("paid", case=second)
    make_payout("created", case=new.cases[0])


def test_an_order_given_back_returns_to_its_old_place(old):
    jobs.carry_over_claims(clock.today())
    pay = make_payout("created", case=old.cases[0])
    pay.do(payouts.reject, pay.case.desk.cr, reason="用途有误")
    assert pay.case.at.state == ClaimState.CARRIED_OVER


def test_a_batch_with_its_list_of_carried_claims_is_closed_and_they_are_paid_all_the_same(old):
    jobs.carry_over_claims(clock.today())
    closed = old.do(batches.close, old.desk.co)
    assert closed.state == BatchState.CLOSED
    for case in old.cases:
        make_payout("paid", case=case)
    assert states(old) == [ClaimState.PAID] * 2


def test_carried_a_second_time_it_keeps_its_place(old, december):
    jobs.carry_over_claims(clock.today())
    know(2028)
    december.move_to(clock.start_of(date(2028, 1, 3)))
    contract_jobs.close_year(clock.today())
    assert jobs.carry_over_claims(clock.today()) == {"carried": 2}
    case = old.cases[0].at
    assert (case.state, case.carried_into, case.cap_year) == (ClaimState.CARRIED_OVER, 2028, 2026)
