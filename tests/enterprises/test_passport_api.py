"""The passport over HTTP: looked up, disputed, corrected, upheld; relations declared; the quota's history read."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.states import OrganisationKind, Role
from enterprises.models import Enterprise
from enterprises.states import RelationKind
from foundation import clock
from tests.enterprises.support import agent, picture, signatory
from tests.factories.accounts import Caller, make_organisation, make_uscc, make_user, officer
from tests.factories.contracts import upload
from tests.factories.enterprises import EnterpriseFactory, declare, give_title, make_dispute, tie

pytestmark = pytest.mark.django_db


def passport(row: Enterprise, by: Any) -> dict[str, Any]:
    answer = Caller(by).get(f"/api/v1/enterprises/{row.pk}/passport/")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def line(found: dict[str, Any], code: str) -> dict[str, Any]:
    return next(one for one in found["lines"] if one["code"] == code)


def test_a_missing_title_from_the_passport_to_the_quota() -> None:
    row = EnterpriseFactory(active=True)
    eo, co, cr = agent(row), officer(Role.CENTRE_CHECKER), officer(Role.CENTRE_REVIEWER)
    before = passport(row, eo)
    assert (before["won"]["tier"]["code"], before["won"]["title"]) == ("ordinary", None)
    assert (before["next_tier"]["tier"]["code"], before["next_tier"]["adds"]) == ("growing", "50000.00")
    assert line(before, "little_giant")["standing"] == "absent"

    filed = Caller(eo).act(
        f"enterprises/{row.pk}/dispute/",
        {"line": "little_giant", "kind": "missing", "claim": "2026年获评", "files": [str(upload(eo).pk)]},
    )
    assert (filed.status_code, filed.json()["state"], filed.json()["line_name"]) == (
        201,
        "open",
        "专精特新“小巨人”企业",
    )
    assert [one["id"] for one in line(passport(row, eo), "little_giant")["disputes"]] == [filed.json()["id"]]

    title = Caller(co).act(
        "registry/titles/",
        {
            "uscc": row.uscc,
            "title_code": "little_giant",
            "certificate_no": "XJR-1",
            "issued_by": "工业和信息化部",
            "valid_from": "2026-01-01",
        },
    )
    path = f"passport-disputes/{filed.json()['id']}/"
    accepted = Caller(co).act(f"{path}accept/", {"version": 1, "opinion": "文件属实", "title": title.json()["id"]})
    assert accepted.json()["state"] == "accepted"
    upheld = Caller(cr).act(f"{path}uphold/", {"version": 2, "decision": "情况属实"})
    assert (upheld.status_code, upheld.json()["state"]) == (200, "upheld")
    assert upheld.json()["grant"] is not None

    after = passport(row, eo)
    assert (after["won"]["tier"]["code"], after["won"]["title"], after["next_tier"]) == (
        "national",
        "little_giant",
        None,
    )
    found = line(after, "little_giant")
    assert (found["held"], found["papers"][0]["certificate_no"], found["disputes"]) == (True, "XJR-1", [])
    assert found["papers"][0]["verified_by"] == cr.actor_label
    history = Caller(eo).get(after["quota"]["history"]).json()
    assert [(one["act"], one["amount"], one["after"]["available"]) for one in history["movements"]] == [
        ("grant", "50000.00", "50000.00"),
        ("upgrade", "250000.00", "300000.00"),
    ]
    assert history["closing"]["available"] == after["quota"]["left"] == "300000.00"
    assert Caller(eo).get(after["quota"]["explain"]).json()["result"] == "300000.00"
    trail = Caller(eo).get(f"/api/v1/{path}trail/").json()
    assert [one["act"] for one in trail] == ["file_dispute", "accept_dispute", "uphold_dispute"]


def test_a_dispute_that_fails_is_returned_handled_anew_and_rejected() -> None:
    row = EnterpriseFactory(active=True)
    dispute = make_dispute(row)
    path, dp = f"passport-disputes/{dispute.pk}/", Caller(officer(Role.DEPARTMENT))
    steps = [
        (Caller(officer(Role.CENTRE_CHECKER)), "find-unfounded", {"version": 1, "opinion": "未获评"}, "unfounded"),
        (dp, "return", {"version": 2, "reason": "请核对原件"}, "open"),
        (Caller(officer(Role.CENTRE_CHECKER)), "find-unfounded", {"version": 3, "opinion": "确未获评"}, "unfounded"),
        (dp, "reject", {"version": 4, "decision": "未获评"}, "rejected"),
    ]
    for caller, act, body, state in steps:
        assert caller.act(f"{path}{act}/", body).json()["state"] == state
    second = make_dispute(row)
    withdrawn = Caller(agent(row)).act(f"passport-disputes/{second.pk}/withdraw/", {"version": 1})
    assert withdrawn.json()["state"] == "withdrawn"


def test_relations_are_declared_replaced_and_shown() -> None:
    row = EnterpriseFactory(active=True)
    el, code = signatory(row), make_uscc()
    body: dict[str, Any] = {
        "commitment": True,
        "relations": [{"name": "某控股公司", "uscc": code, "kind": "parent", "since": "2018-06-01"}],
    }
    first = Caller(el).act(f"enterprises/{row.pk}/declare-relations/", body)
    assert (first.status_code, first.json()["relations"][0]["kind_label"]) == (201, "母公司或控股股东")
    assert passport(row, el)["relations_declared"] == clock.today().year
    stale = Caller(el).act(f"enterprises/{row.pk}/declare-relations/", body)
    assert (stale.status_code, stale.json()["code"]) == (409, "DECLARATION_CHANGED")
    assert stale.json()["details"]["in_force"] == first.json()["id"]
    none = {"commitment": True, "relations": [], "replaces": first.json()["id"]}
    assert Caller(el).act(f"enterprises/{row.pk}/declare-relations/", none).status_code == 201
    listed = Caller(el).get("/api/v1/relation-declarations/?state=in_force").json()["results"]
    assert [one["relations"] for one in listed] == [[]]


def test_a_declaration_without_the_commitment_is_not_signed() -> None:
    row = EnterpriseFactory()
    caller, before = Caller(signatory(row)), picture()
    answer = caller.act(f"enterprises/{row.pk}/declare-relations/", {"commitment": False, "relations": []})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_FIELDS")
    assert picture() == before


@pytest.mark.parametrize("tail", ["passport/", "quota/history/", "quota/years/"])
def test_another_tenants_passport_is_a_404(tail: str) -> None:
    row, stranger = EnterpriseFactory(active=True), make_user(Role.ENTERPRISE_AGENT)
    answer = Caller(stranger).get(f"/api/v1/enterprises/{row.pk}/{tail}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def seen(user: Any, path: str) -> set[str]:
    return {one["id"] for one in Caller(user).get(f"/api/v1/{path}").json()["results"]}


def test_who_sees_which_disputes_and_declarations() -> None:
    nanning, liuzhou = EnterpriseFactory(active=True), EnterpriseFactory(active=True, region_code="450203")
    rows = {one.pk: (str(make_dispute(one).pk), str(declare(one).pk)) for one in (nanning, liuzhou)}
    city = make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450200"))
    for index, path in enumerate(("passport-disputes/", "relation-declarations/")):
        both = {pair[index] for pair in rows.values()}
        for role in (Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.SUPERVISOR):
            assert seen(officer(role), path) == both
        assert seen(city, path) == {rows[liuzhou.pk][index]}
        assert seen(agent(nanning), path) == {rows[nanning.pk][index]}
        for role in (Role.AUDITOR, Role.PROVIDER_AGENT):
            assert seen(make_user(role), path) == set()


def test_disputes_are_found_by_state_line_and_whether_they_are_late() -> None:
    row = EnterpriseFactory(active=True)
    opened, done = make_dispute(row), make_dispute(row, line="smart_factory", state="rejected")
    dp = officer(Role.DEPARTMENT)
    assert seen(dp, "passport-disputes/?state=open") == {str(opened.pk)}
    assert seen(dp, "passport-disputes/?line=smart_factory") == {str(done.pk)}
    assert seen(dp, "passport-disputes/?overdue=true") == set()
    assert seen(dp, "passport-disputes/?overdue=false") == {str(opened.pk), str(done.pk)}
    assert seen(dp, f"relation-declarations/?enterprise={row.pk}") == set()


def cost(user: User, path: str) -> tuple[int, int]:
    caller = Caller(User.objects.get(pk=user.pk))
    with CaptureQueriesContext(connection) as captured:
        rows = caller.get(f"/api/v1/{path}").json()["results"]
    return len(rows), len(captured)


@pytest.mark.parametrize("path", ["passport-disputes/", "relation-declarations/"])
def test_a_longer_list_costs_no_more_queries(path: str) -> None:
    dp = officer(Role.DEPARTMENT)

    def add() -> None:
        row = EnterpriseFactory(active=True)
        by = agent(row)
        make_dispute(row, by=by, file_ids=[upload(by).pk, upload(by).pk])
        declare(row, tie(make_uscc()), tie(make_uscc(), RelationKind.SHAREHOLDER))

    add()
    one = cost(dp, path)
    for _ in range(3):
        add()
    four = cost(dp, path)
    assert (one[0], four[0]) == (1, 4)
    assert one[1] == four[1] <= 8


def test_officers_read_the_same_passport() -> None:
    row = EnterpriseFactory(active=True)
    give_title(row, "region_champion")
    own = passport(row, agent(row))
    assert passport(row, officer(Role.CENTRE_CHECKER)) == own
    assert own["quota"] | {"explain": "", "history": ""} == {
        "year": clock.today().year, "tier_code": "ordinary", "quota": "50000.00", "issued": "50000.00",
        "reserved": "0.00", "committed": "0.00", "due": "0.00", "consumed": "0.00", "expired": "0.00",
        "available": "50000.00", "used": "0.00", "left": "50000.00", "adjusted": "0.00", "entitled": "200000.00",
        "explain": "", "history": "",
    }  # fmt: skip
