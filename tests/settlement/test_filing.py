"""The provider makes a claim, submits it, takes it back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.states import Role
from contracts.services import endings
from foundation import clock
from providers.models import SettlementAccount
from settlement import checklist
from settlement.models import Claim
from settlement.services import filing
from settlement.states import ClaimState
from tests.factories.accounts import make_user
from tests.factories.contracts import make_contract
from tests.factories.settlement import Case, Desk, make_claim
from tests.settlement.support import last, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal():
    return make_contract("confirmed", amount="12500.00")


def test_a_claim_is_filled_from_the_contract(deal):
    claim = filing.create(by=deal.parties.po, contract_id=deal.pk)
    assert claim.number == "DF-2026-000001"
    assert (claim.state, claim.requested, claim.approved, claim.paid) == (
        ClaimState.DRAFT,
        Decimal("10000.00"),
        None,
        None,
    )
    assert (claim.accepted_amount, claim.deposit, claim.voucher, claim.balance) == (
        Decimal("12500.00"),
        Decimal("2500.00"),
        Decimal("10000.00"),
        Decimal("0.00"),
    )
    assert (claim.contract_id, claim.provider_id, claim.notice_id) == (
        deal.pk,
        deal.parties.provider.pk,
        deal.at.notice_id,
    )
    assert claim.payee["name"] == deal.parties.provider.name
    papers = claim.materials
    assert papers["contract"]["number"] == deal.at.number
    assert [one["side"] for one in papers["contract"]["signatures"]] == ["enterprise", "provider"]
    assert [(one["kind"], one["amount"], one["state"]) for one in papers["payments"]] == [
        ("deposit", "2500.00", "matched")
    ]
    assert [len(step["files"]) for step in papers["milestones"]] == [1]
    assert len(papers["milestones"][0]["files"][0]["sm3"]) == 64
    assert papers["confirmation"]["signed_by"] == ["enterprise", "provider"]


def test_what_the_enterprise_accepted_is_what_is_requested():
    deal = make_contract("delivered", diagnosis=False, amount="60000.00")
    deal.accepted(Decimal("50000.00"))
    deal.paid_up()
    deal.confirmed()
    claim = filing.create(by=deal.parties.pl, contract_id=deal.pk)
    assert (claim.requested, claim.accepted_amount, claim.balance) == (
        Decimal("25000.00"),
        Decimal("50000.00"),
        Decimal("13000.00"),
    )


def test_a_contract_is_claimed_once(deal):
    filing.create(by=deal.parties.po, contract_id=deal.pk)
    with refused("ALREADY_CLAIMED"):
        filing.create(by=deal.parties.po, contract_id=deal.pk)


def test_an_unconfirmed_contract_is_not_claimed():
    deal = make_contract("paid_up")
    with refused("CONTRACT_NOT_CONFIRMED"):
        filing.create(by=deal.parties.po, contract_id=deal.pk)


def test_a_strangers_contract_is_not_there(deal):
    with refused("NOT_FOUND"):
        filing.create(by=make_user(Role.PROVIDER_AGENT), contract_id=deal.pk)


def test_the_enterprise_does_not_claim(deal):
    with refused("NOT_ALLOWED"):
        filing.create(by=deal.parties.el, contract_id=deal.pk)


def test_the_deadline_is_the_notices_limit_after_confirmation(deal):
    claim = filing.create(by=deal.parties.po, contract_id=deal.pk)
    assert claim.due == date(2026, 3, 2) + timedelta(days=30)


def test_submitting_signs_and_keeps_the_checklist():
    case = make_claim("submitted")
    claim = case.at
    assert (claim.state, claim.submitted_by_id) == (ClaimState.SUBMITTED, case.deal.parties.pl.pk)
    assert len(claim.digest) == 64
    assert [item["ok"] for item in claim.checklist] == [True] * len(checklist.ITEMS)
    record = last(claim)
    assert (record.act, record.facts["digest"], record.facts["requested"]) == ("submit", claim.digest, "10000.00")


def test_only_the_signatory_submits():
    case = make_claim()
    with refused("NOT_ALLOWED"):
        case.do(filing.submit, case.deal.parties.po)
    with refused("NOT_ALLOWED"):
        case.do(filing.submit, make_user(Role.PROVIDER_SIGNATORY))
    with refused("NOT_ALLOWED"):
        case.do(filing.submit, case.deal.parties.el)


def test_an_old_version_is_not_submitted():
    case = make_claim()
    with refused("VERSION_CONFLICT"):
        filing.submit(by=case.deal.parties.pl, claim_id=case.pk, version=case.at.version + 1)


def test_all_that_is_missing_is_told_at_once(travel):
    case = make_claim()
    travel.move_to(clock.end_of(case.at.due))
    deal = case.deal
    endings.open_dispute(by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, reason="对成果有异议")
    with refused("CLAIM_INCOMPLETE") as caught:
        case.submitted()
    missing = caught.value.details["missing"]
    assert [(item["code"], item["fault"]) for item in missing] == [("contract_confirmed", "F22"), ("in_time", "F23")]
    assert all(item["todo"] for item in missing)


def test_without_an_account_there_is_no_claim_to_sign(deal):
    case = make_claim(deal=deal)
    with refused("CLAIM_INCOMPLETE") as caught:
        SettlementAccount.objects.filter(provider=deal.parties.provider).update(effective_on=date(2027, 1, 1))
        case.submitted()
    assert [item["code"] for item in caught.value.details["missing"]] == ["account_registered"]


def test_the_last_day_counts(travel):
    case = make_claim()
    travel.move_to(clock.end_of(case.at.due) - timedelta(seconds=1))
    case.submitted()
    assert case.at.state == ClaimState.SUBMITTED


def test_the_department_gives_more_time(travel):
    case = make_claim()
    due = case.at.due
    travel.move_to(clock.end_of(due))
    with refused("CLAIM_INCOMPLETE"):
        case.submitted()
    case.do(filing.extend, case.desk.dp, until=due + timedelta(days=30), reason="系统升级")
    case.submitted()
    assert (case.at.state, case.at.due) == (ClaimState.SUBMITTED, due + timedelta(days=30))


CORRECTION = "correction"


@pytest.fixture
def returned_after_its_due_day(travel):
    """Submitted on the last day, returned three days later: the claim and the day it is to be put right by."""
    case = make_claim()
    due = case.at.due
    travel.move_to(clock.start_of(due) + timedelta(hours=10))
    case.submitted()
    travel.move_to(clock.start_of(due + timedelta(days=3)) + timedelta(hours=10))
    case.returned()
    return case


def test_a_claim_submitted_in_time_may_be_corrected_after_its_due_day(returned_after_its_due_day):
    case = returned_after_its_due_day
    assert (case.at.due, clock.today()) == (date(2026, 4, 1), date(2026, 4, 4))
    case.submitted()
    assert case.at.state == ClaimState.SUBMITTED


def test_the_correction_has_ten_working_days_of_the_calendar(returned_after_its_due_day):
    """4 to 6 April 2026 are the holiday of 清明节: the tenth working day after is the 20th."""
    case = returned_after_its_due_day
    limit = case.at.notice.parsed.limit(CORRECTION)
    assert (limit.length, limit.unit) == (10, "wd")
    assert case.at.correction_due == date(2026, 4, 20)
    assert last(case.at).facts["until"] == "2026-04-20"


def test_the_last_day_of_the_correction_counts(returned_after_its_due_day, travel):
    case = returned_after_its_due_day
    travel.move_to(clock.end_of(case.at.correction_due) - timedelta(seconds=1))
    case.submitted()
    assert case.at.state == ClaimState.SUBMITTED


def test_a_late_correction_is_refused_with_its_date(returned_after_its_due_day, travel):
    case = returned_after_its_due_day
    travel.move_to(clock.end_of(case.at.correction_due))
    with refused("CLAIM_INCOMPLETE") as caught:
        case.submitted()
    assert caught.value.message == (
        "有1项未满足，不能提交：1. 在补正期限内（截止2026-04-20，今天2026-04-21）：已过补正期限，请向厅职能处室申请延期。"
    )


def test_a_claim_returned_early_is_corrected_by_its_own_date_too(travel):
    case = make_claim("submitted")
    case.returned()
    assert (case.at.correction_due, case.at.due) == (date(2026, 3, 16), date(2026, 4, 1))
    travel.move_to(clock.start_of(date(2026, 3, 17)))
    with refused("CLAIM_INCOMPLETE"):
        case.submitted()


def test_the_department_gives_more_time_to_correct(returned_after_its_due_day, travel):
    case = returned_after_its_due_day
    travel.move_to(clock.end_of(case.at.correction_due))
    with refused("DEADLINE_NOT_LATER"):
        case.do(filing.extend, case.desk.dp, until=date(2026, 4, 20), reason="系统升级")
    case.do(filing.extend, case.desk.dp, until=date(2026, 4, 30), reason="系统升级")
    assert (case.at.correction_due, case.at.due) == (date(2026, 4, 30), date(2026, 4, 1))
    case.submitted()
    assert case.at.state == ClaimState.SUBMITTED


def test_taken_back_a_corrected_claim_keeps_the_correction_date(returned_after_its_due_day):
    case = returned_after_its_due_day
    case.submitted()
    case.do(filing.withdraw, case.deal.parties.po, reason="再核对")
    case.submitted()
    assert (case.at.state, case.at.correction_due) == (ClaimState.SUBMITTED, date(2026, 4, 20))


def test_nothing_is_returned_over_a_year_without_calendar(travel):
    travel.move_to(clock.start_of(date(2026, 12, 28)) + timedelta(hours=10))
    case = make_claim("submitted")
    with refused("CALENDAR_MISSING"):
        case.returned()


def test_more_time_is_more_and_by_the_department_only():
    case = make_claim()
    with refused("DEADLINE_NOT_LATER"):
        case.do(filing.extend, case.desk.dp, until=case.at.due, reason="无")
    with refused("NOT_ALLOWED"):
        case.do(filing.extend, case.desk.co, until=case.at.due + timedelta(days=1), reason="无")


def test_a_claim_is_taken_back_before_anyone_looks():
    case = make_claim("submitted")
    case.do(filing.withdraw, case.deal.parties.po, reason="材料有误")
    claim = case.at
    assert (claim.state, claim.submitted_by, claim.digest) == (ClaimState.DRAFT, None, "")
    case.submitted()
    case.checked()
    with refused("WRONG_STATE"):
        case.do(filing.withdraw, case.deal.parties.po, reason="再次撤回")


def test_strangers_do_not_take_it_back():
    case = make_claim("submitted")
    with refused("NOT_ALLOWED"):
        case.do(filing.withdraw, case.deal.parties.el, reason="无")


def test_numbers_follow_each_other():
    first, second = make_claim(), make_claim()
    assert [first.at.number, second.at.number] == ["DF-2026-000001", "DF-2026-000002"]


def test_an_unknown_claim_is_not_there():
    case = Case(make_contract("confirmed"), Desk(), make_user(Role.CITY).pk)
    with refused("NOT_FOUND"):
        filing.submit(by=case.deal.parties.pl, claim_id=case.pk, version=1)
    assert Claim.objects.count() == 0
