"""What a provider reads of its money in each state of a claim: the day to expect, or why there is none (第二十、二十一条)."""

from datetime import date, timedelta

import pytest

from foundation import clock
from settlement import outlook, progress
from settlement.states import ClaimState
from tests.factories.publicity import make_case as object_to
from tests.factories.settlement import make_batch, make_claim, make_payout

pytestmark = pytest.mark.django_db
UNUSED = {ClaimState.AUTO_CHECK, ClaimState.HARD_FAIL, ClaimState.AUTO_OK, ClaimState.AUTO_RISK, ClaimState.SUBSTANTIVE}


def told(case):
    return progress.clock_of(case.at).outlook


def later(travel, day):
    travel.move_to(clock.start_of(day) + timedelta(hours=10))


def test_every_state_a_claim_stays_in_has_its_sentence():
    assert set(outlook._OF) == set(ClaimState) - UNUSED


def test_before_it_is_submitted_the_last_day_to_do_so(travel):
    case = make_claim()
    assert told(case) == "尚未提交，还没有到账日期；请在2026-04-01前（含当日）由签署人提交，提交后按提交时间排队。"
    later(travel, date(2026, 4, 2))
    assert told(case) == "申报期已于2026-04-01截止，没有提交的不能兑付。"


def test_returned_the_last_day_to_put_it_right():
    case = make_claim("submitted")
    case.returned()
    due = case.at.correction_due
    assert told(case) == f"退回补正期间不计到账日期；请在{due}前（含当日）补正并重新提交，按重新提交的时间排队。"


def test_from_the_examination_to_the_queue_the_batch_it_is_likely_to_be_in():
    case = make_claim("submitted")
    assert told(case).startswith("审核通过后预计列入2026年度第1批（通知未发布）；")
    case.checked()
    case.reviewed()
    case.passed()
    assert told(case) == "审核已通过，等待列入2026年度第1批（通知未发布），现排第1位；审定并公示后支付。"


def test_in_the_batch_and_on_show_until_when():
    batch = make_batch("planned")
    case = batch.cases[0]
    assert told(case).startswith("已列入PC-2026-01（拟定结算方案），等待厅审定")
    batch.reviewed()
    batch.approved()
    assert told(case) == "已审定，等待公示；公示起止日期确定后即显示在此。"
    batch.publicised()
    last = batch.at.publicity.last
    assert told(case) == f"公示至{last}，期满无异议的确认兑付，财政厅落实资金后支付。"
    object_to(batch.at.publicity.items.get(subject_id=case.pk), step="accepted")
    assert told(case) == "公示期内收到异议，核查结论作出前没有到账日期；结论作出后告知。"


def test_cleared_it_waits_for_the_money_in_its_place():
    batch = make_batch("cleared")
    case = batch.cases[0]
    assert told(case) == "公示无异议，等待标记确认，现排第1位；财政厅落实资金后支付。"
    batch.marked()
    assert told(case) == "已标记确认，等待财政厅落实资金，现排第1位；资金落实后制作支付单。"
    batch.paying()
    assert told(case) == "资金已落实，等待制作支付单，现排第1位；国库支付后告知到账日期。"


def test_on_its_way_sent_back_and_paid():
    pay = make_payout("sent")
    assert told(pay.case) == "支付单已送国库，收到国库回执后即显示到账日期。"
    pay.returned()
    due = pay.case.at.step_due
    assert told(pay.case) == (
        f"支付被退回，款项未到账；请在{due}前（含当日）更正收款账户并由签署人确认，确认后重新支付。"
    )


def test_paid_the_day_and_the_amount():
    pay = make_payout("paid")
    assert told(pay.case) == f"已于{pay.case.at.paid_on}支付10,000.00元。"


def test_refused_what_is_still_open_and_when_it_is_final(travel):
    case = make_claim("reviewed")
    case.refused()
    assert told(case) == "不予通过，不支付；可在2026-03-16前（含当日）申诉，申诉成立的重新审核。"
    case.appealed()
    assert told(case).startswith("申诉正在答复")
    case.dismissed()
    assert told(case) == "不予通过已经生效，不再支付。"
