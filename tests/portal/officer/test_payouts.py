"""Payout orders on the officers' pages: several at once, each by itself, and none twice."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.states import Role
from foundation import clock
from settlement.models import PayoutOrder
from settlement.services import payouts
from settlement.states import ClaimState, PayoutState
from tests.factories.accounts import make_user, officer
from tests.factories.settlement import Desk as SettlementDesk
from tests.factories.settlement import Round, make_batch, make_claim
from tests.portal.officer.pages import Desk, refused
from tests.portal.officer.test_money import claim_page

pytestmark = pytest.mark.django_db


def sent_cases(*rows: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), "case": [f"{one.pk}:{one.at.version}" for one in rows]}


def paying_round(count: int) -> Round:
    desk = SettlementDesk()
    return make_batch("paying", cases=[make_claim("passed", desk=desk) for _ in range(count)], desk=desk)


def test_one_act_makes_an_order_for_each_of_those_that_were_chosen() -> None:
    made = paying_round(3)
    desk = Desk(made.desk.co)
    page = desk.read("/o/bulk/claim-order/", first=1)
    assert [page.index(one.at.number) for one in made.cases] == sorted(page.index(one.at.number) for one in made.cases)
    assert made.cases[0].at.payee["number"] in page
    chosen = made.cases[:2]
    answer = desk.client.post("/o/bulk/claim-order/", sent_cases(*chosen)).content.decode()
    assert "已办理2件" in answer
    assert "还有1件等您办理" in answer
    orders = PayoutOrder.objects.order_by("number")
    assert [(one.claim_id, one.amount, one.state) for one in orders] == [
        (one.pk, one.at.approved, PayoutState.CREATED) for one in chosen
    ]
    assert made.cases[2].at.state == ClaimState.PAYABLE


def test_the_same_page_sent_twice_makes_no_second_order() -> None:
    made = paying_round(1)
    desk = Desk(made.desk.co)
    sent = sent_cases(*made.cases)
    desk.client.post("/o/bulk/claim-order/", sent)
    assert "此前已办理" in desk.client.post("/o/bulk/claim-order/", sent).content.decode()
    anew = {**sent, "once": str(uuid.uuid4())}
    assert "已办理0件，未办理1件" in desk.client.post("/o/bulk/claim-order/", anew).content.decode()
    assert PayoutOrder.objects.count() == 1


def test_one_that_changed_meanwhile_is_left_out_and_the_others_are_made() -> None:
    made = paying_round(2)
    desk = Desk(made.desk.co)
    sent = sent_cases(*made.cases)
    first = made.cases[0]
    payouts.fix_account(by=first.deal.parties.pl, claim_id=first.pk, version=first.at.version)
    answer = desk.client.post("/o/bulk/claim-order/", sent).content.decode()
    assert "已办理1件，未办理1件" in answer
    assert "已被他人更新" in answer
    assert list(PayoutOrder.objects.values_list("claim", flat=True)) == [made.cases[1].pk]


def test_orders_are_checked_and_sent_together_by_two_others() -> None:
    made = paying_round(2)
    pays = [case.ordered() for case in made.cases]
    page = Desk(made.desk.cr).read("/o/bulk/payout-check/", first=1)
    assert pays[0].at.account_number in page
    Desk(made.desk.cr).client.post("/o/bulk/payout-check/", sent_cases(*pays))
    assert {one.at.state for one in pays} == {PayoutState.CHECKED}
    Desk(made.desk.fn).client.post("/o/bulk/payout-send/", sent_cases(*pays))
    assert {one.at.state for one in pays} == {PayoutState.SENT}


def test_what_the_treasury_answered_is_recorded_for_several_at_once() -> None:
    made = paying_round(2)
    pays = [case.ordered() for case in made.cases]
    for step in ("checked", "sent"):
        for one in pays:
            getattr(one, step)()
    desk = Desk(made.desk.fn)
    page = desk.read("/o/bulk/payout-report/", first=1)
    assert all(f'name="{one.pk}-voucher_no"' in page for one in pays)
    sent = sent_cases(*pays) | {f"{one.pk}-paid_on": clock.today().isoformat() for one in pays}
    sent[f"{pays[0].pk}-voucher_no"] = "国库-1"
    wrong = desk.client.post("/o/bulk/payout-report/", sent)
    assert (wrong.status_code, {one.at.state for one in pays}) == (422, {PayoutState.SENT})
    assert "还没有办理任何一件" in wrong.content.decode()
    right = sent | {f"{one.pk}-voucher_no": f"GK2026-000{place}" for place, one in enumerate(pays)}
    assert "已办理2件" in desk.client.post("/o/bulk/payout-report/", right).content.decode()
    assert [(one.at.state, one.at.voucher_no) for one in pays] == [
        (PayoutState.PAID, "GK2026-0000"),
        (PayoutState.PAID, "GK2026-0001"),
    ]


def test_several_orders_are_for_who_makes_orders_alone() -> None:
    made = paying_round(1)
    sent = sent_cases(*made.cases)
    for role in (Role.CENTRE_REVIEWER, Role.FINANCE, Role.SUPERVISOR):
        assert Desk(make_user(role)).client.post("/o/bulk/claim-order/", sent).status_code == 404, role
    assert "批量制单" in Desk(made.desk.co).read("/o/payouts/to-make/")
    assert "批量制单" not in Desk(officer(Role.SUPERVISOR)).read("/o/payouts/to-make/")
    assert not PayoutOrder.objects.exists()


def test_an_order_is_made_of_the_claim_that_was_seen() -> None:
    made = make_batch("paying")
    case = made.cases[0]
    version = case.at.version
    payouts.fix_account(by=case.deal.parties.pl, claim_id=case.pk, version=version)
    fields = {"version": version, "once": str(uuid.uuid4())}
    refused(Desk(made.desk.co).client.post(f"{claim_page(case)}order/", fields), 409, "VERSION_CONFLICT")
    assert not PayoutOrder.objects.exists()


def test_a_plan_lists_its_claims_by_submission_whether_they_are_in_it_or_not() -> None:
    desk = SettlementDesk()
    first, second = make_claim("passed", desk=desk), make_claim("passed", desk=desk)
    made = make_batch("taken_in", cases=[first, second], desk=desk)
    Desk(desk.dp).act(f"/o/batches/{made.pk}/plan/", claims=[str(second.pk)])
    page = Desk(desk.dp).read(f"/o/batches/{made.pk}/plan/")
    assert page.index(first.at.number) < page.index(second.at.number)


def test_a_round_and_a_payment_that_came_back_say_what_is_next() -> None:
    made = paying_round(2)
    page = Desk(made.desk.dp).read(f"/o/batches/{made.pk}/")
    assert "促进中心经办制作支付单" in page
    assert "申请拨款＝已标记确认各申请之和" in page
    assert "不一致" not in page.split("资金核对")[1].split("平台按每笔")[0]
    pay = made.cases[0].ordered()
    pay.checked()
    pay.sent()
    pay.returned()
    page = Desk(made.desk.co).read(f"/o/payouts/{pay.pk}/")
    assert ">支付退回</li>" in page
    assert "服务商更正并确认收款账户" in page


def test_money_that_does_not_reach_all_is_shown_before_it_is_confirmed() -> None:
    desk = SettlementDesk()
    made = make_batch("marked", cases=[make_claim("passed", desk=desk) for _ in range(2)], desk=desk)
    page = Desk(desk.fn).read(f"/o/batches/{made.pk}/fund/")
    assert page.index("10,000.00</td></tr>") < page.index("20,000.00</td></tr>")
