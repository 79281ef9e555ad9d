"""Execution in time and in public over HTTP: the next step, a query, what stands still, what may be expected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.states import Role
from contracts import jobs
from foundation import clock
from tests.contracts.test_api import Thread, terms
from tests.factories.accounts import Caller, both_sides, make_organisation, officer
from tests.factories.contracts import Deal, make_contract, make_parties, picture, upload

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def travel():
    """10:00 in Shanghai on a Monday in March, and from there onwards."""
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def detail(user, pk):
    return Caller(user).get(f"/api/v1/contracts/{pk}/").json()


def test_the_story_of_a_milestone_that_came_late(travel):
    parties = make_parties()
    thread = Thread(parties)
    steps = [{"title": "现场诊断", "due_date": "2026-03-20", "evidence_kinds": ["photo", "report"]}]
    answer = thread.draft(parties.eo, **terms(milestones=steps))
    assert (answer.status_code, answer.json()["next_step"]["sentence"]) == (201, "等待双方同意草稿，今天开始。")
    assert "不晚于2027-06-30；每年集中兑付1—2次" in answer.json()["expected_settlement"]["sentence"]
    pk = thread.seen["id"]
    work = Deal(parties, pk)
    for step in ("ready", "signing", "signed", "effective"):
        getattr(work, step)()
    travel.move_to(MORNING + timedelta(days=19))  # the day after the planned day
    jobs.remind_waiting(clock.today())
    clerk = Caller(officer(Role.CENTRE_CHECKER))
    (row,) = clerk.get("/api/v1/contracts/standing/").json()["results"]
    assert (row["id"], row["held"], row["reminded"]) == (str(pk), "10000.00", 0)
    assert row["step"] == {
        "awaited": "milestone",
        "of": "provider",
        "since_on": "2026-03-20",
        "days": 1,
        "limit_on": "2026-03-20",
        "late": True,
        "sentence": "等待服务商完成关键环节“现场诊断”，计划日期2026-03-20，已超过1天。",
    }
    file = upload(parties.po)
    body = {"version": work.at.version, "milestone": 1, "files": [str(file.pk)]}
    found = Caller(parties.po).act(f"contracts/{pk}/evidence/", body).json()["milestones"][0]
    assert (found["state"], found["missing"]) == ("late", ["photo"])
    body = {"version": work.at.version, "note": "已交付"}
    refused = Caller(parties.po).act(f"contracts/{pk}/deliver/", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "EVIDENCE_MISSING")
    shot = picture(parties.po)
    body = {"version": work.at.version, "milestone": 1, "files": [str(shot.pk)], "kind": "photo"}
    found = Caller(parties.po).act(f"contracts/{pk}/evidence/", body).json()
    assert found["milestones"][0]["state"] == "evidenced"
    assert found["next_step"]["awaited"] == "delivery"
    assert clerk.get("/api/v1/contracts/standing/").json()["results"] == []


def test_the_story_of_a_query(travel):
    deal = make_contract("performing")
    parties = deal.parties
    material = detail(parties.eo, deal.pk)["milestones"][0]["evidence"][0]
    body = {"version": deal.at.version, "evidence": material["id"], "reason": "看不清铭牌"}
    asked = Caller(parties.eo).act(f"contracts/{deal.pk}/evidence-queries/", body)
    assert (asked.status_code, asked.json()["state"]) == (201, "open")
    seen = detail(parties.po, deal.pk)
    assert (seen["next_step"]["awaited"], seen["milestones"][0]["evidence"][0]["counts"]) == ("evidence", False)
    query = asked.json()
    body = {"version": query["version"], "files": [str(upload(parties.po).pk)], "note": "清晰件"}
    answered = Caller(parties.po).act(f"evidence-queries/{query['id']}/supplement/", body)
    assert (answered.status_code, answered.json()["state"]) == (200, "supplemented")
    evidence = detail(parties.eo, deal.pk)["milestones"][0]["evidence"]
    assert [(one["counts"], one["answers_id"]) for one in evidence] == [(True, None), (True, query["id"])]
    late = Caller(parties.eo).act(
        f"evidence-queries/{query['id']}/withdraw/", {"version": answered.json()["version"], "reason": "属实"}
    )
    assert (late.status_code, late.json()["code"]) == (409, "WRONG_STATE")


def test_after_confirmation_the_day_is_known(travel):
    deal = make_contract("confirmed")
    expected = detail(deal.parties.po, deal.pk)["expected_settlement"]
    assert (expected["claim_by"], expected["final"], expected["rounds"]) == ("2026-04-01", True, 2)
    assert expected["sentence"].startswith("服务商须在2026-04-01前（含当日）申请兑付；每年集中兑付1—2次")


def test_what_has_ended_expects_nothing(travel):
    deal = make_contract("ready")
    Caller(deal.parties.eo).act(f"contracts/{deal.pk}/withdraw/", {"version": deal.at.version, "reason": "取消"})
    found = detail(deal.parties.eo, deal.pk)
    assert (found["next_step"], found["expected_settlement"]) == (None, None)


def test_the_board_filters_and_sums(travel):
    deal = make_contract("delivered")
    other = make_contract("signed", parties=make_parties())
    other.report("deposit")
    travel.move_to(MORNING + timedelta(days=9))
    clerk = Caller(officer(Role.SUPERVISOR))

    def listed(query=""):
        answer = clerk.get(f"/api/v1/contracts/standing/{query}")
        return {row["id"] for row in answer.json()["results"]} if answer.status_code == 200 else answer.json()["code"]

    one, two = str(deal.pk), str(other.pk)
    assert listed() == {one, two}
    assert listed("?reason=acceptance") == {one}
    assert listed("?reason=draft") == "FILTER_INVALID"
    assert listed(f"?provider={other.parties.provider.pk}") == {two}
    assert listed("?city=450100") == {one, two}
    assert listed("?city=450200") == set()
    assert (listed("?days=9"), listed("?days=10")) == ({one, two}, set())
    assert (listed("?days=1.5"), listed("?days=99999")) == ("FILTER_INVALID", "FILTER_INVALID")
    sums = clerk.get("/api/v1/contracts/standing/summary/").json()
    assert [(line["awaited"], line["contracts"], line["held"], line["longest_days"]) for line in sums] == [
        ("acceptance", 1, "10000.00", 9),
        ("deposit_match", 1, "10000.00", 9),
    ]
    assert [line["awaited"] for line in clerk.get("/api/v1/contracts/standing/summary/?reason=acceptance").json()] == [
        "acceptance"
    ]
    assert clerk.get("/api/v1/contracts/standing/summary/?days=x").json()["code"] == "FILTER_INVALID"


def test_how_often_somebody_was_reminded_stands_on_the_board(travel):
    make_contract("delivered")
    for days in (5, 10):
        travel.move_to(MORNING + timedelta(days=days))
        jobs.remind_waiting(clock.today())
    (row,) = Caller(officer(Role.DEPARTMENT)).get("/api/v1/contracts/standing/").json()["results"]
    assert (row["reminded"], row["step"]["days"]) == (2, 10)


def test_nobody_but_officers_has_the_board(travel):
    deal = make_contract("delivered")
    travel.move_to(MORNING + timedelta(days=9))
    for user in (deal.parties.eo, deal.parties.pl, officer(Role.SYSTEM_ADMIN)):
        assert Caller(user).get("/api/v1/contracts/standing/").json()["results"] == []
        assert Caller(user).get("/api/v1/contracts/standing/summary/").json() == []


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.CENTRE_CHECKER, Role.SUPERVISOR, Role.AUDITOR])
def test_without_any_contract_the_board_and_its_sums_are_empty(role):
    clients = [Caller(officer(role)), Caller(both_sides(make_organisation())[0])]
    paths = ("", "?days=3", "summary/", "summary/?days=3", "summary/?reason=deposit&city=450100")
    answers = [client.get(f"/api/v1/contracts/standing/{path}") for client in clients for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == [] or answer.json()["results"] == [] for answer in answers)


def test_the_board_costs_the_same_for_more(travel):
    parties = make_parties()
    user = officer(Role.DEPARTMENT)

    def cost(path):
        client = Caller(User.objects.get(pk=user.pk))
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/api/v1/contracts/standing/{path}").json()
        return answer, len(captured)

    def deliver(count):
        travel.move_to(MORNING)
        for _ in range(count):
            make_contract("delivered", parties=parties, amount="1250.00")
        travel.move_to(MORNING + timedelta(days=9))

    deliver(3)
    (few, few_cost), (_, sum_cost) = cost(""), cost("summary/")
    deliver(9)
    (many, many_cost), (sums, many_sum_cost) = cost(""), cost("summary/")
    assert (len(few["results"]), len(many["results"]), sums[0]["contracts"]) == (3, 12, 12)
    assert few_cost == many_cost <= 5
    assert sum_cost == many_sum_cost <= 5
