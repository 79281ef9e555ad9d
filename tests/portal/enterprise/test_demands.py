"""我的需求: written, submitted, answered, withdrawn; whose they are and what they cost to list."""

from __future__ import annotations

import pytest

from demands.models import Demand
from demands.states import DemandState
from tests.factories.demands import DemandFactory, ResponseFactory
from tests.portal.enterprise.support import act, begin, make_house, offered, queries_of, said, signed_in

pytestmark = pytest.mark.django_db
WISH = {
    "title": "求环境影响评价服务",
    "content": "新建一条年产2万吨的铸造生产线，需编制环境影响报告表。",
    "categories": ["innovation"],
    "fee_low": "20,000",
    "fee_high": "60000.00",
    "contact_name": "李四",
    "contact_phone": "0772-0000000",
}


@pytest.fixture
def house():
    return make_house(active=True)


def test_a_draft_is_written_and_submitted(house):
    answer = begin(house.eo, "enterprise:demands-new", **WISH)
    row = Demand.objects.get()
    assert answer.headers["Location"] == f"/e/demands/{row.pk}/"
    assert (row.title, f"{row.fee_low:.2f}", row.categories) == (WISH["title"], "20000.00", ["innovation"])
    act(house.eo, row, "submit", "enterprise:demand")
    row.refresh_from_db()
    assert row.state == DemandState.SUBMITTED


def test_the_contact_is_already_filled_in(house):
    form = signed_in(house.eo).get("/e/demands/new/").context["form"]
    assert form.initial["contact_name"] == house.row.contact_name


def test_a_telephone_in_what_is_public_is_refused_and_nothing_is_submitted(house):
    row = DemandFactory(enterprise=house.row, content="有意者请电13978123456，找李四。")
    answer = act(house.eo, row, "submit", "enterprise:demand")
    assert answer.status_code == 400
    row.refresh_from_db()
    assert row.state == DemandState.DRAFT


def test_fees_the_wrong_way_round_say_both_numbers(house):
    answer = begin(house.eo, "enterprise:demands-new", **{**WISH, "fee_low": "70000"})
    assert answer.status_code == 400
    assert "70,000.00元" in said(answer)
    assert "60,000.00元" in said(answer)
    assert Demand.objects.count() == 0


def test_an_edit_can_take_a_fee_off(house):
    begin(house.eo, "enterprise:demands-new", **WISH)
    row = Demand.objects.get()
    answer = act(house.eo, row, "edit", "enterprise:demand", **{**WISH, "fee_low": ""})
    assert answer.status_code == 302, said(answer)
    row.refresh_from_db()
    assert row.fee_low is None


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        (DemandState.DRAFT, ["edit", "submit", "withdraw"]),
        (DemandState.RETURNED, ["edit", "submit", "withdraw"]),
        (DemandState.SUBMITTED, ["withdraw"]),
        (DemandState.PUBLISHED, ["withdraw"]),
        (DemandState.EXPIRED, []),
        (DemandState.TAKEN_DOWN, []),
    ],
)
def test_each_state_offers_its_acts(house, state, acts):
    row = DemandFactory(enterprise=house.row, state=state)
    assert offered(signed_in(house.eo).get(f"/e/demands/{row.pk}/")) == acts


def test_the_answers_stand_from_the_lowest_price(house):
    row = DemandFactory(enterprise=house.row, state=DemandState.PUBLISHED)
    dear, cheap = ResponseFactory(demand=row, price="50000.00"), ResponseFactory(demand=row, price="30000.00")
    answer = signed_in(house.eo).get(f"/e/demands/{row.pk}/")
    assert [one["row"].pk for one in answer.context["answers"]] == [cheap.pk, dear.pk]


def test_anothers_demand_is_not_there(house):
    row = DemandFactory(state=DemandState.PUBLISHED)
    assert signed_in(house.eo).get(f"/e/demands/{row.pk}/").status_code == 404
    assert signed_in(house.eo).get("/e/demands/").context["list"].rows == []


def test_the_list_costs_the_same_for_many(house):
    for _ in range(3):
        DemandFactory(enterprise=house.row)
    few = queries_of(house.eo, "/e/demands/")
    for _ in range(9):
        DemandFactory(enterprise=house.row)
    assert queries_of(house.eo, "/e/demands/") == few
