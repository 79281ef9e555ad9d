"""The provider's payment clock and the queues (第二十条, 第二十一条; 3.3: slow money)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation import clock
from settlement import jobs, progress, selectors
from tests.factories.accounts import Caller
from tests.factories.credit import make_record
from tests.factories.publicity import make_case as object_to
from tests.factories.settlement import Desk, make_batch, make_claim, make_payout

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def look(case, user=None):
    response = Caller(user or case.deal.parties.po).get(f"/api/v1/claims/{case.pk}/clock/")
    assert response.status_code == 200, response.content
    return response.json()


def later(travel, day):
    travel.move_to(clock.start_of(day) + timedelta(hours=10))


def test_days_in_each_step_who_is_waited_for_and_until_when(travel):
    case = make_claim("submitted")
    later(travel, date(2026, 3, 6))
    case.checked()
    later(travel, date(2026, 3, 17))
    seen = look(case)
    assert (seen["waiting_for"], seen["step_due"], seen["overdue"], seen["days_in_all"]) == (
        "促进中心复核", "2026-03-16", True, 15,
    )  # fmt: skip
    assert [(step["state_label"], step["days"]) for step in seen["steps"]] == [
        ("草稿", 0), ("已提交待形式审核", 4), ("形式审核通过待复核", 11),
    ]  # fmt: skip


def test_place_among_all_that_wait_for_a_batch():
    desk = Desk()
    cases = [make_claim("passed", desk=desk) for _ in range(2)]
    assert [(look(case)["queue"], look(case)["place"]) for case in cases] == [("待列入批次", 1), ("待列入批次", 2)]


def test_expected_is_the_open_round_or_the_next_one(travel):
    case = make_claim("passed")
    assert look(case)["expected_batch"] == "2026年度第1批（通知未发布）"
    batch = make_batch("issued", cases=[case])
    assert look(case)["expected_batch"] == (
        f"{batch.at.number} 2026年度第一批服务券兑付通知（受理2026-03-02至2026-03-02）"
    )
    batch.taken_in()
    batch.planned()
    assert look(case)["expected_batch"] == "PC-2026-01（拟定结算方案）"


def test_with_the_years_rounds_gone_it_is_next_years_with_last_years_dates(travel):
    case = make_claim("checked")
    for _ in range(2):
        make_batch("planned", cases=[make_claim("passed", desk=case.desk)], desk=case.desk).reviewed()
    assert look(case)["expected_batch"] == "2027年度第1批（通知未发布，上年度同批受理2026-03-02至2026-03-02）"


def test_one_list_of_what_is_missing(travel):
    case = make_claim("submitted")
    case.returned()
    later(travel, date(2026, 3, 17))
    assert [(one["code"], one["what"]) for one in look(case)["missing"]] == [
        ("F16", "请补充现场照片"), ("in_time", "在补正期限内（截止2026-03-16，今天2026-03-17）"),
    ]  # fmt: skip


def test_a_refusal_says_until_when_it_can_be_contested(travel):
    case = make_claim("reviewed")
    case.refused()
    [missing] = look(case)["missing"]
    assert (missing["code"], missing["todo"]) == ("appeal", "如有异议，请在2026-03-16前由签署人提出申诉")
    later(travel, date(2026, 3, 17))
    jobs.finish_refusals(clock.today())
    assert (look(case)["missing"], look(case)["waiting_for"]) == ([], "")


def test_after_a_refusal_the_clock_says_what_is_really_open(travel):
    case = make_claim("reviewed")
    case.refused()
    assert look(case)["waiting_for"] == "服务商申诉（截至2026-03-16，期满即生效）"
    case.appealed()
    case.dismissed()
    assert (look(case)["waiting_for"], look(case)["missing"], look(case)["step_due"]) == ("", [], None)


def test_what_was_not_put_right_in_time_waits_to_be_filed_again(travel):
    case = make_claim("submitted")
    case.returned()
    later(travel, date(2026, 3, 17))
    jobs.time_out_corrections(clock.today())
    until = case.at.refile_until
    assert (until, look(case)["waiting_for"]) == (date(2027, 6, 30), f"服务商重新申报（截至{until}，期满即生效）")


def preflight(case):
    items = Caller(case.deal.parties.po).get(f"/api/v1/claims/{case.pk}/preflight/").json()["items"]
    [item] = [one for one in items if one["code"] == "in_time"]
    return item["ok"], item["found"]


def test_a_slow_office_does_not_make_a_claim_late(travel):
    case = make_claim("submitted")
    later(travel, date(2026, 5, 6))
    assert preflight(case) == (True, "截止2026-04-01，提交于2026-03-02")
    case.returned()
    due = case.at.correction_due
    assert preflight(case) == (True, f"截止{due}，今天2026-05-06")
    later(travel, due)
    case.submitted()
    later(travel, date(2026, 8, 3))
    assert preflight(case) == (True, f"截止{due}，提交于{due}")


def test_a_correction_that_never_came_is_late_whatever_was_submitted_before(travel):
    case = make_claim("submitted")
    case.returned()
    later(travel, date(2026, 3, 17))
    jobs.time_out_corrections(clock.today())
    assert preflight(case) == (False, "截止2026-03-16，今天2026-03-17")


def test_a_bounced_payment_says_what_to_do():
    pay = make_payout("sent")
    pay.returned()
    seen = look(pay.case)
    assert (seen["waiting_for"], [one["code"] for one in seen["missing"]]) == (
        "服务商更正并确认收款账户", ["account"],
    )  # fmt: skip


def test_an_objection_is_in_the_list_too():
    batch = make_batch("publicised")
    case = batch.cases[0]
    object_to(batch.at.publicity.items.get(subject_id=case.pk), step="accepted")
    assert [(one["code"], one["what"]) for one in look(case)["missing"]] == [
        ("objection", "公示期内收到异议，正在核查")
    ]


def test_a_blocked_provider_reads_what_blocks_it():
    case = make_claim("reviewed")
    make_record(uscc=case.deal.parties.provider.uscc)
    [missing] = look(case)["missing"]
    assert (missing["code"], missing["what"]) == ("not_restricted", "信用档案中有生效的限制")


def test_paid_there_is_nothing_left():
    pay = make_payout("paid")
    seen = look(pay.case)
    assert (seen["paid"], seen["queue"], seen["place"], seen["missing"], seen["waiting_for"]) == (
        "10000.00", "", None, [], "",
    )  # fmt: skip


def test_the_queue_shows_everybody_their_own_and_the_place_among_all():
    desk = Desk()
    first, second = (make_claim("passed", desk=desk) for _ in range(2))
    ready = make_batch("paying", cases=[make_claim("passed", desk=desk)], desk=desk).cases[0]
    office = Caller(desk.co).get("/api/v1/claims/queue/").json()
    assert [(row["place"], row["number"]) for row in office["for_batch"]] == [
        (1, first.at.number),
        (2, second.at.number),
    ]
    assert [(row["place"], row["number"]) for row in office["for_payment"]] == [(1, ready.at.number)]
    own = Caller(second.deal.parties.po).get("/api/v1/claims/queue/").json()
    assert [(row["place"], row["number"]) for row in own["for_batch"]] == [(2, second.at.number)]
    assert own["for_payment"] == []


def test_every_state_says_who_is_waited_for():
    """But the last one, and those that the platform passes through within an act or does not use."""
    final = {
        "paid",
        "substantive",
        "auto_check",
        "hard_fail",
        "auto_ok",
        "auto_risk",
        "clawback_partial",
        "clawback_full",
    }
    told = {*progress.WAITING_FOR, progress.C.REFUSED}  # of which the dates tell what is open
    assert {str(state) for state in progress.C} - final == {str(state) for state in told}


def test_the_queue_costs_the_same_for_one_claim_and_for_three_and_shows_the_first():
    desk = Desk()
    officer = desk.dp
    cases = [make_claim("passed", desk=desk)]
    with CaptureQueriesContext(connection) as few:
        progress.queue_for(selectors.visible_claims(officer))
    cases += [make_claim("passed", desk=desk) for _ in range(2)]
    with CaptureQueriesContext(connection) as many:
        found = progress.queue_for(selectors.visible_claims(officer))["for_batch"]
    assert len(many) == len(few)
    assert [(one["place"], one["number"]) for one in found] == [
        (place, case.at.number) for place, case in enumerate(cases, 1)
    ]
