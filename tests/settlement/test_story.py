"""Two providers' money from December into the next year, played over HTTP by each role (第二十条, 第二十一条)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from contracts import jobs as contract_jobs
from engines.ledger import selectors as ledger
from engines.notifications.models import OutboxEvent
from foundation import clock
from settlement import jobs
from tests.factories.accounts import Caller
from tests.factories.calendar import know
from tests.factories.contracts import make_contract
from tests.factories.programmes import open_year
from tests.factories.settlement import Desk, make_batch

pytestmark = pytest.mark.django_db


def see(user, path):
    response = Caller(user).get(f"/api/v1/{path}/")
    assert response.status_code == 200, response.content
    return response.json()


def post(user, path, status=200, **body):
    response = Caller(user).act(f"{path}/", body)
    assert response.status_code == status, response.json()
    return response.json()


def act(user, path, name, status=200, **body):
    return post(user, f"{path}/{name}", status, version=see(user, path)["version"], **body)


def morning(travel, day):
    travel.move_to(clock.start_of(day) + timedelta(hours=10))


def pay(desk, claim, voucher_no):
    order = f"payouts/{post(desk.co, 'payouts', 201, claim=claim.split('/')[1])['id']}"
    act(desk.cr, order, "check")
    act(desk.fn, order, "send")
    return order, act(desk.fn, order, "paid", voucher_no=voucher_no, paid_on=str(clock.today()))


def file(deal):
    claim = f"claims/{post(deal.parties.po, 'claims', 201, contract=str(deal.pk))['id']}"
    assert see(deal.parties.po, f"{claim}/preflight")["ready"] is True
    act(deal.parties.pl, claim, "submit")
    return claim


def test_returned_refused_appealed_reduced_paid_short_carried_and_paid_first(travel):
    know(2026, 2027)
    morning(travel, date(2026, 12, 1))
    desk, first, second = Desk(), make_contract("confirmed"), make_contract("confirmed")
    agent, signatory = first.parties.po, first.parties.pl

    # Returned with a code, put right, refused, appealed against, reduced by another.
    one = file(first)
    returned = act(desk.co, one, "return", items=[{"code": "F16", "text": "请补充现场照片"}])
    assert (returned["state"], returned["correction_due"]) == ("returned", "2026-12-15")
    assert [item["code"] for item in see(agent, f"{one}/clock")["missing"]] == ["F16"]
    act(signatory, one, "submit")
    act(desk.co, one, "check")
    assert act(desk.co, one, "review", 403)["code"] == "NOT_ALLOWED"
    act(desk.cr, one, "review")
    act(desk.dp, one, "refuse", code="F14", text="检测报告缺关键指标")
    assert see(agent, f"{one}/clock")["missing"] == [
        {"code": "appeal", "what": "检测报告缺关键指标", "todo": "如有异议，请在2026-12-15前由签署人提出申诉"}
    ]
    appeal = f"appeals/{act(signatory, one, 'appeal', 201, grounds='指标在报告第3页')['id']}"
    assert act(desk.dp, appeal, "uphold", 403, decision="成立")["code"] == "NOT_ALLOWED"
    act(desk.ap, appeal, "uphold", decision="指标确在报告第3页")
    assert act(desk.dp, one, "pass", 403)["code"] == "NOT_ALLOWED"
    reduced = act(desk.dp2, one, "reduce", reduction="500.00", code="F09", reason="差旅费不属于支持范围")
    assert (reduced["state"], reduced["approved"], reduced["reduction_code"]) == ("reduced", "9500.00", "F09")

    # The second provider's claim is passed; both are in one round, approved by somebody who had no part in them.
    two = file(second)
    act(desk.co, two, "check")
    act(desk.cr, two, "review")
    act(desk.dp2, two, "pass")
    today = str(clock.today())
    made = post(desk.co, "batches", 201, title="2026年度第二批兑付通知", intake_from=today, intake_to=today)
    batch = f"batches/{made['id']}"
    act(desk.cr, batch, "issue")
    assert act(desk.co, batch, "close-intake", 409)["code"] == "INTAKE_NOT_OVER"
    morning(travel, clock.today() + timedelta(days=1))
    act(desk.co, batch, "close-intake")
    planned = act(desk.dp, batch, "plan")
    assert (planned["claim_count"], planned["total"]) == (2, "19500.00")
    act(desk.dp2, batch, "review-plan")
    assert act(desk.ap, batch, "approve", 403, approval_no="桂工信签〔2026〕18号")["code"] == "NOT_ALLOWED"
    approver = Desk().ap
    act(approver, batch, "approve", approval_no="桂工信签〔2026〕18号")
    shown = act(desk.dp, batch, "publicise", publicity_from=str(clock.today()), reference="桂工信公示〔2026〕9号")
    assert shown["publicity_to"] == "2026-12-08"
    assert act(desk.dp, batch, "clear", 409)["code"] == "PUBLICITY_NOT_OVER"
    morning(travel, date(2026, 12, 9))
    act(desk.dp, batch, "clear")
    act(desk.dp, batch, "mark", request_no="桂工信函〔2026〕31号")

    # The money reaches the first alone; its payment bounces once and is made once.
    act(desk.fn, batch, "fund", funding_no="桂财企〔2026〕12号", amount="9500.00")
    assert [(see(agent, one)["state"]), see(second.parties.po, two)["state"]] == ["payable", "marked"]
    assert see(second.parties.po, f"{two}/clock")["place"] == 2
    order = f"payouts/{post(desk.co, 'payouts', 201, claim=one.split('/')[1])['id']}"
    assert post(desk.co, "payouts", 409, claim=one.split("/")[1])["code"] == "WRONG_STATE"
    act(desk.cr, order, "check")
    act(desk.fn, order, "send")
    act(desk.fn, order, "returned", code="channel", text="国库系统维护")
    act(signatory, one, "fix-account")
    _, paid = pay(desk, one, "GK2026120800002")
    assert (paid["state"], paid["number"], paid["amount"]) == ("paid", "ZF-2026-000002", "9500.00")
    again = post(desk.co, "payouts", 409, claim=one.split("/")[1])
    assert (again["code"], again["details"]["state"]) == ("CONTRACT_NOT_CONFIRMED", "settled")
    assert see(desk.co, batch)["state"] == "paid_part"
    assert act(desk.co, batch, "close", 409)["code"] == "CLAIMS_OPEN"

    # The year ends: what is left is owed by the next and paid before anything newer; its cap year stays.
    morning(travel, date(2027, 1, 4))
    open_year(2027, budget=Decimal("1000000.00"))
    contract_jobs.close_year(clock.today())
    assert [jobs.carry_over_claims(clock.today())["carried"] for _ in range(2)] == [1, 0]
    carried = see(second.parties.po, two)
    assert (carried["state"], carried["carried_into"], carried["cap_year"]) == ("carried_over", 2027, 2026)
    assert "结转至2027年度优先兑付" in OutboxEvent.objects.get(topic="claim.carried_over").body
    newer = make_batch("publicised")
    morning(travel, clock.local_date(newer.publicity_over))
    newer.cleared()
    newer.marked()
    newer.paying()
    stopped = post(desk.co, "payouts", 409, claim=str(newer.cases[0].pk))
    assert (stopped["code"], stopped["details"]["claim"]) == ("CARRY_FIRST", carried["number"])
    pay(desk, two, "GK2027010800001")
    last = see(second.parties.po, two)
    assert (last["state"], last["paid"], last["cap_year"], last["budget_year"]) == ("paid", "10000.00", 2026, 2027)
    post(desk.co, "payouts", 201, claim=str(newer.cases[0].pk))
    assert see(desk.co, batch)["state"] == "paid_all"
    act(desk.co, batch, "close")
    assert ledger.recompute() == []


def test_a_round_without_any_money_in_its_year_is_paid_and_closed_in_the_next(travel):
    """Nothing was set aside before New Year: carried and paid first, then the treasury's number is put on record."""
    know(2026, 2027)
    morning(travel, date(2026, 12, 1))
    batch = make_batch("marked")
    desk, where, claim = batch.desk, f"batches/{batch.pk}", f"claims/{batch.cases[0].pk}"
    morning(travel, date(2027, 1, 4))
    open_year(2027, budget=Decimal("1000000.00"))
    contract_jobs.close_year(clock.today())
    assert jobs.carry_over_claims(clock.today())["carried"] == 1
    assert see(desk.co, where)["state"] == "fund_request"
    act(desk.fn, where, "fund", funding_no="桂财企〔2027〕1号", amount="10000.00")
    pay(desk, claim, "GK2027010400001")
    row = see(desk.co, where)
    assert (row["state"], row["requested"], row["funded"]) == ("paid_all", "10000.00", "10000.00")
    assert act(desk.co, where, "close")["state"] == "closed"
