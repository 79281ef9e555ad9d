"""A refusal waits for the appeal: the money stays until it is final (6.9, 8-40, section 9)."""

from datetime import date, timedelta

import pytest

from accounts.states import Role
from contracts import jobs as contract_jobs
from contracts.services import endings
from engines.ledger import selectors as ledger
from engines.notifications.models import OutboxEvent
from foundation import clock
from programmes import books
from settlement import jobs
from settlement.models import Appeal
from settlement.services import appeals, approving, refusing
from settlement.states import AppealState, ClaimState
from tests.contracts.support import everywhere, money, nowhere
from tests.factories.accounts import make_user
from tests.factories.calendar import know
from tests.factories.contracts import upload
from tests.factories.settlement import Desk, make_batch, make_claim
from tests.settlement.support import last, lines, refused, standing

pytestmark = pytest.mark.django_db
HELD = standing("committed", "committed", "committed", "10000.00")
FREE = standing("expired", "available", "available", "10000.00")


@pytest.fixture
def case():
    """A claim refused on 2 March: ten working days to appeal, to the 16th."""
    made = make_claim("reviewed")
    made.refused()
    return made


def day_after(day):
    return clock.start_of(day) + timedelta(days=1, hours=2)


def test_nobody_appeals_and_the_refusal_is_final(case, travel):
    assert (case.at.appeal_until, lines(case)) == (date(2026, 3, 16), HELD)
    assert jobs.finish_refusals(date(2026, 3, 16)) == {"final": 0}
    travel.move_to(day_after(date(2026, 3, 16)))
    assert jobs.finish_refusals(clock.today()) == {"final": 1}
    assert (case.at.state, case.at.final_at is None, lines(case)) == (ClaimState.REFUSED, False, FREE)
    assert money(case.deal, 2026) == {**nowhere(), "quota": {"expired": case.deal.at.voucher}}


def test_finishing_twice_changes_nothing_more(case, travel):
    travel.move_to(day_after(date(2026, 3, 16)))
    jobs.finish_refusals(clock.today())
    version = case.at.version
    assert jobs.finish_refusals(clock.today()) == {"final": 0}
    assert case.at.version == version


def test_an_appeal_keeps_the_money_however_long_it_takes(case, travel):
    case.appealed()
    travel.move_to(day_after(date(2026, 4, 30)))
    assert jobs.finish_refusals(clock.today()) == {"final": 0}
    assert (case.at.state, lines(case)) == (ClaimState.APPEAL, HELD)


def test_an_appeal_names_its_grounds_papers_and_the_day_of_the_answer(case):
    paper = upload(case.deal.parties.pl)
    appeal = case.appealed(grounds="附检测报告", file_ids=[paper.pk])
    assert (appeal.state, appeal.grounds, appeal.due) == (AppealState.FILED, "附检测报告", date(2026, 3, 23))
    assert appeal.files == [{"id": str(paper.pk), "name": "材料.pdf", "sm3": paper.sm3}]
    assert (appeal.against_id, appeal.refusal_code) == (case.desk.dp.pk, "F20")
    assert OutboxEvent.objects.filter(topic="claim.appeal").count() == 1


def test_upheld_the_claim_is_decided_anew_by_another(case):
    case.appealed()
    case.upheld()
    claim = case.at
    assert (claim.state, claim.decided_by_id, claim.approved, claim.refusal_code, claim.appeal_until) == (
        ClaimState.FORMAL_REVIEW, None, None, "", None,
    )  # fmt: skip
    with refused("NOT_ALLOWED"):
        case.passed()
    case.desk.dp = case.desk.dp2
    case.passed()
    assert (case.at.state, case.at.decided_by_id) == (ClaimState.PASSED, case.desk.dp2.pk)


def test_the_one_who_answered_the_appeal_has_no_other_part_in_the_case(case):
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    case.appealed()
    case.upheld(both)
    with refused("NOT_ALLOWED"):
        case.do(refusing.refuse, both, code="F20", text="查实转包")
    case.desk.dp = case.desk.dp2
    case.passed()
    batch = make_batch("reviewed", cases=[case], desk=Desk())
    with refused("NOT_ALLOWED"):
        batch.do(approving.approve, both, approval_no="文号")


