"""The round itself: notice, intake, plan review, the third of a year, calling off, funds in order (第二十条; 6.10; 8-23)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.states import Role
from foundation import clock
from settlement import jobs
from settlement.services import batches, filing, funding
from settlement.states import BatchState, ClaimState
from tests.factories.accounts import Caller, make_user
from tests.factories.programmes import open_year
from tests.factories.settlement import Desk, make_batch, make_claim, make_payout
from tests.settlement.support import refused

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def draft(desk, first=date(2026, 3, 2), last=date(2026, 3, 20), **fields):
    return batches.open_batch(by=desk.co, title="兑付通知", intake_from=first, intake_to=last, **fields)


def states(batch):
    return [case.at.state for case in batch.cases]


def test_a_notice_is_issued_by_another_and_tells_who_may_claim():
    case = make_claim()
    desk = case.desk
    batch = draft(desk)
    assert (batch.state, batch.intake_to) == (BatchState.NOTICE, date(2026, 3, 20))
    with refused("NOT_ALLOWED"):
        batches.issue(by=desk.co, batch_id=batch.pk, version=batch.version)
    issued = batches.issue(by=desk.cr, batch_id=batch.pk, version=batch.version)
    assert (issued.state, issued.issued_by_id) == (BatchState.OPEN, desk.cr.pk)


def test_the_intake_ends_on_its_last_day(travel):
    open_year(2026)
    desk = Desk()
    batch = draft(desk)
    batch = batches.issue(by=desk.cr, batch_id=batch.pk, version=batch.version)
    for moment in (
        clock.now(),
        clock.start_of(date(2026, 3, 20)),
        clock.end_of(date(2026, 3, 20)) - timedelta(seconds=1),
    ):
        travel.move_to(moment)
        with refused("INTAKE_NOT_OVER") as caught:
            batches.close_intake(by=desk.co, batch_id=batch.pk, version=batch.version)
        assert caught.value.details == {"until": "2026-03-20"}
    assert jobs.close_intakes(date(2026, 3, 20)) == {"closed": 0}
    travel.move_to(clock.start_of(date(2026, 3, 21)))
    assert jobs.close_intakes(clock.today()) == {"closed": 1}
    assert jobs.close_intakes(clock.today()) == {"closed": 0}
    batch.refresh_from_db()
    assert batch.state == BatchState.INTAKE_CLOSED


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 3, 5), date(2026, 3, 4), "INTAKE_ORDER"),
        (date(2026, 2, 1), date(2026, 3, 1), "INTAKE_PAST"),
        (date(2026, 3, 2), date(2028, 3, 2), "INTAKE_YEAR"),
    ],
)
def test_an_intake_makes_sense(first, last, code):
    open_year(2026)
    with refused(code):
        draft(Desk(), first, last)


def test_a_third_round_of_the_year_wants_a_reason():
    open_year(2026)
    desk = Desk()
    for _ in range(2):
        draft(desk)
    with refused("THIRD_BATCH") as caught:
        draft(desk)
    assert caught.value.details == {"rounds": 2, "limit": 2}
    body = {"title": "兑付通知", "intake_from": "2026-03-02", "intake_to": "2026-03-20", "acknowledge": "年末集中到期"}
    made = Caller(desk.co).act("batches/", body)
    assert made.status_code == 201
    assert made.json()["warning"] == "本批次超出通知规定的每年度2次（办法第二十条），理由：年末集中到期"


def test_a_round_that_was_called_off_does_not_count():
    open_year(2026)
    desk = Desk()
    batch = draft(desk)
    draft(desk)
    cancelled = batches.cancel(by=desk.co, batch_id=batch.pk, version=batch.version, reason="没有申请")
    assert cancelled.state == BatchState.CANCELLED
    assert draft(desk).seq == 3


def test_what_was_planned_goes_back_when_the_round_is_called_off():
    batch = make_batch("reviewed")
    batch.do(batches.cancel, batch.desk.dp, reason="方案有误")
    assert (batch.at.state, states(batch)) == (BatchState.CANCELLED, [ClaimState.PASSED])


def test_an_approved_round_is_not_called_off():
    batch = make_batch("approved")
    with refused("WRONG_STATE"):
        batch.do(batches.cancel, batch.desk.dp, reason="方案有误")
    cleared = make_batch("cleared")
    with refused("BATCH_NOT_EMPTY"):
        cleared.do(batches.cancel, cleared.desk.dp, reason="方案有误")


def test_the_plan_is_reviewed_by_another():
    batch = make_batch("planned")
    for by in (batch.desk.dp, batch.desk.co, batch.desk.ap, make_user(Role.FINANCE)):
        with refused("NOT_ALLOWED"):
            batch.do(batches.review_plan, by)
    batch.do(batches.review_plan, batch.desk.cr)
    assert (batch.at.state, batch.at.plan_reviewed_by_id) == (BatchState.PLAN_REVIEW, batch.desk.cr.pk)


def test_a_plan_drawn_again_is_reviewed_again():
    batch = make_batch("reviewed")
    batch.planned()
    assert (batch.at.state, batch.at.plan_reviewed_by_id) == (BatchState.PLAN_DRAFT, None)
    with refused("WRONG_STATE"):
        batch.approved()


# Money in order.


@pytest.fixture
def three():
    """Three marked claims of 10,000.00, the first submitted first."""
    desk = Desk()
    return make_batch("marked", cases=[make_claim("passed", desk=desk) for _ in range(3)], desk=desk)


def test_short_funds_reach_the_first_and_nothing_is_split(three):
    assert three.at.requested == Decimal("30000.00")
    three.paying(Decimal("19999.99"))
    assert states(three) == [ClaimState.PAYABLE, ClaimState.MARKED, ClaimState.MARKED]
    three.paying(Decimal("0.01"))
    assert states(three) == [ClaimState.PAYABLE, ClaimState.PAYABLE, ClaimState.MARKED]
    three.paying()
    assert (states(three), three.at.funded) == ([ClaimState.PAYABLE] * 3, Decimal("30000.00"))


def test_a_smaller_claim_does_not_overtake(travel):
    desk = Desk()
    large = make_claim("passed", desk=desk)
    small = make_claim("passed", desk=desk, amount="1250.00")
    batch = make_batch("marked", cases=[large, small], desk=desk)
    batch.paying(Decimal("5000.00"))
    assert (states(batch), batch.at.state) == ([ClaimState.MARKED] * 2, BatchState.PAID_PART)


def test_no_more_is_set_aside_than_was_asked_for(three):
    with refused("FUND_TOO_MUCH") as caught:
        three.paying(Decimal("30000.01"))
    assert caught.value.details == {"limit": "30000.00"}


def test_only_finance_confirms_the_funds(three):
    for by in (three.desk.co, three.desk.dp, three.desk.ap):
        with refused("NOT_ALLOWED"):
            three.do(funding.fund, by, funding_no="文号", amount=Decimal("1.00"))


def test_a_later_round_waits_for_the_money_of_the_earlier(travel):
    desk = Desk()
    first = make_batch("marked", cases=[make_claim("passed", desk=desk)], desk=desk)
    travel.move_to(first.publicity_over + timedelta(days=1))
    second = make_batch("marked", cases=[make_claim("passed", desk=desk)], desk=desk)
    with refused("EARLIER_UNFUNDED") as caught:
        second.paying()
    assert caught.value.details["batch"] == first.at.number
    first.paying()
    second.paying()
    assert states(second) == [ClaimState.PAYABLE]


def test_a_batch_is_not_closed_while_something_waits_for_money(three):
    three.paying(Decimal("10000.00"))
    make_payout("paid", case=three.cases[0])
    assert three.at.state == BatchState.PAID_PART
    with refused("CLAIMS_OPEN") as caught:
        three.do(batches.close, three.desk.co)
    assert caught.value.details["claims"] == [case.at.number for case in three.cases[1:]]


# Who comes too late for a round is in the next (第二十条: 以兑付通知为准).


def test_what_is_submitted_after_the_last_day_of_the_intake_is_the_next_rounds(travel):
    desk = Desk()
    inside, late = make_claim("passed", desk=desk), make_claim("draft", desk=desk)
    batch = make_batch("taken_in", cases=[inside, late], desk=desk)
    travel.move_to(clock.end_of(batch.at.intake_to))
    for step in ("submitted", "checked", "reviewed", "passed"):
        getattr(late, step)()
    assert Caller(late.deal.parties.po).get(f"/api/v1/claims/{late.pk}/clock/").json()["expected_batch"] == (
        "2026年度第2批（通知未发布）"
    )
    with refused("INTAKE_MISSED") as caught:
        batch.planned()
    assert caught.value.message == (
        f"批次PC-2026-01受理至2026-03-02，以下1笔在此之后提交，请移出并列入下一批次：{late.at.number}。"
    )
    assert caught.value.details == {"claims": [late.at.number], "until": "2026-03-02"}
    batch.do(batches.plan, desk.dp)
    assert (batch.at.claim_count, states(batch)) == (1, [ClaimState.IN_BATCH, ClaimState.PASSED])
    follower = make_batch("planned", cases=[late], desk=desk)
    assert follower.at.claim_count == 1


def test_submitted_in_the_last_minute_it_is_in_time(travel):
    case = make_claim("draft")
    batch = make_batch("issued", cases=[case])
    travel.move_to(clock.end_of(batch.at.intake_to) - timedelta(minutes=1))
    for step in ("submitted", "checked", "reviewed", "passed"):
        getattr(case, step)()
    batch.taken_in()
    batch.planned()
    assert states(batch) == [ClaimState.IN_BATCH]


def test_returned_and_put_right_after_the_intake_it_keeps_its_round(travel):
    """Taken back in between, too: it is the same filing."""
    case = make_claim("submitted")
    first = case.at.submitted_at
    batch = make_batch("taken_in", cases=[case])
    travel.move_to(clock.end_of(batch.at.intake_to) + timedelta(days=1))
    case.returned()
    case.submitted()
    case.do(filing.withdraw, case.deal.parties.po, reason="再改一处")
    case.submitted()
    assert case.at.first_submitted_at == first < case.at.submitted_at
    for step in ("checked", "reviewed", "passed"):
        getattr(case, step)()
    batch.planned()
    assert states(batch) == [ClaimState.IN_BATCH]


def test_taken_back_before_anyone_looked_it_is_filed_anew(travel):
    case = make_claim("submitted")
    case.do(filing.withdraw, case.deal.parties.po, reason="材料有误")
    assert case.at.first_submitted_at is None
    travel.move_to(clock.start_of(date(2026, 3, 5)))
    case.submitted()
    assert case.at.first_submitted_at == case.at.submitted_at
