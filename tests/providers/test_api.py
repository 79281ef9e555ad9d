"""Providers and products over HTTP: the public lists, the whole way, who sees what, and bad input."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.states import OrganisationKind, Role
from foundation import clock
from providers.services import products, standing
from tests.enterprises.support import fresh, picture
from tests.factories.accounts import Caller, make_identity, make_organisation, make_uscc, make_user, officer
from tests.factories.programmes import open_year
from tests.factories.providers import ApplicationFactory, ProductFactory, ProviderFactory, signatory_of

pytestmark = pytest.mark.django_db

PASSWORD = "Guangxi-voucher-2026"
WANGWU = make_identity(900_003)
REGISTRATION: dict[str, Any] = {
    "name": "广西测试服务有限公司",
    "region_code": "450103",
    "address": "南宁市青秀区测试路8号",
    "founded_on": "2015-03-12",
    "legal_representative": "王五",
    "contact_name": "赵六",
    "contact_phone": "10087654321",
    "core_staff": 26,
    "clients_last_year": 48,
    "revenue_last_year": "9600000.00",
    "people": [
        {"username": "wangwu", "password": PASSWORD, "name": "王五", "identity_number": WANGWU, "roles": ["PL"]}
    ],
}
OFFER: dict[str, Any] = {
    "name": "数字化转型诊断",
    "category": "diagnosis",
    "aim": "查明短板",
    "deliverables": ["诊断报告"],
    "indicators": [{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场核对"}],
    "min_days": 10,
    "max_days": 45,
    "price": "12500.00",
    "price_proof": "同类合同均价",
}


def registration(**changes: Any) -> dict[str, Any]:
    return {**REGISTRATION, "uscc": make_uscc(), **changes}


def test_from_registration_to_the_catalogue_over_http(anonymous: APIClient) -> None:
    with time_machine.travel(clock.start_of(date(2026, 3, 2)), tick=True) as moved:
        open_year(2026)
        made = Caller().act("registrations/provider/", registration())
        assert made.status_code == 201
        token = anonymous.post("/api/v1/auth/tokens/", {"username": "wangwu", "password": PASSWORD}, format="json")
        own = Caller()
        own.credentials(HTTP_AUTHORIZATION=f"Token {token.json()['token']}")
        checker, department, approver = (
            Caller(officer(role)) for role in (Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER)
        )
        period = {"first": "2026-03-02", "last": "2026-03-06", "reference": "公示1号"}
        opinion, decision = {"expert_opinion": "评审意见1号"}, {"approval_no": "纪要1号"}

        case = own.act("providers/applications/", {"year": 2026}).json()
        path = f"providers/applications/{case['id']}/"
        for caller, name, body in (
            (own, "submit", {"commitment": True}),
            (checker, "check", {}),
            (department, "accept", {}),
            (department, "recommend", opinion),
            (approver, "approve", decision),
            (department, "publicise", period),
        ):
            case = caller.act(f"{path}{name}/", {"version": case["version"], **body}).json()
        offer = own.act("products/", OFFER).json()
        shelf = f"products/{offer['id']}/"
        for caller, name, body in (
            (own, "submit", {}),
            (checker, "check", {}),
            (department, "recommend", opinion),
            (approver, "approve", decision),
            (department, "publicise", period),
        ):
            offer = caller.act(f"{shelf}{name}/", {"version": offer["version"], **body}).json()
        assert (case["state"], offer["state"]) == ("publicity", "publicity")

        moved.move_to(clock.start_of(date(2026, 3, 7)))
        case = department.act(f"{path}list/", {"version": case["version"]}).json()
        offer = department.act(f"{shelf}shelve/", {"version": offer["version"]}).json()
        assert (case["state"], offer["state"]) == ("listed", "on_shelf")
        assert [row["id"] for row in anonymous.get("/api/v1/products/").json()["results"]] == [offer["id"]]
        shown = anonymous.get("/api/v1/providers/").json()["results"]
        assert [(row["name"], row["listed_until"]) for row in shown] == [("广西测试服务有限公司", "2026-12-31")]
        cap = own.get(f"/api/v1/providers/{made.json()['id']}/cap/").json()
        assert (cap["cap"], cap["left"], cap["share"]) == ("5000000.00", "5000000.00", "0.0000")
        told = own.get(f"/api/v1/providers/{made.json()['id']}/cap/explain/").json()
        assert (told["result"], told["inputs"]["warning"]) == ("5000000.00", "")


def test_an_account_by_http_takes_two_houses() -> None:
    provider = ProviderFactory()
    made = Caller(signatory_of(provider)).act(
        "providers/accounts/",
        {
            "account_name": provider.name,
            "account_number": "0000001111222233",
            "bank_name": "测试银行",
            "line_no": "000000000002",
        },
    )
    assert (made.status_code, made.json()["account_number"]) == (201, "****2233")
    approved = Caller(officer(Role.CENTRE_REVIEWER)).act(
        f"providers/accounts/{made.json()['id']}/approve/", {"version": 1}
    )
    assert (approved.status_code, approved.json()["effective_on"]) == (200, str(clock.today()))
    listed = Caller(officer(Role.DEPARTMENT)).get("/api/v1/providers/accounts/")
    assert "0000001111222233" not in listed.content.decode()


def test_a_bar_by_http() -> None:
    provider = ProviderFactory(listed=True)
    made = Caller(officer(Role.DEPARTMENT)).act(
        "providers/bars/", {"provider": str(provider.pk), "grounds": "虚报上年服务企业数"}
    )
    decided = Caller(officer(Role.APPROVER)).act(
        f"providers/bars/{made.json()['id']}/decide/", {"version": 1, "decision_no": "罚1号"}
    )
    assert (decided.status_code, decided.json()["state"]) == (200, "decided")
    own = Caller(signatory_of(provider))
    assert own.act("providers/applications/", {"year": clock.today().year}).json()["code"] == "USCC_BARRED"
    assert own.get("/api/v1/providers/bars/").json()["results"] == []


def ids(caller: Any, path: str) -> set[str]:
    response = caller.get(f"/api/v1/{path}")
    assert response.status_code == 200
    return {row["id"] for row in response.json()["results"]}


def test_the_catalogue_is_on_shelf_products_of_listed_providers() -> None:
    shown = ProductFactory(on_shelf=True)
    draft = ProductFactory()
    suspended = ProductFactory(on_shelf=True)
    products.suspend(by=officer(Role.DEPARTMENT), product_id=suspended.pk, version=suspended.version, reason="核查")
    unlisted = ProductFactory(on_shelf=True, provider=ProviderFactory())
    everything = {str(row.pk) for row in (shown, draft, suspended, unlisted)}
    assert ids(APIClient(), "products/") == {str(shown.pk)}
    assert ids(Caller(make_user(Role.ENTERPRISE_AGENT)), "products/") == {str(shown.pk)}
    assert ids(Caller(make_user(Role.SYSTEM_ADMIN)), "products/") == {str(shown.pk)}
    assert ids(Caller(signatory_of(draft.provider)), "products/") == {str(shown.pk), str(draft.pk)}
    assert ids(Caller(officer(Role.DEPARTMENT)), "products/") == everything
    assert APIClient().get(f"/api/v1/products/{draft.pk}/").status_code == 404


def test_a_suspended_provider_leaves_the_public_lists() -> None:
    product = ProductFactory(on_shelf=True)
    listing = product.provider.applications.get()
    standing.suspend(by=officer(Role.DEPARTMENT), application_id=listing.pk, version=listing.version, reason="核查")
    assert ids(APIClient(), "products/") == set()
    assert ids(APIClient(), "providers/") == set()
    assert ids(Caller(signatory_of(product.provider)), "providers/") == {str(product.provider.pk)}


def test_the_public_pages_carry_no_personal_data(anonymous: APIClient) -> None:
    product = ProductFactory(on_shelf=True)
    text = "".join(
        anonymous.get(f"/api/v1/{path}").content.decode()
        for path in ("providers/", f"providers/{product.provider.pk}/", "products/", f"products/{product.pk}/")
    )
    provider = product.provider
    for secret in (
        provider.contact_name,
        provider.contact_phone,
        provider.contact_email,
        provider.legal_representative,
    ):
        assert secret not in text


def test_the_profile_is_for_oneself_and_officers(anonymous: APIClient) -> None:
    provider = ProviderFactory(listed=True)
    path = f"/api/v1/providers/{provider.pk}/profile/"
    assert anonymous.get(path).status_code == 401
    assert Caller(make_user(Role.ENTERPRISE_AGENT)).get(path).status_code == 404
    assert Caller(make_user(Role.PROVIDER_AGENT)).get(path).status_code == 404
    assert Caller(signatory_of(provider)).get(path).json()["contact_phone"] == "10087654321"
    assert Caller(officer(Role.CENTRE_CHECKER)).get(path).json()["contact_phone"] == "100****4321"


@pytest.mark.parametrize("path", ["providers/applications/", "providers/accounts/"])
def test_who_sees_applications_and_accounts(path: str) -> None:
    provider = ProviderFactory(listed=True)
    assert len(ids(Caller(signatory_of(provider)), path)) == 1
    assert len(ids(Caller(officer(Role.FINANCE)), path)) == 1
    for role in (Role.PROVIDER_SIGNATORY, Role.ENTERPRISE_SIGNATORY, Role.AUDITOR, Role.SYSTEM_ADMIN):
        assert ids(Caller(make_user(role)), path) == set()
    assert APIClient().get(f"/api/v1/{path}").status_code == 401


def test_a_city_sees_its_own() -> None:
    inside, outside = ProviderFactory(region_code="450203"), ProviderFactory(region_code="450103")
    city = Caller(make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450200")))
    assert ids(city, "providers/") == {str(inside.pk)}
    assert city.get(f"/api/v1/providers/{outside.pk}/profile/").status_code == 404


@pytest.mark.parametrize("tail", ["profile/", "cap/", "cap/explain/", "evidence/"])
def test_another_tenants_figures_are_a_404(tail: str) -> None:
    provider, stranger = ProviderFactory(listed=True), make_user(Role.PROVIDER_SIGNATORY)
    assert Caller(stranger).get(f"/api/v1/providers/{provider.pk}/{tail}").status_code == 404


def test_the_trail_of_a_public_product_is_not_public(anonymous: APIClient) -> None:
    product = ProductFactory(on_shelf=True)
    path = f"/api/v1/products/{product.pk}/evidence/"
    assert anonymous.get(path).status_code == 401
    assert Caller(make_user(Role.ENTERPRISE_AGENT)).get(path).status_code == 404
    assert [row["act"] for row in Caller(signatory_of(product.provider)).get(path).json()] == ["shelve"]


def test_an_enterprise_offers_nothing() -> None:
    caller = Caller(make_user(Role.ENTERPRISE_SIGNATORY))
    response = caller.act("products/", OFFER)
    assert (response.status_code, response.json()["code"]) == (403, "NOT_A_PROVIDER")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("category=diagnosis", 1),
        ("category=market", 1),
        ("is_diagnosis=true", 1),
        ("price_from=20000", 1),
        ("price_to=20000", 1),
        ("text=诊断", 1),
        ("text=诊断 短板", 1),
        ("text=诊断 没有", 0),
        ("state=draft", 0),
    ],
)
def test_catalogue_filters(query: str, found: int, anonymous: APIClient) -> None:
    provider = ProviderFactory(listed=True)
    ProductFactory(on_shelf=True, provider=provider)
    ProductFactory(
        on_shelf=True, provider=provider, category="market", name="品牌策划", aim="打开市场", price="30000.00"
    )
    assert len(anonymous.get(f"/api/v1/products/?{query}").json()["results"]) == found


@pytest.mark.parametrize(
    "query", ["state=nonsense", "provider=nonsense", "price_from=abc", "price_to=NaN", "is_diagnosis=%00", "text=%00"]
)
def test_a_bad_filter_is_never_a_5xx(query: str, anonymous: APIClient) -> None:
    assert anonymous.get(f"/api/v1/products/?{query}").status_code in (200, 400)


@pytest.mark.parametrize(
    "path", ["products/", "providers/", "providers/applications/", "providers/accounts/", "providers/bars/"]
)
def test_a_longer_list_costs_no_more_queries(path: str) -> None:
    user = officer(Role.DEPARTMENT)

    def add() -> None:
        provider = ProductFactory(on_shelf=True).provider
        standing.propose_bar(by=officer(Role.DEPARTMENT), provider_id=provider.pk, grounds="虚报")

    def queries() -> int:
        caller = Caller(fresh(user))
        with CaptureQueriesContext(connection) as captured:
            assert caller.get(f"/api/v1/{path}").status_code == 200
        return len(captured)

    add()
    one = queries()
    add()
    add()
    assert queries() == one


BAD_REGISTRATIONS = [
    {"uscc": "91450199MA6K00014D"},
    {"revenue_last_year": "-1.00"},
    {"revenue_last_year": "1.001"},
    {"revenue_last_year": 1.5},
    {"core_staff": -1},
    {"core_staff": 10**12},
    {"core_staff": "many"},
    {"founded_on": "nonsense"},
    {"name": "坏\x00名"},
    {"introduction": "长" * 2001},
    {"parent_name": "母公司"},
    {"parent_name": "母公司", "parent_uscc": "x", "parent_founded_on": "2000-01-01"},
    {"people": []},
    {"people": [{"username": "abcd", "password": PASSWORD, "name": "x", "identity_number": WANGWU, "roles": ["PO"]}]},
    {"people": [{"username": "abcd", "password": PASSWORD, "name": "x", "roles": ["PL"]}]},
]


@pytest.mark.parametrize("change", BAD_REGISTRATIONS, ids=str)
def test_bad_input_registers_nothing(change: dict[str, Any]) -> None:
    before = picture()
    response = Caller().act("registrations/provider/", registration(**change))
    assert response.status_code == 400
    assert response.json()["code"]
    assert response.json()["message"]
    assert picture() == before


@pytest.mark.parametrize(
    "change",
    [
        {"price": "0.00"},
        {"price": "12500.001"},
        {"price": -1},
        {"price": 12500.5},
        {"min_days": 0},
        {"max_days": 1},
        {"max_days": "x"},
        {"deliverables": []},
        {"deliverables": "报告"},
        {"deliverables": [{}]},
        {"indicators": []},
        {"indicators": [{"name": "x"}]},
        {"category": "nonsense"},
        {"category": None},
        {"aim": "坏\x00"},
    ],
    ids=str,
)
def test_bad_input_offers_nothing(change: dict[str, Any]) -> None:
    open_year(clock.today().year)
    provider = ProviderFactory()
    caller = Caller(signatory_of(provider))
    before = picture()
    response = caller.act("products/", {**OFFER, **change})
    assert response.status_code == 400
    assert response.json()["code"]
    assert picture() == before


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("check", {}),
        ("check", {"version": -1}),
        ("return", {"version": 1}),
        ("recommend", {"version": 1, "expert_opinion": ""}),
        ("recommend", {"version": 1, "expert_opinion": "x", "opinion_file": "nonsense"}),
        ("approve", {"version": 1}),
        ("publicise", {"version": 1, "first": "2026-02-30", "last": "x", "reference": "x"}),
        ("submit", {"version": 1, "commitment": False}),
        ("terminate", {"version": 1, "reason": "x", "decision_no": "长" * 65}),
    ],
    ids=str,
)
def test_bad_input_changes_nothing(tail: str, body: dict[str, Any]) -> None:
    row = ApplicationFactory()
    caller = Caller(officer(Role.DEPARTMENT))
    before = picture()
    response = caller.act(f"providers/applications/{row.pk}/{tail}/", body)
    assert (response.status_code, response.json()["code"]) == (400, "INVALID_FIELDS")
    assert picture() == before


def test_an_opinion_file_one_may_not_see_is_not_found() -> None:
    row = ApplicationFactory(state="dept_accepted")
    response = Caller(officer(Role.DEPARTMENT)).act(
        f"providers/applications/{row.pk}/recommend/",
        {
            "version": 1,
            "expert_opinion": "评审意见",
            "opinion_file": "00000000-0000-0000-0000-000000000000",
        },
    )
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("tail", ["submit", "check", "accept", "list", "suspend"])
def test_no_act_reaches_another_tenants_application(tail: str) -> None:
    row, stranger = ApplicationFactory(), make_user(Role.PROVIDER_SIGNATORY)
    before = picture()
    body = {"version": 1, "commitment": True, "reason": "x"}
    assert Caller(stranger).act(f"providers/applications/{row.pk}/{tail}/", body).status_code == 404
    assert picture() == before


def test_expired_products_leave_the_catalogue_at_midnight() -> None:
    with time_machine.travel(clock.start_of(date(2026, 12, 31)), tick=True) as moved:
        ProductFactory(on_shelf=True)
        assert len(ids(APIClient(), "products/")) == 1
        moved.move_to(clock.start_of(date(2027, 1, 1)) + timedelta(seconds=1))
        assert ids(APIClient(), "products/") == set()
