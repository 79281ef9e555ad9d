"""Providers and products over HTTP: the public lists, the whole way, who sees what, and bad input."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.states import OrganisationKind, Role
from foundation import clock
from providers.models import Provider
from providers.services import products, shelf, standing
from tests.enterprises.support import fresh, picture
from tests.factories.accounts import TESTER, Caller, make_identity, make_organisation, make_uscc, make_user, officer
from tests.factories.programmes import open_year
from tests.factories.providers import ListingFactory, ProductFactory, ProviderFactory, list_year, signatory_of
from tests.providers.support import drafted, next_version

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
    "sub_type": "digital_diagnosis",
    "aim": "查明生产环节的数字化短板，给出改造方案",
    "functions": "现场调研、短板分析",
    "deliverables": ["诊断报告"],
    "indicators": [{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场核对"}],
    "min_days": 10,
    "max_days": 45,
    "price": "12500.00",
    "price_proof": "同类合同均价",
}


def registration(**changes: Any) -> dict[str, Any]:
    return {**REGISTRATION, "uscc": make_uscc(), **changes}


def registered() -> Caller:
    """A provider registered over HTTP; its signatory, signed in with a token."""
    made = Caller().act("registrations/provider/", registration())
    assert made.status_code == 201
    token = APIClient().post("/api/v1/auth/tokens/", {"username": "wangwu", "password": PASSWORD}, format="json")
    own = Caller()
    own.credentials(HTTP_AUTHORIZATION=f"Token {token.json()['token']}")
    return own


def test_a_product_from_draft_to_a_lower_price_over_http(anonymous: APIClient) -> None:
    open_year(clock.today().year)
    own = registered()
    provider = Provider.objects.get(name=REGISTRATION["name"])
    listing = list_year(provider, clock.today().year)
    shown = own.get(f"/api/v1/providers/listings/{listing.pk}/").json()
    assert shown["valid_to"] == f"{listing.year}-12-31"
    assert f"继续服务须申报{listing.year + 1}年度服务商" in shown["renewal"]

    file = own.post("/api/v1/files/", {"file": pdf()}, headers={"Idempotency-Key": "file-1"})
    first = own.act("products/", {**OFFER, "proof_files": [file.json()["id"]]})
    assert (first.status_code, first.json()["state"], first.json()["number"]) == (201, "draft", 1)
    path = f"products/versions/{first.json()['id']}/"
    advice = own.get(f"/api/v1/{path}precheck/").json()
    assert (advice["result"], advice["label"], advice["checker"]) == (3, "部分通过", "规则预审")
    edited = own.act(f"{path}edit/", {"version": 1, "team": "顾问6名", "cases": "诊断12家"}).json()
    assert edited["version"] == 2
    assert own.get(f"/api/v1/{path}precheck/").json()["label"] == "通过"

    products.take_up(by=TESTER, version_id=edited["id"])  # the accreditation's part
    taken = own.get(f"/api/v1/{path}").json()
    assert (taken["state"], taken["precheck"]["result"]) == ("in_review", 1)
    assert own.act(f"{path}edit/", {"version": 3, "team": "x"}).json()["code"] == "WRONG_STATE"
    products.shelve(by=TESTER, version_id=edited["id"], approval_no="纪要3号", reference="公示2号")

    row = anonymous.get("/api/v1/products/").json()["results"][0]
    assert (row["state"], row["revision"], row["current"]["price"]) == ("on_shelf", 1, "12500.00")
    lowered = own.act(f"products/{row['id']}/lower-price/", {"version": row["version"], "price": "11000.00"})
    assert (lowered.status_code, lowered.json()["origin"]) == (200, "lowered")
    prices = anonymous.get(f"/api/v1/products/{row['id']}/prices/").json()
    assert [(one["number"], one["price"], one["origin_label"]) for one in prices] == [
        (1, "12500.00", "申报"),
        (2, "11000.00", "降价"),
    ]
    raised = own.act(f"products/{row['id']}/new-version/", {"version": row["version"] + 1, "price": "15000.00"})
    assert (raised.status_code, raised.json()["state"], raised.json()["number"]) == (201, "draft", 3)
    row = anonymous.get(f"/api/v1/products/{row['id']}/").json()
    assert (row["state"], row["current"]["price"]) == ("on_shelf", "11000.00")
    history = own.get(f"/api/v1/products/versions/?product={row['id']}").json()["results"]
    assert {(one["number"], one["state"]) for one in history} == {(1, "superseded"), (2, "current"), (3, "draft")}
    withdrawn = own.act(f"products/versions/{raised.json()['id']}/withdraw/", {"version": 1})
    assert withdrawn.json()["state"] == "withdrawn"
    trail = own.get(f"/api/v1/products/{row['id']}/evidence/").json()
    assert [one["act"] for one in trail] == ["create", "shelve", "lower_price"]


def test_a_listing_moves_by_http() -> None:
    provider = ProviderFactory(listed=True)
    listing = provider.listings.get()
    department, approver = Caller(officer(Role.DEPARTMENT)), Caller(officer(Role.APPROVER))
    path = f"providers/listings/{listing.pk}/"
    assert department.act(f"{path}suspend/", {"version": 1, "reason": "投诉核查"}).json()["state"] == "suspended"
    assert department.act(f"{path}resume/", {"version": 2, "reason": "不成立"}).json()["state"] == "listed"
    ended = approver.act(f"{path}terminate/", {"version": 3, "reason": "转包", "decision_no": "罚1号"}).json()
    assert (ended["state"], ended["decision_no"]) == ("terminated", "罚1号")
    own = Caller(signatory_of(provider))
    acts = [one["act"] for one in own.get(f"/api/v1/{path}evidence/").json()]
    assert acts == ["enlist", "suspend", "resume", "terminate"]


def test_no_address_lists_a_provider_or_shelves_a_product() -> None:
    version = drafted()
    caller = Caller(officer(Role.DEPARTMENT))
    for path in (
        "providers/listings/",
        f"products/versions/{version.pk}/shelve/",
        f"products/{version.product_id}/shelve/",
    ):
        assert caller.act(path, {"version": 1}).status_code in (404, 405)


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("合同.pdf", b"%PDF-1.7\n%%EOF\n", content_type="application/pdf")


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
    assert own.get("/api/v1/providers/listings/").json()["results"][0]["state"] == "terminated_ban"
    assert own.get("/api/v1/providers/bars/").json()["results"] == []


def ids(caller: Any, path: str) -> set[str]:
    response = caller.get(f"/api/v1/{path}")
    assert response.status_code == 200
    return {row["id"] for row in response.json()["results"]}


def test_the_catalogue_is_on_shelf_products_of_listed_providers() -> None:
    shown = ProductFactory(on_shelf=True)
    draft = ProductFactory()
    suspended = ProductFactory(on_shelf=True)
    shelf.suspend(by=officer(Role.DEPARTMENT), product_id=suspended.pk, version=suspended.version, reason="核查")
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
    listing = product.provider.listings.get()
    standing.suspend(by=officer(Role.DEPARTMENT), listing_id=listing.pk, version=listing.version, reason="核查")
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


@pytest.mark.parametrize("path", ["providers/listings/", "providers/accounts/"])
def test_who_sees_listings_and_accounts(path: str) -> None:
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
        ("sub_type=brand", 1),
        ("sub_type=media", 0),
        ("price_from=12500.01&price_to=30000", 1),
        ("price_from=20000", 1),
        ("price_to=20000", 1),
        ("q=诊断", 1),
        ("q=诊断 短板", 1),
        ("q=诊断 没有", 0),
        ("state=draft", 0),
    ],
)
def test_catalogue_filters(query: str, found: int, anonymous: APIClient) -> None:
    provider = ProviderFactory(listed=True)
    ProductFactory(on_shelf=True, provider=provider)
    ProductFactory(
        on_shelf=True,
        provider=provider,
        category="market",
        sub_type="brand",
        name="品牌策划",
        aim="打开市场",
        functions="渠道合作",
        price="30000.00",
    )
    assert len(anonymous.get(f"/api/v1/products/?{query}").json()["results"]) == found


@pytest.mark.parametrize(
    "query", ["state=nonsense", "provider=nonsense", "price_from=abc", "price_to=NaN", "is_diagnosis=%00", "q=%00"]
)
def test_a_bad_filter_is_never_a_5xx(query: str, anonymous: APIClient) -> None:
    assert anonymous.get(f"/api/v1/products/?{query}").status_code in (200, 400)


@pytest.mark.parametrize(
    "path",
    ["products/", "products/versions/", "providers/", "providers/listings/", "providers/accounts/", "providers/bars/"],
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
        {"sub_type": "nonsense"},
        {"sub_type": ""},
        {"proof_files": ["nonsense"]},
        {"market_prices": [{"source": "x", "price": "-1"}]},
        {"market_prices": [{"source": "x"}]},
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
        ("suspend", {}),
        ("suspend", {"version": -1, "reason": "x"}),
        ("resume", {"version": 1}),
        ("terminate", {"version": 1, "reason": "x"}),
        ("terminate", {"version": 1, "reason": "x", "decision_no": "长" * 65}),
    ],
    ids=str,
)
def test_bad_input_moves_no_listing(tail: str, body: dict[str, Any]) -> None:
    row = ListingFactory()
    caller = Caller(officer(Role.DEPARTMENT))
    before = picture()
    response = caller.act(f"providers/listings/{row.pk}/{tail}/", body)
    assert (response.status_code, response.json()["code"]) == (400, "INVALID_FIELDS")
    assert picture() == before


@pytest.mark.parametrize("tail", ["suspend", "resume", "terminate"])
def test_no_act_reaches_another_tenants_listing(tail: str) -> None:
    row, stranger = ListingFactory(), make_user(Role.PROVIDER_SIGNATORY)
    before = picture()
    body = {"version": 1, "reason": "x", "decision_no": "x"}
    assert Caller(stranger).act(f"providers/listings/{row.pk}/{tail}/", body).status_code == 404
    assert picture() == before


@pytest.mark.parametrize("tail", ["edit", "withdraw", "precheck", "evidence"])
def test_a_public_products_versions_are_not_public(tail: str, anonymous: APIClient) -> None:
    version = ProductFactory(on_shelf=True).versions.get()
    stranger = Caller(make_user(Role.PROVIDER_SIGNATORY))
    path = f"products/versions/{version.pk}/"
    assert anonymous.get(f"/api/v1/{path}").status_code == 401
    assert stranger.get(f"/api/v1/{path}").status_code == 404
    answer = (
        stranger.act(f"{path}{tail}/", {"version": 1, "price": "1.00"})
        if tail in ("edit", "withdraw")
        else stranger.get(f"/api/v1/{path}{tail}/")
    )
    assert answer.status_code == 404


def test_that_a_change_is_under_review_is_told_to_oneself_and_officers() -> None:
    product = ProductFactory(on_shelf=True)
    products.take_up(by=TESTER, version_id=next_version(product).pk)
    path = f"/api/v1/products/{product.pk}/"
    own, department = Caller(signatory_of(product.provider)), Caller(officer(Role.DEPARTMENT))
    enterprise = Caller(make_user(Role.ENTERPRISE_AGENT))
    told = [caller.get(path).json()["change_pending"] for caller in (own, department, enterprise, APIClient())]
    assert told == [True, True, False, False]


def test_the_public_sees_neither_team_nor_cases_nor_proofs(anonymous: APIClient) -> None:
    product = ProductFactory(on_shelf=True, team="张三（高级工程师）", cases="某机械公司", price_proof="内部合同")
    text = anonymous.get(f"/api/v1/products/{product.pk}/").content.decode()
    text += anonymous.get("/api/v1/products/").content.decode()
    for secret in ("张三", "某机械公司", "内部合同", "12600.00"):
        assert secret not in text


def test_expired_products_leave_the_catalogue_at_midnight() -> None:
    with time_machine.travel(clock.start_of(date(2026, 12, 31)), tick=True) as moved:
        ProductFactory(on_shelf=True)
        assert len(ids(APIClient(), "products/")) == 1
        moved.move_to(clock.start_of(date(2027, 1, 1)) + timedelta(seconds=1))
        assert ids(APIClient(), "products/") == set()
