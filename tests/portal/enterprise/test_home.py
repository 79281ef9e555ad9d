"""The dashboard: figures as the selectors have them, what is to do, the contract in hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.states import Role
from demands.states import DemandState
from engines.notifications import services as notifications
from enterprises import selectors
from enterprises.states import CONFIRMED_STATES, State
from programmes import services as programmes
from tests.factories.accounts import both_sides, make_organisation, make_user, officer
from tests.factories.contracts import make_contract, make_parties
from tests.factories.demands import DemandFactory
from tests.factories.enterprises import EnterpriseFactory, confirmed, declare
from tests.factories.notifications import say
from tests.portal.enterprise.support import House, make_house, queries_of, said, signed_in

pytestmark = pytest.mark.django_db


def todo(answer) -> list[str]:
    return [one.title for one in answer.context["todo"].shown]


def test_the_figures_are_the_ledgers():
    deal = make_contract("signed", amount="12500.00", voucher="10000.00")
    answer = signed_in(deal.parties.eo).get("/e/")
    figures = selectors.figures(deal.parties.enterprise.pk, 2026)
    assert answer.context["figures"] == figures
    assert (figures.left, figures.held) == (Decimal("290000.00"), Decimal("10000.00"))
    assert "290,000.00" in said(answer)


def test_the_contract_in_hand_stands_at_its_step():
    deal = make_contract("signed")
    current = signed_in(deal.parties.eo).get("/e/").context["current"]
    assert current["row"].pk == deal.pk
    assert [str(one.phase.label) for one in current["stages"] if one.mark == "now"] == ["支付定金"]


def test_what_is_to_do_is_only_what_waits_for_the_enterprise():
    deal = make_contract("signed")
    declare(deal.parties.enterprise)
    assert todo(signed_in(deal.parties.eo).get("/e/")) == ["支付并登记定金"]
    later = make_contract("effective", parties=make_parties())
    declare(later.parties.enterprise)
    assert todo(signed_in(later.parties.eo).get("/e/")) == []


def test_a_deposit_that_is_late_is_said_to_be(morning):
    deal = make_contract("signed")
    morning.move_to(deal.at.deposit_due.replace(hour=1))
    morning.shift(3 * 24 * 3600)
    one = next(one for one in signed_in(deal.parties.eo).get("/e/").context["todo"].shown if "定金" in one.title)
    assert one.late


def test_beside_contracts_there_are_notices_demands_and_the_declaration():
    house = make_house(active=True)
    say([house.row.organisation_id], topic="signing_suspended", must_read=True)
    notifications.relay()
    DemandFactory(enterprise=house.row, state=DemandState.RETURNED)
    assert todo(signed_in(house.eo).get("/e/")) == ["确认收悉通知", "请授权签署人签署关联方申报", "修改退回的需求"]
    assert todo(signed_in(house.el).get("/e/"))[1] == "签署关联方申报"


def test_what_is_due_first_stands_first_and_more_is_counted():
    parties = make_parties()
    for _ in range(8):
        make_contract("signed", parties=parties, amount="3000.00")
    waiting = signed_in(parties.eo).get("/e/").context["todo"]
    assert len(waiting.shown) == 6
    assert [one.title for one in waiting.shown] == [
        "支付并登记定金"
    ] * 6  # they have a last day, the declaration has none
    assert waiting.total == 9
    assert waiting.more == [("本单位事项", 1, "/e/profile/"), ("合同", 2, "/contracts/mine/")]


def in_state(state: State, **fields: Any) -> House:
    """A house whose registration stands there."""
    organisation = make_organisation()
    stood = confirmed(organisation)
    if state not in CONFIRMED_STATES:
        stood |= dict.fromkeys(("confirmed_by", "confirmed_at", "checked_by", "checked_at"))
    row = EnterpriseFactory(organisation=organisation, **{**stood, "state": state, **fields})
    return House(row, *both_sides(organisation))


def notes(answer) -> list[tuple[str, str]]:
    return [(one.text, one.address) for one in answer.context["notices"]]


def test_an_active_enterprise_reads_of_no_hindrance_and_may_begin():
    parties = make_parties()
    answer = signed_in(parties.eo).get("/e/")
    assert notes(answer) == []
    assert 'href="/contracts/new/"' in said(answer)
    assert "还没有合同" in said(answer)


STATES = {
    State.REJECTED: ({"return_reason": "名录中没有"}, "注册未通过审核：名录中没有。", "/e/profile/"),
    State.FROZEN: ({"frozen_reason": "已退出名录"}, "企业已冻结，暂不能签订新合同：已退出名录。", "/e/passport/"),
    State.DISQUALIFIED: (
        {"decision_no": "桂工信〔2026〕1号", "disqualified_until": date(2027, 3, 1)},
        "依据桂工信〔2026〕1号，领券资格已取消至2027年3月1日，",
        "/e/profile/",
    ),
    State.CLOSED: ({}, "企业登记已关闭，不能签订新合同。", "/e/profile/"),
}


@pytest.mark.parametrize("state", STATES)
def test_what_keeps_it_from_contracts_is_said_with_where_to_go(state):
    fields, words, address = STATES[state]
    house = in_state(state, **fields)
    answer = signed_in(house.eo).get("/e/")
    (text, to), *_ = notes(answer)
    assert text.startswith(words)
    assert to == address
    assert 'href="/contracts/new/"' not in said(answer)


def test_while_signing_is_paused_it_says_so():
    parties = make_parties()
    programmes.suspend_manually(by=officer(Role.DEPARTMENT), year=2026, reason="预算待追加")
    ((text, address),) = notes(signed_in(parties.eo).get("/e/"))
    assert text.startswith("2026年度已暂停签订新合同：预算待追加。合同可以先起草")
    assert address == "/budget/"


def test_a_quota_used_up_says_where_more_could_come_from():
    parties = make_parties(tier="5")
    for _ in range(5):
        make_contract("signed", parties=parties, amount="12500.00", voucher="10000.00")
    answer = signed_in(parties.eo).get("/e/")
    assert answer.context["figures"].left == Decimal("0.00")
    assert notes(answer)[0][1] == "/e/passport/"
    assert "额度已用完" in notes(answer)[0][0]


def test_a_registration_under_review_says_whose_turn_it_is_and_until_when():
    house = in_state(State.AUTO_OK, due_on=date(2026, 3, 20))
    text = said(signed_in(house.eo).get("/e/"))
    assert "促进中心最迟在2026年3月20日前办理。现在无需操作" in text


def test_a_draft_begins_with_its_registration():
    house = make_house()
    answer = signed_in(house.el).get("/e/")
    assert "注册进度" in said(answer)
    assert answer.context["may_submit"]
    assert not signed_in(house.eo).get("/e/").context["may_submit"]


def test_without_a_notice_of_the_year_there_is_a_page_all_the_same():
    house = make_house()
    answer = signed_in(house.eo).get("/e/")
    assert answer.status_code == 200
    assert answer.context["shown"] is None


def test_it_costs_the_same_for_many_contracts():
    parties = make_parties()
    make_contract("signed", parties=parties, amount="3000.00")
    few = queries_of(parties.eo, "/e/")
    for _ in range(4):
        make_contract("signed", parties=parties, amount="3000.00")
    assert queries_of(parties.eo, "/e/") == few


def test_it_is_the_enterprises_alone():
    for role in (Role.PROVIDER_AGENT, Role.CENTRE_CHECKER, Role.SYSTEM_ADMIN):
        assert signed_in(make_user(role)).get("/e/").status_code == 403


def test_each_contract_says_what_the_enterprise_is_to_do_with_it_and_how_many_lie_where():
    signed = make_contract("signed")
    make_contract("performing", parties=signed.parties)
    answer = signed_in(signed.parties.eo).get("/e/")
    assert [(one["row"].number, one["act"]) for one in answer.context["contracts"]] == [
        (one["row"].number, "支付并登记定金" if one["row"].pk == signed.pk else "")
        for one in answer.context["contracts"]
    ]
    assert [one["count"] for one in answer.context["tabs"]][:2] == [2, 1]
    assert said(answer).count(">支付并登记定金<span") == 1
