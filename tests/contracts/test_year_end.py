"""31 December 23:59:59 and 1 January 00:00:00, Shanghai."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.states import Role
from contracts import jobs, selectors
from contracts.services import closing, endings
from contracts.states import PaymentKind, State
from engines.ledger import selectors as ledger
from foundation import clock
from programmes import books
from tests.contracts.support import everywhere, money, nowhere, refused
from tests.factories.accounts import TESTER, officer
from tests.factories.contracts import make_contract, make_parties
from tests.factories.enterprises import grant_year
from tests.factories.programmes import open_year
from tests.factories.providers import list_year

pytestmark = pytest.mark.django_db
Y = 2026
DECEMBER = clock.start_of(date(Y, 12, 20))
MIDNIGHT = clock.start_of(date(Y + 1, 1, 1))
LAST_SECOND = MIDNIGHT - timedelta(seconds=1)


@pytest.fixture
def december():
    with time_machine.travel(DECEMBER, tick=False) as traveller:
        yield traveller


def open_next_year(deal, budget="1000000.00"):
    open_year(Y + 1, budget=Decimal(budget))
    grant_year(deal.parties.enterprise, Y + 1)
    list_year(deal.parties.provider, Y + 1)


def close():
    return jobs.close_year(clock.today())


def test_a_deposit_at_the_last_second_uses_the_old_years_quota(december):
    deal = make_contract("signed", amount="12500.00")
    december.move_to(LAST_SECOND)
    deal.effective()
    assert (deal.at.quota_year, deal.at.effective_at) == (Y, LAST_SECOND)
    assert money(deal, Y) == everywhere("committed", "10000.00")


def test_a_deposit_at_midnight_uses_the_new_years(december):
    deal = make_contract("signed", amount="12500.00")
    december.move_to(MIDNIGHT)
    open_next_year(deal)
    close()
    assert (deal.at.state, deal.at.hold) == (State.SIGNED_WAIT_DEPOSIT, None)
    deal.effective()
    assert (deal.at.quota_year, deal.at.effective_at) == (Y + 1, MIDNIGHT)
    assert money(deal, Y + 1) == everywhere("committed", "10000.00")


def test_a_deposit_at_midnight_before_the_job_has_run_uses_the_new_years_too(december):
    deal = make_contract("signed", amount="12500.00")
    december.move_to(MIDNIGHT)
    open_next_year(deal)
    deal.effective()
    assert deal.at.quota_year == Y + 1
    assert money(deal, Y + 1) == everywhere("committed", "10000.00")
    assert money(deal, Y) == nowhere()


def test_a_deposit_reported_in_time_and_matched_in_january_keeps_the_old_year(december):
    deal = make_contract("signed", amount="12500.00")
    december.move_to(LAST_SECOND)
    deal.report(PaymentKind.DEPOSIT)
    december.move_to(MIDNIGHT + timedelta(hours=9))
    open_next_year(deal)
    close()
    deal.confirm(PaymentKind.DEPOSIT)
    assert (deal.at.quota_year, deal.at.effective_at) == (Y, LAST_SECOND)
    assert money(deal, Y)[books.QUOTA]["committed"] == Decimal("10000.00")
    assert money(deal, Y + 1)[books.BUDGET] == {"committed": Decimal("10000.00")}


def test_a_deposit_in_the_new_year_without_quota_is_refused(december):
    deal = make_contract("signed", amount="12500.00")
    december.move_to(MIDNIGHT)
    close()
    deal.report(PaymentKind.DEPOSIT)
    with refused("QUOTA_SHORT"):
        deal.confirm(PaymentKind.DEPOSIT)


def test_a_contract_still_being_signed_is_cancelled(december):
    deal = make_contract("signing")
    december.move_to(MIDNIGHT)
    close()
    assert deal.at.state == State.CANCELLED


def test_free_quota_cap_and_budget_expire(december):
    deal = make_contract("effective", amount="12500.00", parties=make_parties(tier="30"))
    december.move_to(MIDNIGHT)
    result = close()
    assert result["quota_expired_fen"] == (300_000 - 10_000) * 100
    quota = ledger.balance(ledger.account_id(books.QUOTA, str(deal.parties.enterprise.pk), Y))
    assert (quota.available, quota.committed, quota.expired) == (0, Decimal("10000.00"), Decimal("290000.00"))


def test_what_runs_rolls_over_and_is_still_funded(december):
    deal = make_contract("effective", amount="12500.00")
    december.move_to(MIDNIGHT)
    open_next_year(deal)
    assert close()["carried_over"] == 1
    assert money(deal, Y)[books.BUDGET]["carried"] == Decimal("10000.00")
    assert money(deal, Y + 1) == {
        books.QUOTA: {},
        books.CAP: {"committed": Decimal("10000.00")},
        books.BUDGET: {"committed": Decimal("10000.00")},
    }


def test_what_is_approved_keeps_the_cap_of_its_year_and_only_its_money_moves(december):
    """8-24: it does not eat the new year's cap."""
    deal = make_contract("confirmed", amount="12500.00")
    closing.approve_vouchers([deal.at], by=TESTER, reason="审定")
    december.move_to(MIDNIGHT)
    open_next_year(deal)
    close()
    assert money(deal, Y + 1) == {books.QUOTA: {}, books.CAP: {}, books.BUDGET: {"due": Decimal("10000.00")}}
    assert money(deal, Y)[books.CAP]["committed"] == Decimal("10000.00")
    closing.confirm_vouchers([deal.at], by=TESTER, reason="标记确认")
    assert money(deal, Y)[books.CAP]["consumed"] == Decimal("10000.00")


