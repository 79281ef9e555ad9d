"""The dashboard: figures as the selectors have them, what is to do, the contract in hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.states import Role
from demands.states import DemandState
from engines.notifications import services as notifications
from enterprises import selectors
from tests.factories.accounts import make_user
from tests.factories.contracts import make_contract, make_parties
from tests.factories.demands import DemandFactory
from tests.factories.enterprises import declare
from tests.factories.notifications import say
from tests.portal.enterprise.support import make_house, queries_of, said, signed_in

pytestmark = pytest.mark.django_db


def todo(answer) -> list[str]:
    return [one.title for one in answer.context["todo"]]


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
    one = next(one for one in signed_in(deal.parties.eo).get("/e/").context["todo"] if "定金" in one.title)
    assert one.late


def test_beside_contracts_there_are_notices_demands_and_the_declaration():
    house = make_house(active=True)
    say([house.row.organisation_id], topic="signing_suspended", must_read=True)
    notifications.relay()
    DemandFactory(enterprise=house.row, state=DemandState.RETURNED)
    assert todo(signed_in(house.eo).get("/e/")) == ["确认收悉通知", "修改退回的需求", "签署关联方申报"]


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