def test_dismissed_the_refusal_is_final_at_once(case):
    case.appealed()
    case.dismissed()
    assert (case.at.state, case.at.final_at is None, lines(case)) == (ClaimState.REFUSED, False, FREE)
    assert last(case.at).facts["stage"] == "appeal"
    assert jobs.finish_refusals(date(2026, 12, 1)) == {"final": 0}


def test_an_appeal_is_filed_once(case):
    case.appealed()
    case.upheld()
    case.desk.dp = case.desk.dp2
    case.refused()
    assert (case.at.final_at is None, lines(case)) == (False, FREE)
    with refused("ALREADY_APPEALED"):
        case.appealed()


def test_an_appeal_is_filed_in_time(case, travel):
    travel.move_to(clock.end_of(date(2026, 3, 16)) - timedelta(seconds=1))
    case.appealed()


def test_a_late_appeal_is_told_its_day(case, travel):
    travel.move_to(clock.end_of(date(2026, 3, 16)))
    with refused("APPEAL_LATE") as caught:
        case.appealed()
    assert caught.value.details == {"until": "2026-03-16"}


def test_a_final_refusal_is_not_appealed(case, travel):
    travel.move_to(day_after(date(2026, 3, 16)))
    jobs.finish_refusals(clock.today())
    with refused("REFUSAL_FINAL"):
        case.appealed()


def test_only_the_signatory_appeals_and_with_its_own_papers(case):
    for by in (case.deal.parties.po, case.deal.parties.el, case.desk.dp):
        with refused("NOT_ALLOWED"):
            case.do(appeals.file, by, grounds="没有转包")
    with refused("NOT_FOUND"):
        case.appealed(file_ids=[upload(case.deal.parties.eo).pk])


@pytest.mark.parametrize("seat", ["co", "cr", "dp", "fn"])
def test_who_had_a_part_in_the_case_does_not_answer(case, seat):
    case.appealed()
    for answer in (case.upheld, case.dismissed):
        with refused("NOT_ALLOWED"):
            answer(getattr(case.desk, seat))


def test_of_a_contract_that_ended_only_the_refusal_is_left(case):
    case.appealed()
    for act in (endings.freeze, endings.void):
        case.deal.do(act, case.desk.dp, reason="查实转包")
    with refused("CONTRACT_ENDED"):
        case.upheld()
    case.dismissed()
    assert (case.at.state, ledger.recompute()) == (ClaimState.REFUSED, [])


def test_a_refusal_becomes_final_although_the_contract_is_frozen(case, travel):
    case.deal.do(endings.freeze, case.desk.dp, reason="核查")
    travel.move_to(day_after(date(2026, 3, 16)))
    assert jobs.finish_refusals(clock.today()) == {"final": 1}
    assert lines(case) == FREE


def test_the_money_of_a_refusal_is_not_let_go_twice(case, travel):
    for act in (endings.freeze, endings.void):
        case.deal.do(act, case.desk.dp, reason="查实转包")
    travel.move_to(day_after(date(2026, 3, 16)))
    assert jobs.finish_refusals(clock.today()) == {"final": 1}
    assert (lines(case), ledger.recompute()) == (FREE, [])


def test_refused_in_december_the_money_follows_into_the_new_year(travel):
    """The appeal's time runs into a year: quota stays, cap and budget roll over, and all is let go there."""
    know(2026, 2027)
    travel.move_to(clock.start_of(date(2026, 12, 28)) + timedelta(hours=10))
    case = make_claim("reviewed")
    case.refused()
    travel.move_to(clock.start_of(date(2027, 1, 1)) + timedelta(hours=1))
    contract_jobs.close_year(clock.today())
    assert money(case.deal, 2027)["budget"] == everywhere("committed", "10000.00")["budget"]
    travel.move_to(day_after(case.at.appeal_until))
    assert jobs.finish_refusals(clock.today()) == {"final": 1}
    assert money(case.deal, 2027) == {books.CAP: {}, books.BUDGET: {}}
    assert Appeal.objects.count() == 0
