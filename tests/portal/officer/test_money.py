"""The officers' money pages: who opens them, what they show, what each act does and who is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from portal.officer import tasks, urls
from settlement import selectors
from settlement.models import Batch, PayoutOrder
from settlement.states import BatchState, ClaimState, PayoutState
from tests.factories.accounts import make_user, officer
from tests.factories.settlement import Case, make_batch, make_claim, make_payout
from tests.portal.officer.pages import Desk, refused

pytestmark = pytest.mark.django_db
assert urls.urlpatterns

OFFICERS = (
    Role.CENTRE_CHECKER,
    Role.CENTRE_REVIEWER,
    Role.DEPARTMENT,
    Role.APPROVER,
    Role.FINANCE,
    Role.SUPERVISOR,
)
NOT_OFFICERS = (Role.ENTERPRISE_AGENT, Role.PROVIDER_SIGNATORY, Role.SYSTEM_ADMIN, Role.EXPERT)
LISTS = (
    "/o/claims/",
    "/o/appeals/",
    "/o/batches/",
    "/o/batches/queue/",
    "/o/payouts/",
    "/o/payouts/to-make/",
    "/o/budget/",
    "/o/caps/",
    "/o/settlement-accounts/",
)


def claim_page(case: Case) -> str:
    return f"/o/claims/{case.pk}/"


@pytest.mark.parametrize("address", LISTS)
def test_every_officer_reads_the_lists_and_nobody_else(address: str) -> None:
    for role in OFFICERS:
        assert Desk(make_user(role)).get(address).status_code == 200, role
    for role in NOT_OFFICERS:
        assert Desk(make_user(role)).get(address).status_code == 403, role


def test_a_city_reads_its_own_claims_only() -> None:
    case = make_claim("submitted")
    own = make_user(Role.CITY)
    seen = case.at.contract.enterprise.organisation.city[:4] == own.organisation.city[:4]
    assert Desk(own).get(claim_page(case)).status_code == (200 if seen else 404)


# --- claims


def test_the_review_screen_shows_materials_checks_and_what_may_be_done() -> None:
    case = make_claim("submitted")
    page = Desk(case.desk.co).read(claim_page(case))
    assert "结算材料" in page
    assert "余款已付清" in page
    assert case.at.contract.reached[0]["reached"] in page
    assert "形式审核通过" in page
    assert f"{claim_page(case)}check/" in page
    assert f"{claim_page(case)}pass/" not in page
    assert f"{claim_page(case)}check/" not in Desk(case.desk.cr).read(claim_page(case))


def test_three_people_take_a_claim_through() -> None:
    case = make_claim("submitted")
    for person, act in ((case.desk.co, "check"), (case.desk.cr, "review"), (case.desk.dp, "pass")):
        answer = Desk(person).act(f"{claim_page(case)}{act}/", note="同意")
        assert answer.status_code == 302, answer.content.decode()[:2000]
    assert (case.at.state, case.at.approved) == (ClaimState.PASSED, case.at.requested)


def test_who_checked_is_not_offered_the_review_and_is_refused_it() -> None:
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    case = make_claim("submitted")
    case.desk.co = both
    case.checked()
    assert f"{claim_page(case)}review/" not in Desk(both).read(claim_page(case))
    refused(Desk(both).act(f"{claim_page(case)}review/", note=""), 403, "NOT_ALLOWED")
    assert case.at.state == ClaimState.FORMAL_CHECK


def test_a_return_lists_everything_at_once() -> None:
    case = make_claim("submitted")
    fields = {"items-0-code": "F16", "items-0-text": "请补充照片", "items-1-code": "F03", "items-1-text": "请换XML"}
    answer = Desk(case.desk.co).act(f"{claim_page(case)}return/", **fields)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert case.at.state == ClaimState.RETURNED
    assert [one["code"] for one in case.at.return_items] == ["F16", "F03"]
    page = Desk(case.desk.co).read(claim_page(case))
    assert "关键环节缺少佐证材料：请补充照片" in page
    assert "F16" not in page


def test_a_return_without_items_changes_nothing() -> None:
    case = make_claim("submitted")
    assert Desk(case.desk.co).act(f"{claim_page(case)}return/").status_code == 422
    assert case.at.state == ClaimState.SUBMITTED


def test_a_reduction_takes_off_what_was_typed() -> None:
    case = make_claim("reviewed")
    wanted = case.at.requested
    fields = {"reduction": "1,000.00", "code": "F09", "reason": "不属于支持范围"}
    assert Desk(case.desk.dp).act(f"{claim_page(case)}reduce/", **fields).status_code == 302
    assert (case.at.state, case.at.approved) == (ClaimState.REDUCED, wanted - 1000)


def test_after_a_reduction_the_rest_is_held_and_nothing_is_amiss() -> None:
    case = make_claim("reviewed")
    case.reduced()
    page = Desk(case.desk.dp).read(claim_page(case))
    assert "全部符合" in page
    assert "锁定的资金不足" not in page


def test_a_reduction_of_everything_is_refused_in_words() -> None:
    case = make_claim("reviewed")
    fields = {"reduction": f"{case.at.requested}", "code": "F09", "reason": "全部"}
    refused(Desk(case.desk.dp).act(f"{claim_page(case)}reduce/", **fields), 400, "REDUCTION_TOO_LARGE")
    assert case.at.state == ClaimState.FORMAL_REVIEW


def test_a_refusal_may_be_appealed_and_is_answered_by_another() -> None:
    case = make_claim("reviewed")
    assert Desk(case.desk.dp).act(f"{claim_page(case)}refuse/", code="F20", text="查实转包").status_code == 302
    appeal = case.appealed()
    address = f"/o/appeals/{appeal.pk}/"
    assert "uphold/" not in Desk(case.desk.dp).read(address)
    assert "没有转包" in Desk(case.desk.ap).read(address)
    assert Desk(case.desk.ap).act(f"{address}uphold/", decision="材料可以证明").status_code == 302
    assert case.at.state == ClaimState.FORMAL_REVIEW
    assert f"{claim_page(case)}pass/" not in Desk(case.desk.dp).read(claim_page(case))  # he has decided once
    assert f"{claim_page(case)}pass/" in Desk(case.desk.dp2).read(claim_page(case))


def test_an_old_page_is_told_what_others_did() -> None:
    case = make_claim("submitted")
    version = case.at.version
    case.checked()
    other = Desk(officer(Role.CENTRE_CHECKER))
    answer = other.client.post(f"{claim_page(case)}check/", {"version": version, "note": "", "once": "x" * 20})
    refused(answer, 409, "VERSION_CONFLICT")
    assert "形式审核通过" in answer.content.decode()


def test_the_materials_are_a_paper() -> None:
    case = make_claim("submitted")
    answer = Desk(case.desk.co).get(f"{claim_page(case)}pack.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert Desk(make_user(Role.PROVIDER_AGENT)).get(f"{claim_page(case)}pack.pdf").status_code == 403


def test_many_clean_claims_are_checked_at_once() -> None:
    clean, late = make_claim("submitted"), make_claim("submitted")
    desk = Desk(clean.desk.co)
    page = desk.read("/o/bulk/claim-check/", pick=[str(clean.pk), str(late.pk)])
    assert clean.at.provider.organisation.name in page
    sent = {
        "once": "01a2094b-5fdd-7345-86f1-2775679f8bd0",
        "case": [f"{one.pk}:{one.at.version}" for one in (clean, late)],
    }
    assert desk.client.post("/o/bulk/claim-check/", sent).status_code == 200
    assert {clean.at.state, late.at.state} == {ClaimState.FORMAL_CHECK}


def test_the_list_costs_the_same_for_more_rows() -> None:
    desk = Desk(officer(Role.DEPARTMENT))
    make_claim("submitted")
    desk.read("/o/claims/")
    with CaptureQueriesContext(connection) as few:
        desk.read("/o/claims/")
    for _ in range(4):
        make_claim("submitted")
    with CaptureQueriesContext(connection) as many:
        desk.read("/o/claims/")
    assert len(many) == len(few)


# --- batches


def test_a_round_is_opened_by_one_and_issued_by_another() -> None:
    made = make_batch("open", cases=[])
    checker, reviewer = made.desk.co, made.desk.cr
    address = f"/o/batches/{made.pk}/"
    assert "issue/" not in Desk(checker).read(address)
    assert Desk(reviewer).act(f"{address}issue/", note="").status_code == 302
    assert made.at.state == BatchState.OPEN


def test_one_more_round_than_the_notice_foresees_needs_its_reason() -> None:
    for _ in range(2):
        make_batch("open", cases=[])
    desk = Desk(officer(Role.CENTRE_CHECKER))
    today = make_batch("open", cases=[]).at.intake_to
    count = Batch.objects.count()
    fields = {"title": "第四批", "intake_from": today, "intake_to": today}
    refused(desk.act("/o/batches/new/", **fields), 409, "THIRD_BATCH")
    assert Batch.objects.count() == count
    assert desk.act("/o/batches/new/", **fields, acknowledge="清理积压").status_code == 302
    assert Batch.objects.count() == count + 1


def test_a_plan_holds_what_was_ticked() -> None:
    cases = [make_claim("passed"), make_claim("passed")]
    made = make_batch("taken_in", cases=cases)
    address = f"/o/batches/{made.pk}/"
    page = Desk(made.desk.dp).read(f"{address}plan/")
    assert cases[0].at.number in page
    assert Desk(made.desk.dp).act(f"{address}plan/", claims=[str(cases[0].pk)]).status_code == 302
    assert list(made.at.claims.values_list("pk", flat=True)) == [cases[0].pk]
    refused(Desk(made.desk.dp).act(f"{address}review-plan/", note=""), 403, "NOT_ALLOWED")
    assert Desk(made.desk.dp2).act(f"{address}review-plan/", note="").status_code == 302
    assert Desk(made.desk.ap).act(f"{address}approve/", approval_no="桂工信签〔2026〕18号").status_code == 302
    assert (made.at.state, made.at.claim_count) == (BatchState.APPROVED, 1)


def test_an_examiner_of_a_claim_is_not_offered_the_approval() -> None:
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    case = make_claim("reviewed")
    case.desk.dp = both
    case.passed()
    made = make_batch("planned", cases=[case])
    made.reviewed()
    assert "approve/" not in Desk(both).read(f"/o/batches/{made.pk}/")
    assert "approve/" in Desk(made.desk.ap).read(f"/o/batches/{made.pk}/")


def test_the_batch_shows_its_steps_sums_and_checks() -> None:
    made = make_batch("paying")
    page = Desk(made.desk.fn).read(f"/o/batches/{made.pk}/")
    assert 'aria-current="step"' in page
    assert "核对全部符合" in page
    assert f"{made.cases[0].at.approved:,.2f}" in page
    assert made.cases[0].at.number in page


def test_the_list_goes_out_with_a_record_of_who_took_it() -> None:
    made = make_batch("planned")
    address = f"/o/batches/{made.pk}/list."
    answer = Desk(made.desk.dp).client.post(f"{address}xlsx")
    assert answer.content.startswith(b"PK")
    assert selectors.exports_of(made.desk.dp, made.at).get().exported_by == made.desk.dp
    assert Desk(officer(Role.SUPERVISOR)).client.post(f"{address}xlsx").status_code == 403
    assert Desk(made.desk.dp).get(f"{address}xlsx").status_code == 405


def test_funds_are_confirmed_by_the_treasury_alone() -> None:
    made = make_batch("marked")
    address = f"/o/batches/{made.pk}/"
    assert "fund/" not in Desk(made.desk.dp).read(address)
    fields = {"funding_no": "桂财企〔2026〕12号", "amount": f"{made.at.requested}", "note": ""}
    assert Desk(made.desk.fn).act(f"{address}fund/", **fields).status_code == 302
    assert made.at.funded == made.at.requested


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("cleared", "平台按今天的数据逐项核对"),
        ("marked", "标记确认后不再重新核对"),
        ("paying", "标记确认后不再重新核对"),
    ],
)
def test_marking_takes_the_money_and_nothing_turns_red(until: str, words: str) -> None:
    made = make_batch(until)
    page = Desk(made.desk.dp).read(claim_page(made.cases[0]))
    assert (words in page, "全部符合" in page, "锁定的资金不足" in page) == (True, True, False)


def test_a_paid_claim_is_not_told_to_confirm_its_contract_again() -> None:
    pay = make_payout("paid")
    page = Desk(pay.case.desk.dp).read(claim_page(pay.case))
    assert ("全部符合" in page, "请先办结争议或冻结" in page) == (True, False)


# --- payouts


def test_an_order_is_made_checked_sent_and_paid_by_three() -> None:
    made = make_batch("paying")
    case = made.cases[0]
    assert case.at.number in Desk(made.desk.co).read("/o/payouts/to-make/")
    assert Desk(made.desk.co).act(f"{claim_page(case)}order/").status_code == 302
    order = PayoutOrder.objects.get(claim=case.pk)
    address = f"/o/payouts/{order.pk}/"
    assert Desk(made.desk.cr).act(f"{address}check/", note="").status_code == 302
    assert Desk(made.desk.fn).act(f"{address}send/", note="").status_code == 302
    assert Desk(made.desk.fn).act(f"{address}paid/", voucher_no="GK2026060100001").status_code == 422
    order.refresh_from_db()
    assert order.state == PayoutState.SENT
    fields = {"voucher_no": "GK2026060100001", "paid_on": case.at.cleared_at.date()}
    refused(Desk(made.desk.fn).act(f"{address}paid/", **fields), 400, "PAID_ON_INVALID")


def test_the_whole_account_is_for_who_works_on_payments() -> None:
    pay = make_payout("created")
    number = pay.at.account_number
    address = f"/o/payouts/{pay.pk}/"
    assert number in Desk(pay.case.desk.cr).read(address)
    assert number not in Desk(officer(Role.SUPERVISOR)).read(address)


def test_a_payment_that_came_back_bounces_its_claim() -> None:
    pay = make_payout("sent")
    answer = Desk(pay.case.desk.fn).act(f"/o/payouts/{pay.pk}/returned/", code="name", text="户名不符")
    assert answer.status_code == 302
    assert pay.case.at.state == ClaimState.BOUNCED


# --- what waits


def test_each_step_waits_for_who_may_take_it() -> None:
    case = make_claim("submitted")
    assert [one.kind.code for one in tasks.inbox(case.desk.co).tasks] == ["claim-check"]
    case.checked()
    assert [one.kind.code for one in tasks.inbox(case.desk.cr).tasks] == ["claim-review"]
    case.reviewed()
    assert [one.kind.code for one in tasks.inbox(case.desk.dp).tasks] == ["claim-decide"]
    case.refused()
    appeal = case.appealed()
    assert appeal.pk in [one.row.pk for one in tasks.inbox(case.desk.ap).tasks]
    assert tasks.inbox(case.desk.dp).tasks == []
    case.upheld()
    assert [one.kind.code for one in tasks.inbox(case.desk.dp).tasks] == []
    assert [one.kind.code for one in tasks.inbox(case.desk.dp2).tasks] == ["claim-decide"]


def test_a_round_waits_at_each_step() -> None:
    made = make_batch("open")
    wait = lambda who: {one.kind.code for one in tasks.inbox(who).tasks}  # noqa: E731
    assert "batch-issue" in wait(made.desk.cr)
    made.issued()
    made.taken_in()
    assert "batch-plan" in wait(made.desk.dp)
    made.planned()
    assert "batch-review" in wait(made.desk.dp2)
    assert "batch-review" not in wait(made.desk.dp)
    made.reviewed()
    assert "batch-approve" in wait(made.desk.ap)
    made.approved()
    assert "batch-publicise" in wait(made.desk.dp)
    made.publicised()
    made.cleared()
    assert "batch-mark" in wait(made.desk.dp)
    made.marked()
    assert "batch-fund" in wait(made.desk.fn)
    made.paying()
    assert "claim-order" in wait(made.desk.co)
    pay = made.cases[0].ordered()
    assert "payout-check" in wait(made.desk.cr)
    pay.checked()
    assert "payout-send" in wait(made.desk.fn)
    pay.sent()
    assert "payout-report" in wait(made.desk.fn)
    pay.paid()
    assert "batch-close" in wait(made.desk.dp)
    assert made.cases[0].at.paid == Decimal(made.cases[0].at.approved or 0)
