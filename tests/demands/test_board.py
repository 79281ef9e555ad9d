"""The public board and the lists: what is shown, to whom, in which order, at what cost; and the daily job."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from demands.states import DemandState
from engines.notifications.models import OutboxEvent
from foundation import clock
from foundation.jobs import run
from tests.demands.support import again, agent_of_provider
from tests.factories.accounts import Caller, officer
from tests.factories.demands import DemandFactory, ResponseFactory, SynonymFactory, agent_of
from tests.factories.enterprises import EnterpriseFactory

pytestmark = pytest.mark.django_db
BOARD = "/api/v1/demand-board/"


def shown(**query) -> list[str]:
    answer = Caller().get(BOARD, query)
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["results"]]


def put(title: str, **fields):
    return DemandFactory(state=DemandState.PUBLISHED, title=title, **fields)


def test_newest_published_first_page_by_page():
    for days in (5, 1, 9, 3):
        put(f"第{days}天", shown_for=days)
    seen, address = [], f"{BOARD}?page_size=2"
    while address:
        page = Caller().get(address).json()
        seen += [row["title"] for row in page["results"]]
        address = page["next"]
    assert seen == ["第1天", "第3天", "第5天", "第9天"]


@pytest.mark.parametrize("cursor", ["x", "cD0yMDI2", "cD0yMDI2LTAxLTAx", "cD0=", "cD05OTk5LTAxLTAxVDAwOjAwOjAwWg=="])
def test_a_position_that_this_list_did_not_give_is_refused(cursor):
    answer = Caller().get(BOARD, {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID")


def test_filters():
    there = EnterpriseFactory(active=True, region_code="450203")
    put("便宜", categories=["diagnosis"], fee_low="1000.00", fee_high="5000.00")
    put("贵", categories=["testing"], fee_low="50000.00", fee_high="90000.00", enterprise=there)
    put("不限")
    assert shown(category="testing") == ["贵"]
    assert shown(city="450200") == ["贵"]
    assert shown(fee_to="10000.00") == ["不限", "便宜"]
    assert shown(fee_from="10000.00") == ["不限", "贵"]
    assert shown(q=there.name) == ["贵"]


def test_words_are_found_by_what_means_the_same():
    put("做环评", content="铸造车间")
    put("直播", content="缺主播")
    assert shown(q="环境影响评价") == ["做环评"]
    assert shown(q="环境影响评价 铸造") == ["做环评"]
    assert shown(q="环境影响评价 主播") == []


@pytest.mark.parametrize("query", [{"city": "440100"}, {"category": "nails"}, {"fee_to": "x"}, {"q": "长" * 61}])
def test_a_filter_that_cannot_be_is_refused(query):
    answer = Caller().get(BOARD, query)
    assert (answer.status_code, answer.json()["code"]) == (400, "FILTER_INVALID")


def test_nothing_personal_and_no_quote_is_public():
    demand = put("做环评", contact_name="欧阳秘密", contact_phone="10055556666")
    ResponseFactory(demand=demand, price="47123.00", proposal="秘密方案")
    for path in (BOARD, f"{BOARD}{demand.pk}/"):
        text = Caller().get(path).content.decode()
        for secret in ("欧阳", "10055556666", "47123", "秘密方案", "findings", "contact"):
            assert secret not in text


def test_officers_see_the_contact_masked_and_the_enterprise_its_own():
    demand = DemandFactory(contact_name="欧阳某", contact_phone="10055556666")
    path = f"/api/v1/demands/{demand.pk}/"
    officers = Caller(officer(Role.CENTRE_CHECKER)).get(path).json()
    own = Caller(agent_of(demand)).get(path).json()
    assert (officers["contact_name"], officers["contact_phone"]) == ("欧***", "100****6666")
    assert (own["contact_name"], own["contact_phone"]) == ("欧阳某", "10055556666")


def test_the_contact_goes_to_the_one_taken_up_alone():
    demand = put("做环评")
    row, rival = ResponseFactory(demand=demand, state="taken_up"), ResponseFactory(demand=demand)
    contact = {
        who: Caller(user).get(f"/api/v1/demand-responses/{one.pk}/").json()["contact"]
        for who, user, one in (
            ("chosen", agent_of_provider(row), row),
            ("rival", agent_of_provider(rival), rival),
            ("officer", officer(Role.DEPARTMENT), row),
        )
    }
    assert contact == {"chosen": "李四 10012345678", "rival": "", "officer": "李*** 100****5678"}


def test_the_last_day_is_a_day_and_the_next_is_not():
    put("做环评", shown_for=90)
    assert Caller().get(BOARD).json()["results"][0]["days_left"] == 0
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert shown() == []


class TestJob:
    def test_expired_once_and_told(self):
        row = put("做环评", shown_for=91)
        assert run("expire_demands") == {"expired": 1, "reminded": 0}
        assert again(row).state == DemandState.EXPIRED
        told = OutboxEvent.objects.count()
        assert run("expire_demands") == {"expired": 0, "reminded": 0}
        assert OutboxEvent.objects.count() == told

    def test_reminded_once_in_the_last_week(self):
        soon, later = put("快到期", shown_for=84), put("还早", shown_for=80)
        assert run("expire_demands") == {"expired": 0, "reminded": 1}
        assert run("expire_demands") == {"expired": 0, "reminded": 0}
        assert (again(soon).reminded_at is None, again(later).reminded_at is None) == (False, True)

    def test_a_day_gone_by_expires_nothing_that_was_not_over_then(self):
        put("做环评", shown_for=91)
        assert run("expire_demands", clock.today() - timedelta(days=5))["expired"] == 0


@pytest.mark.parametrize("path", ["demand-board/", "demands/", "demand-responses/", "synonyms/"])
def test_a_page_of_nine_costs_what_a_page_of_three_costs(path):
    by = officer(Role.CENTRE_REVIEWER)
    counts = []
    for start in (0, 3, 6):
        for number in range(start, start + 3):
            ResponseFactory()
            SynonymFactory(code=f"code{number}")
        if start != 3:
            client = Caller(type(by).objects.get(pk=by.pk))
            with CaptureQueriesContext(connection) as captured:
                rows = client.get(f"/api/v1/{path}").json()["results"]
            counts.append((len(rows), len(captured)))
    assert [rows for rows, _ in counts] == [3, 9]
    assert counts[0][1] == counts[1][1] <= 4
