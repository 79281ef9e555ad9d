"""Enterprises over HTTP: who sees what, the whole way by curl's means, and bad input."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.states import OrganisationKind, Role
from enterprises.models import Enterprise
from foundation import clock
from tests.enterprises.support import agent, fresh, picture, signatory
from tests.factories.accounts import Caller, make_identity, make_organisation, make_uscc, make_user, officer
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.programmes import open_year
from tests.factories.registry import make_title

pytestmark = pytest.mark.django_db

PASSWORD = "Guangxi-voucher-2026"
LISI, ZHANGSAN = make_identity(900_001), make_identity(900_002)
REGISTRATION: dict[str, Any] = {
    "name": "广西测试机械有限公司",
    "industry_code": "3670",
    "region_code": "450203",
    "address": "柳州市鱼峰区测试路1号",
    "registered_on": "2012-05-08",
    "legal_representative": "张三",
    "contact_name": "李四",
    "contact_phone": "10012345678",
    "bank_name": "测试银行柳州分行",
    "bank_account": "0000001234567890",
    "people": [
        {"username": "lisi", "password": PASSWORD, "name": "李四", "identity_number": LISI, "roles": ["EO"]},
        {"username": "zhangsan", "password": PASSWORD, "name": "张三", "identity_number": ZHANGSAN, "roles": ["EL"]},
    ],
}


def registration(**changes: Any) -> dict[str, Any]:
    return {**REGISTRATION, "uscc": make_uscc(), **changes}


def signed_in(client: APIClient, username: str) -> Caller:
    """As curl does it: a token for a name and password."""
    response = client.post("/api/v1/auth/tokens/", {"username": username, "password": PASSWORD}, format="json")
    caller = Caller()
    caller.credentials(HTTP_AUTHORIZATION=f"Token {response.json()['token']}")
    return caller


def test_from_registration_to_quota_over_http(anonymous: APIClient) -> None:
    open_year(clock.today().year)
    made = Caller().act("registrations/enterprise/", registration())
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    path = f"enterprises/{made.json()['id']}/"
    own = signed_in(anonymous, "zhangsan")
    submitted = own.act(f"{path}submit/", {"version": 1, "commitment": True}).json()
    assert submitted["state"] == "auto_doubt"  # not on the roster
    checker, seen = Caller(officer(Role.CENTRE_CHECKER)), {"version": submitted["version"]}
    silent = checker.act(f"{path}check/", seen)
    assert (silent.status_code, silent.json()["code"]) == (409, "DOUBTS_UNANSWERED")
    doubts = [one["code"] for one in submitted["checks"] if one["result"] == "warning"]
    assert silent.json()["details"] == {"doubts": doubts}
    findings = [{"code": code, "note": "已与统计局核对。"} for code in doubts]
    checked = checker.act(f"{path}check/", seen | {"findings": findings}).json()
    assert [one["note"] for one in checked["checks"] if one["code"] in doubts] == ["已与统计局核对。"] * len(doubts)
    confirmed = Caller(officer(Role.CENTRE_REVIEWER)).act(f"{path}confirm/", {"version": checked["version"]}).json()
    assert confirmed["state"] == "active"
    quota = own.get(f"/api/v1/{path}quota/").json()
    assert (quota["tier_code"], quota["quota"], quota["left"]) == ("ordinary", "50000.00", "50000.00")
    assert own.get(f"/api/v1/{path}tier/explain/").json()["result"] == "一般规模以上制造业企业（50,000.00元）"
    assert own.get(f"/api/v1/{path}quota/explain/").json()["result"] == "50000.00"
    assert [row["kind"] for row in own.get(f"/api/v1/{path}grants/").json()] == ["grant"]
    trail = own.get(f"/api/v1/{path}evidence/").json()
    assert [row["act"] for row in trail] == ["register", "submit", "auto_check", "check", "confirm", "quota_grant"]


def test_the_answer_to_registration_masks_and_repeats(anonymous: APIClient) -> None:
    body = registration()
    first = Caller().act("registrations/enterprise/", body, key="once")
    again = Caller().act("registrations/enterprise/", body, key="once")
    assert (again.status_code, again.json()) == (201, first.json())
    assert first.json()["contact_phone"] == "100****5678"
    assert PASSWORD not in str(first.json())
    assert Enterprise.objects.count() == 1


def test_a_titles_verification_by_http_upgrades_at_once() -> None:
    enterprise = EnterpriseFactory(active=True)
    row = make_title(enterprise.uscc, "little_giant", state="recorded")
    answer = Caller(officer(Role.CENTRE_REVIEWER)).act(f"registry/titles/{row.pk}/verify/", {"version": 1})
    assert (answer.status_code, answer.json()["state"]) == (200, "verified")
    own = Caller(agent(enterprise))
    assert own.get(f"/api/v1/enterprises/{enterprise.pk}/quota/").json()["left"] == "300000.00"
    revoked = Caller(officer(Role.DEPARTMENT)).act(
        f"registry/titles/{row.pk}/revoke/",
        {"version": 2, "revoked_on": str(clock.today()), "reason": "公告撤销"},
    )
    assert revoked.status_code == 200
    assert own.get(f"/api/v1/enterprises/{enterprise.pk}/quota/").json()["left"] == "50000.00"


def test_an_adjustment_by_http_takes_three_people() -> None:
    enterprise = EnterpriseFactory(active=True)
    made = Caller(officer(Role.CENTRE_CHECKER)).act(
        f"enterprises/{enterprise.pk}/adjustments/", {"decrease": "10000.00", "reason": "数据有误"}
    )
    assert (made.status_code, made.json()["amount"]) == (201, "-10000.00")
    path = f"quota-adjustments/{made.json()['id']}/"
    assert Caller(officer(Role.CENTRE_REVIEWER)).act(f"{path}review/", {"version": 1}).status_code == 200
    decided = Caller(officer(Role.DEPARTMENT)).act(
        f"{path}decide/", {"version": 2, "decision_no": "桂工信函〔2026〕1号"}
    )
    assert decided.json()["state"] == "decided"
    shown = Caller(agent(enterprise)).get("/api/v1/quota-adjustments/").json()["results"]
    assert [row["id"] for row in shown] == [made.json()["id"]]


def visible(user: Any) -> set[str]:
    response = Caller(user).get("/api/v1/enterprises/")
    assert response.status_code == 200
    return {row["id"] for row in response.json()["results"]}


def test_who_sees_which_enterprises() -> None:
    nanning = EnterpriseFactory(region_code="450103")
    liuzhou = EnterpriseFactory(region_code="450203")
    both = {str(nanning.pk), str(liuzhou.pk)}
    for role in (
        Role.CENTRE_CHECKER,
        Role.CENTRE_REVIEWER,
        Role.DEPARTMENT,
        Role.APPROVER,
        Role.FINANCE,
        Role.SUPERVISOR,
    ):
        assert visible(officer(role)) == both
    city = make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450200"))
    assert visible(city) == {str(liuzhou.pk)}
    assert visible(agent(nanning)) == {str(nanning.pk)}
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR, Role.PROVIDER_AGENT, Role.ENTERPRISE_SIGNATORY):
        assert visible(make_user(role)) == set()


@pytest.mark.parametrize("tail", ["", "tier/explain/", "quota/", "quota/explain/", "grants/", "evidence/"])
def test_another_tenants_enterprise_is_a_404(tail: str) -> None:
    enterprise, stranger = EnterpriseFactory(active=True), make_user(Role.ENTERPRISE_AGENT)
    response = Caller(stranger).get(f"/api/v1/enterprises/{enterprise.pk}/{tail}")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("tail", ["edit", "submit", "check", "confirm", "freeze", "close"])
def test_no_act_reaches_another_tenants_enterprise(tail: str) -> None:
    enterprise, stranger = EnterpriseFactory(), make_user(Role.ENTERPRISE_SIGNATORY)
    before = picture()
    body = {"version": 1, "commitment": True, "reason": "x", "address": "x"}
    assert Caller(stranger).act(f"enterprises/{enterprise.pk}/{tail}/", body).status_code == 404
    assert picture() == before


def test_nobody_signed_in_sees_nothing(anonymous: APIClient) -> None:
    enterprise = EnterpriseFactory()
    assert anonymous.get("/api/v1/enterprises/").status_code == 401
    assert anonymous.get(f"/api/v1/enterprises/{enterprise.pk}/").status_code == 401


def test_contact_and_account_are_whole_for_oneself_and_masked_for_officers() -> None:
    enterprise = EnterpriseFactory()
    path = f"/api/v1/enterprises/{enterprise.pk}/"
    own, seen = (Caller(user).get(path).json() for user in (agent(enterprise), officer(Role.CENTRE_CHECKER)))
    assert (own["contact_phone"], own["bank_account"]) == ("10012345678", "0000001234567890")
    assert (seen["contact_phone"], seen["bank_account"], seen["contact_name"], seen["contact_email"]) == (
        "100****5678",
        "****7890",
        "李***",
        "l***",
    )


def test_the_list_carries_no_personal_data() -> None:
    enterprise = EnterpriseFactory()
    text = Caller(officer(Role.DEPARTMENT)).get("/api/v1/enterprises/").content.decode()
    for secret in (enterprise.contact_phone, enterprise.contact_name, enterprise.bank_account):
        assert secret not in text


def queries(caller: Caller, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert caller.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["/api/v1/enterprises/", "/api/v1/quota-adjustments/"])
def test_a_longer_list_costs_no_more_queries(path: str) -> None:
    user = officer(Role.DEPARTMENT)

    def add() -> None:
        row = EnterpriseFactory(active=True)
        checker = officer(Role.CENTRE_CHECKER)
        Caller(checker).act(f"enterprises/{row.pk}/adjustments/", {"increase": "1.00", "reason": "x"})

    add()
    one = queries(Caller(fresh(user)), path)
    for _ in range(2):
        add()
    assert queries(Caller(fresh(user)), path) == one


@pytest.mark.parametrize(
    ("query", "found"),
    [("state=draft", 1), ("state=active", 1), ("region=4502", 1), ("name=甲", 1), ("industry=36", 2), ("uscc=x", 0)],
)
def test_filters(query: str, found: int) -> None:
    EnterpriseFactory(name="广西甲机械有限公司", region_code="450203")
    EnterpriseFactory(active=True, name="广西乙机械有限公司")
    response = Caller(officer(Role.DEPARTMENT)).get(f"/api/v1/enterprises/?{query}")
    assert len(response.json()["results"]) == found


@pytest.mark.parametrize("query", ["state=nonsense", "cursor=nonsense", "name=" + "长" * 61, "name=%00"])
def test_a_bad_filter_is_a_4xx(query: str) -> None:
    response = Caller(officer(Role.DEPARTMENT)).get(f"/api/v1/enterprises/?{query}")
    assert 400 <= response.status_code < 500
    assert response.json()["code"]


BAD = [
    {"uscc": "91450199MA6K00014D"},
    {"uscc": "9" * 33},
    {"uscc": None},
    {"name": ""},
    {"name": "长" * 121},
    {"name": "坏\x00名"},
    {"name": ["x"]},
    {"industry_code": "36"},
    {"industry_code": 3670.5},
    {"region_code": "abc"},
    {"registered_on": "2012-02-30"},
    {"registered_on": "nonsense"},
    {"contact_email": "nonsense"},
    {"bank_account": "-1"},
    {"people": []},
    {"people": "x"},
    *(
        {"people": [{"username": "abcd", "password": PASSWORD, "name": "x", "identity_number": LISI, **wrong}]}
        for wrong in (
            {"roles": ["EL"], "username": "a"},
            {"roles": ["EL"], "password": "short"},
            {"roles": ["CO", "EL"]},
            {"roles": ["EO"]},
            {"roles": ["EL"], "identity_number": ""},
            {"roles": ["EL"], "identity_number": "1" * 18},
            {"roles": ["EL"], "identity_number": None},
        )
    ),
    {"people": [{"username": "abcd", "password": PASSWORD, "name": "x", "roles": ["EL"]}]},
]


@pytest.mark.parametrize("change", BAD, ids=str)
def test_bad_input_registers_nothing(change: dict[str, Any]) -> None:
    before = picture()
    response = Caller().act("registrations/enterprise/", registration(**change))
    assert 400 <= response.status_code < 500
    assert response.json()["code"]
    assert response.json()["message"]
    assert picture() == before


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("check", {}),
        ("check", {"version": "x"}),
        ("check", {"version": 0}),
        ("check", {"version": 2**31}),
        ("check", {"version": 1.5}),
        ("check", {"version": 1, "reason": "长" * 501}),
        ("return", {"version": 1}),
        ("return", {"version": 1, "reason": "   "}),
        ("reject", {"version": 1, "reason": None}),
        ("disqualify", {"version": 1, "reason": "x", "decision_no": "x", "until": "2026-13-01"}),
        ("adjustments", {"reason": "x"}),
        ("adjustments", {"reason": "x", "increase": "1.00", "decrease": "1.00"}),
        ("adjustments", {"reason": "x", "increase": "-1.00"}),
        ("adjustments", {"reason": "x", "increase": "1.001"}),
        ("adjustments", {"reason": "x", "increase": 1.5}),
        ("adjustments", {"reason": "x", "increase": "1" * 13}),
    ],
    ids=str,
)
def test_bad_input_changes_nothing(tail: str, body: dict[str, Any]) -> None:
    enterprise = EnterpriseFactory(active=True)
    caller = Caller(make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER))
    before = picture()
    response = caller.act(f"enterprises/{enterprise.pk}/{tail}/", body)
    assert (response.status_code, response.json()["code"]) == (400, "INVALID_FIELDS")
    assert picture() == before


@pytest.mark.parametrize("year", ["x", "99999", "２０２６", "-1", ""])
def test_a_bad_year_is_a_400(year: str) -> None:
    enterprise = EnterpriseFactory(active=True)
    response = Caller(agent(enterprise)).get(f"/api/v1/enterprises/{enterprise.pk}/quota/?year={year}")
    assert (response.status_code, response.json()["code"]) == (400, "YEAR_INVALID")


def test_the_commitment_must_be_signed() -> None:
    enterprise = EnterpriseFactory()
    caller = Caller(signatory(enterprise))
    before = picture()
    response = caller.act(f"enterprises/{enterprise.pk}/submit/", {"version": 1, "commitment": False})
    assert (response.status_code, response.json()["code"]) == (400, "INVALID_FIELDS")
    assert picture() == before


@pytest.mark.parametrize("wrong", ["nonsense", "00000000-0000-0000-0000-000000000000", "-" * 36])
def test_an_unknown_id_is_a_404(wrong: str) -> None:
    response = Caller(officer(Role.DEPARTMENT)).get(f"/api/v1/enterprises/{wrong}/")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


def test_who_may_not_sign_is_told_who_does() -> None:
    row = EnterpriseFactory()
    answer = Caller(agent(row)).act(f"enterprises/{row.pk}/submit/", {"version": 1, "commitment": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
    assert answer.json()["message"] == ("您的角色或岗位分离规则不允许签署信用承诺并提交，须由企业授权签署人办理。")
    assert answer.json()["details"] == {"roles": [{"code": "EL", "label": "企业授权签署人"}]}
