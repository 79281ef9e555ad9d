"""The contract says where its claim stands: next step, what may be expected, and the stage in words (3.3; 6.5, 6.9)."""

from datetime import date, timedelta

import pytest

from contracts.services import endings
from contracts.states import ClaimStage
from foundation import clock
from settlement import jobs
from settlement.services import filing
from settlement.services.following import stage_of
from settlement.states import CLAIM_ARCS, STAGE_OF, ClaimState
from tests.factories.accounts import Caller
from tests.factories.contracts import make_contract
from tests.factories.settlement import make_batch, make_claim, make_payout
from tests.settlement.support import last

pytestmark = pytest.mark.django_db


def seen(case):
    """(stage, awaited, of whom, until when) and the sentence of what may be expected, as the provider reads them."""
    body = Caller(case.deal.parties.po).get(f"/api/v1/contracts/{case.deal.pk}/").json()
    assert body["claim_stage"] == stage_of(case.at)
    step, expected = body["next_step"], body["expected_settlement"]
    told = (step["awaited"], step["of"], step["limit_on"]) if step else None
    return body["claim_stage_label"], told, expected and expected["sentence"].split("；每年")[0]


def later(travel, day):
    travel.move_to(clock.start_of(day) + timedelta(hours=10))


OFFICE = ("兑付审核支付中", ("claim_office", "office", None), "兑付申请已提交，由管理部门审核支付，服务商无需办理")


def test_before_and_after_the_submission_and_taken_back():
    case = make_claim()
    filed = "服务商须在2026-04-01前（含当日）申请兑付"
    assert seen(case) == ("未申请兑付", ("claim", "provider", None), filed)
    case.submitted()
    assert seen(case) == OFFICE
    record = last(case.deal.at)
    assert (record.act, record.reason, record.facts) == (
        "follow_claim", case.at.number, {"claim_stage": "office", "due": "", "state": "confirmed"},
    )  # fmt: skip
    case.do(filing.withdraw, case.deal.parties.po, reason="材料有误")
    assert seen(case) == ("未申请兑付", ("claim", "provider", "2026-04-01"), filed)


def test_through_the_offices_the_contract_is_told_once():
    case = make_claim("submitted")
    version = case.deal.at.version
    case.checked()
    case.reviewed()
    assert case.deal.at.version == version
    case.passed()
    batch = make_batch("publicised", cases=[case])
    assert (batch.at.state, seen(case)) == ("publicity", OFFICE)


def test_the_wait_for_the_offices_began_with_the_submission(travel):
    case = make_claim("passed")
    later(travel, date(2026, 3, 5))
    make_batch("approved", cases=[case])
    step = Caller(case.deal.parties.po).get(f"/api/v1/contracts/{case.deal.pk}/").json()["next_step"]
    assert (step["since_on"], step["sentence"]) == ("2026-03-02", "等待管理部门审核和支付兑付，已等3天。")


def test_returned_it_waits_for_the_correction_and_then_for_a_new_filing(travel):
    case = make_claim("submitted")
    case.returned()
    assert seen(case) == (
        "兑付申请退回补正",
        ("claim_correction", "provider", "2026-03-16"),
        "兑付申请已退回，服务商须在2026-03-16前（含当日）补正",
    )
    later(travel, date(2026, 3, 17))
    jobs.time_out_corrections(clock.today())
    assert seen(case) == (
        "兑付逾期未补正，可重新申报",
        ("claim_refile", "provider", "2027-06-30"),
        "兑付申请逾期未补正，服务商可在2027-06-30前（含当日）重新申报，期满不予兑付",
    )
    case.do(filing.refile, case.deal.parties.po)
    assert seen(case) == (
        "未申请兑付", ("claim", "provider", "2027-06-30"), "服务商须在2027-06-30前（含当日）申请兑付",
    )  # fmt: skip
    case.submitted()
    assert seen(case) == OFFICE


def test_more_time_given_to_the_claim_is_the_contracts_too():
    case = make_claim()
    case.do(filing.extend, case.desk.dp, until=date(2026, 5, 8), reason="系统升级")
    assert seen(case) == (
        "未申请兑付", ("claim", "provider", "2026-05-08"), "服务商须在2026-05-08前（含当日）申请兑付",
    )  # fmt: skip


def test_refused_and_the_appeal_dismissed_nothing_is_to_come():
    case = make_claim("reviewed")
    case.refused()
    assert seen(case) == (
        "兑付不予通过，可申诉",
        ("claim_appeal", "provider", "2026-03-16"),
        "兑付申请不予通过，服务商可在2026-03-16前（含当日）申诉，期满不予兑付；申诉成立的，重新审核",
    )
    case.appealed()
    assert seen(case) == OFFICE
    case.dismissed()
    assert (case.deal.at.state, seen(case)) == ("confirmed", ("兑付不予通过", None, None))


def test_an_appeal_that_is_right_is_with_the_offices_again():
    case = make_claim("reviewed")
    case.refused()
    case.appealed()
    case.upheld()
    assert seen(case) == OFFICE


def test_a_refusal_nobody_contests_is_the_end(travel):
    case = make_claim("reviewed")
    case.refused()
    later(travel, date(2026, 3, 17))
    jobs.finish_refusals(clock.today())
    assert seen(case) == ("兑付不予通过", None, None)


def test_a_bounced_payment_waits_for_the_account_and_a_paid_one_for_nothing():
    pay = make_payout("sent")
    pay.returned("channel")
    label, told, expected = seen(pay.case)
    due = str(pay.case.at.step_due)
    assert (label, told) == ("支付退回，待更正收款账户", ("claim_account", "provider", due))
    assert expected == f"支付被退回，服务商须在{due}前（含当日）更正收款账户并由签署人确认，再行支付"
    paid = make_payout("paid").case
    assert (paid.deal.at.state, seen(paid)) == ("settled", ("已支付", None, None))


def test_paid_while_frozen_it_says_so_at_once():
    pay = make_payout("sent")
    pay.case.deal.do(endings.freeze, pay.case.desk.dp, reason="核查")
    pay.paid()
    assert (pay.case.deal.at.state, pay.case.deal.at.claim_stage) == ("frozen", ClaimStage.PAID)


def test_every_state_of_a_claim_has_its_stage():
    assert set(STAGE_OF) | {ClaimState.REFUSED} == set(CLAIM_ARCS)


def test_a_contract_without_a_claim_says_none():
    assert make_contract("draft").at.claim_stage == ClaimStage.NONE
