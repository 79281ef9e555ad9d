"""A confirmed contract that nobody claims in time is overdue, and the department gives it time again (6.5, 8-16)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from contracts import jobs as contract_jobs
from contracts.services import endings
from engines.evidence.selectors import of_subject
from engines.notifications.models import OutboxEvent
from foundation import clock
from foundation import jobs as job_runner
from settlement import jobs
from settlement.services import filing, lapsing, refusing
from settlement.states import ClaimState
from tests.factories.accounts import TESTER
from tests.factories.contracts import make_contract
from tests.factories.settlement import Desk, make_batch, make_claim
from tests.settlement.support import last, lines, refused, standing

pytestmark = pytest.mark.django_db

DUE = date(2026, 4, 1)


@pytest.fixture
def late(travel):
    """Move to ten in the morning of the day after the last one."""

    def go(due=DUE):
        travel.move_to(clock.start_of(due + timedelta(days=1)) + timedelta(hours=10))

    return go


def run():
    return jobs.lapse_unclaimed(clock.today())["lapsed"]


def test_a_contract_nobody_claimed_is_overdue_and_both_parties_are_told(late):
    deal = make_contract("confirmed")
    late()
    assert run() == 1
    assert (deal.at.state, last(deal.at).act) == ("overdue", "lapse")
    assert last(deal.at).reason == "申报期限2026-04-01已过，没有在期限内提交的兑付申请。"
    told = OutboxEvent.objects.get(topic="contract.overdue")
    parties = deal.parties
    assert told.organisation_ids == [parties.enterprise.organisation_id, parties.provider.organisation_id]
    assert "2026-04-01" in told.body


def test_it_lapses_once(late):
    deal = make_contract("confirmed")
    late()
    assert (run(), run()) == (1, 0)
    assert [record.act for record in of_subject(deal.at)].count("lapse") == 1


def test_the_last_day_counts(travel):
    deal = make_contract("confirmed")
    travel.move_to(clock.end_of(DUE) - timedelta(seconds=1))
    assert (run(), deal.at.state) == (0, "confirmed")


def test_a_draft_does_not_keep_a_contract_and_cannot_be_submitted_any_more(late):
    case = make_claim()
    late()
    assert (run(), case.deal.at.state) == (1, "overdue")
    with refused("CLAIM_LAPSED") as caught:
        case.submitted()
    assert caught.value.message == (
        f"申报期限2026-04-01已过，合同{case.deal.at.number}已逾期。请联系厅职能处室为合同办理延期，延期后再提交。"
    )
    with refused("CLAIM_LAPSED"):
        case.do(filing.extend, case.desk.dp, until=date(2026, 5, 1), reason="系统升级")


def test_a_claim_taken_back_does_not_keep_a_contract(late):
    case = make_claim("submitted")
    case.do(filing.withdraw, case.deal.parties.po, reason="材料有误")
    late()
    assert (run(), case.deal.at.state) == (1, "overdue")


def test_no_claim_is_made_on_a_lapsed_contract(late):
    deal = make_contract("confirmed")
    late()
    run()
    with refused("CLAIM_LAPSED"):
        filing.create(by=deal.parties.po, contract_id=deal.pk)


def test_a_contract_overdue_before_it_was_confirmed_is_another_matter(travel):
    deal = make_contract("performing")
    travel.move_to(clock.end_of(deal.at.end_date))
    assert contract_jobs.mark_overdue(clock.today()) == {"overdue": 1}
    with refused("CONTRACT_NOT_CONFIRMED"):
        filing.create(by=deal.parties.po, contract_id=deal.pk)


@pytest.mark.parametrize("until", ["submitted", "checked", "reviewed", "passed"])
def test_a_claim_under_way_keeps_its_contract(late, until):
    case = make_claim(until)
    late()
    assert (run(), case.deal.at.state) == (0, "confirmed")


def test_a_returned_claim_and_one_in_a_batch_keep_theirs(late):
    desk = Desk()
    returned = make_claim("submitted", desk=desk)
    returned.returned()
    make_batch("planned", cases=[make_claim("passed", desk=desk)])
    late()
    assert run() == 0


def test_a_refused_claim_has_been_answered_and_lapses_nothing(late):
    case = make_claim("reviewed", amount="12500.00")
    case.refused()
    late()
    assert (run(), case.deal.at.state) == (0, "confirmed")
    assert refusing.finish(case.pk, clock.today(), by=TESTER)
    assert lines(case) == standing("expired", "available", "available", "10000.00")
    assert case.at.state == ClaimState.REFUSED


def test_more_time_for_the_draft_is_more_time_for_the_contract(late):
    case = make_claim()
    case.do(filing.extend, case.desk.dp, until=date(2026, 5, 1), reason="系统升级")
    late()
    assert (run(), case.deal.at.state) == (0, "confirmed")
    late(date(2026, 5, 1))
    assert run() == 1


@pytest.mark.parametrize("drafted", [False, True])
def test_the_department_extends_a_lapsed_contract_and_it_is_claimed_until_then(late, travel, drafted):
    deal, desk = make_contract("confirmed"), Desk()
    case = make_claim(deal=deal, desk=desk) if drafted else None
    late()
    run()
    deal.do(endings.extend, desk.dp, end_date=date(2026, 5, 1), reason="系统升级")
    assert (run(), deal.at.state) == (0, "confirmed")
    travel.move_to(clock.end_of(date(2026, 5, 1)) - timedelta(seconds=1))
    assert run() == 0
    case = case or make_claim(deal=deal, desk=desk)
    case.submitted()
    assert (case.at.state, case.at.due) == (ClaimState.SUBMITTED, date(2026, 5, 1))


def test_an_extended_contract_lapses_again(late):
    deal, desk = make_contract("confirmed"), Desk()
    late()
    run()
    deal.do(endings.extend, desk.dp, end_date=date(2026, 5, 1), reason="系统升级")
    late(date(2026, 5, 1))
    assert (run(), deal.at.state) == (1, "overdue")
    assert last(deal.at).reason.startswith("申报期限2026-05-01已过")


def test_a_lapsed_contract_is_voided_and_its_money_is_free(late):
    deal, desk = make_contract("confirmed", amount="12500.00"), Desk()
    case = make_claim(deal=deal, desk=desk)
    late()
    run()
    deal.do(endings.void, desk.dp, reason="逾期未申报")
    assert deal.at.state == "voided"
    assert lines(case) == standing("expired", "available", "available", "10000.00")


def test_a_claim_submitted_between_the_list_and_the_lock_keeps_its_contract(late):
    case = make_claim()
    late()
    [due] = lapsing.unclaimed_before(clock.today())
    case.do(filing.extend, case.desk.dp, until=date(2026, 5, 1), reason="系统升级")
    case.submitted()
    assert lapsing.lapse(due, clock.today(), by=TESTER) is False
    assert case.deal.at.state == "confirmed"


def test_more_time_given_between_the_list_and_the_lock_keeps_the_contract(late):
    case = make_claim()
    late()
    [due] = lapsing.unclaimed_before(clock.today())
    case.do(filing.extend, case.desk.dp, until=date(2026, 5, 1), reason="系统升级")
    assert lapsing.lapse(due, clock.today(), by=TESTER) is False


def test_a_contract_not_yet_confirmed_or_interrupted_is_left_alone(late):
    running, disputed = make_contract("paid_up"), make_contract("confirmed")
    disputed.do(endings.open_dispute, disputed.parties.el, reason="对成果有异议")
    late()
    assert run() == 0
    assert (running.at.state, disputed.at.state) == ("paid_up", "disputed")


def test_a_run_for_an_earlier_day_goes_by_that_day(late):
    deal = make_contract("confirmed")
    late()
    assert jobs.lapse_unclaimed(DUE) == {"lapsed": 0}
    assert deal.at.state == "confirmed"


def test_the_jobs_are_known_by_name(late):
    make_contract("confirmed", amount=str(Decimal("12500.00")))
    late()
    assert job_runner.run("lapse_unclaimed") == {"lapsed": 1}
    assert job_runner.run("settle_resumed") == {"settled": 0}