def test_an_approval_that_is_taken_back_owes_nothing_and_keeps_what_was_set_aside(december):
    deal = make_contract("confirmed", amount="12500.00")
    closing.approve_vouchers([deal.at], by=TESTER, reason="审定")
    closing.reverse_approval(deal.at, by=TESTER, reason="异议成立")
    assert money(deal, Y) == everywhere("committed", "10000.00")


def test_closing_twice_changes_nothing_more(december):
    deal = make_contract("effective", amount="12500.00")
    december.move_to(MIDNIGHT)
    open_next_year(deal)
    close()
    before = (money(deal, Y), money(deal, Y + 1), deal.at.version)
    again = close()
    assert (again["carried_over"], again["quota_expired_fen"]) == (0, 0)
    assert (money(deal, Y), money(deal, Y + 1), deal.at.version) == before


def test_quota_of_a_contract_terminated_next_year_does_not_come_back(december):
    deal = make_contract("effective", amount="12500.00")
    december.move_to(MIDNIGHT)
    open_next_year(deal)
    close()
    request = deal.do(endings.request_termination, deal.parties.el, fault="provider", reason="x")
    request = endings.check_termination(
        by=officer(Role.CENTRE_CHECKER),
        termination_id=request.pk,
        version=request.version,
        fault="provider",
        reason="x",
    )
    endings.decide_termination(
        by=officer(Role.CENTRE_REVIEWER), termination_id=request.pk, version=request.version, reason="x"
    )
    assert money(deal, Y)[books.QUOTA] == {"expired": Decimal("300000.00")}
    assert money(deal, Y + 1)[books.BUDGET] == {}


def test_before_midnight_nothing_of_the_running_year_is_closed(december):
    deal = make_contract("signing")
    december.move_to(LAST_SECOND)
    close()
    assert deal.at.state == State.SIGNING


def test_a_contract_carried_over_is_counted_where_its_money_is(december):
    deal = make_contract("performing", amount="12500.00", end_date=date(Y + 1, 3, 1))
    [before] = selectors.commitments(Y)
    assert (before.state, before.contracts, before.vouchers) == ("performing", 1, Decimal("10000.00"))
    december.move_to(MIDNIGHT)
    open_next_year(deal)
    close()
    assert selectors.commitments(Y) == []
    assert selectors.commitments(Y + 1) == [before]
