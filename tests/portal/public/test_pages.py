"""Every public page: there for everybody, the same for everybody, cheap, whatever there is to show."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from demands.states import DemandState
from foundation import clock
from programmes import services
from tests.factories.accounts import make_user, officer
from tests.factories.contracts import make_parties
from tests.factories.demands import DemandFactory
from tests.factories.programmes import appropriate, open_year
from tests.factories.providers import ProductFactory, ProviderFactory
from tests.factories.publicity import make_publicity

pytestmark = pytest.mark.django_db

NAMES = (
    *("home", "notices", "publicities", "objections", "budget-now", "board", "products", "providers", "calculator"),
    *(
        "complain",
        "complaint-follow",
        "guides",
        "measures",
        "register",
        "accessibility",
        "privacy",
        "site-map",
        "sign-in",
    ),
)
# what a page asks of the database, its frame's two of the budget among them
MOST_QUERIES = {
    "home": 14,
    "notices": 6,
    "publicities": 4,
    "objections": 2,
    "budget-now": 10,
    "board": 5,
    "products": 7,
    "providers": 8,
    "calculator": 3,
    "complain": 2,
    "complaint-follow": 2,
    "guides": 2,
    "measures": 2,
    "register": 3,
    "accessibility": 2,
    "privacy": 3,
    "site-map": 2,
    "sign-in": 2,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_there_before_anything_was_ever_published(name, read):
    assert "<h1" in read(reverse(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_costs_few_queries_and_no_more_for_a_full_house(name, queries):
    open_year(2026, budget="3000000.00")
    _fill()
    few = queries(reverse(name))
    for _ in range(4):
        _fill()
    assert queries(reverse(name)) == few <= MOST_QUERIES[name]


def _fill() -> None:
    ProductFactory(on_shelf=True)
    DemandFactory(state=DemandState.PUBLISHED)
    make_publicity()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "sign-in"])
def test_a_page_says_the_same_to_whoever_has_signed_in(name, client, morning):
    parties = make_parties()
    DemandFactory(state=DemandState.PUBLISHED)
    people = (parties.eo, parties.po, make_user(Role.CENTRE_CHECKER))
    morning.move_to(clock.now(), tick=False)
    stranger = _main(client.get(reverse(name)).content.decode())
    for user in people:
        signed_in = Client()
        signed_in.force_login(user)
        assert _main(signed_in.get(reverse(name)).content.decode()) == stranger


def _main(page: str) -> str:
    """What stands in <main>, without the forms' tokens, the second of the day and the button that is not everybody's."""
    inside = page.partition("<main")[2].partition("</main>")[0]
    inside = re.sub(r'<a class="btn" href="[^"]+">发布需求</a>', "", inside)
    return "\n".join(line for line in inside.splitlines() if 'name="csrfmiddlewaretoken"' not in line)


def test_a_record_costs_the_same_however_much_hangs_on_it(queries):
    open_year(2026, budget="3000000.00")
    one, other = make_publicity(30), make_publicity(60)  # on more than one page: these are counted
    assert queries(f"/publicities/{one.pk}/") == queries(f"/publicities/{other.pk}/") <= 7
    provider = ProviderFactory(listed=True)
    product = ProductFactory(on_shelf=True, provider=provider)
    few = queries(f"/providers/{provider.pk}/")
    for _ in range(5):
        ProductFactory(on_shelf=True, provider=provider)
    assert queries(f"/providers/{provider.pk}/") == few <= 11
    assert queries(f"/products/{product.pk}/") <= 7
    demand = DemandFactory(state=DemandState.PUBLISHED)
    assert queries(f"/board/{demand.pk}/") <= 7
    assert queries(f"/notices/{product.notice_id}/") <= 4


def test_the_first_page_tells_what_there_is(read):
    open_year(2026, budget="3000000.00")
    product = ProductFactory(on_shelf=True, name="产线能耗诊断")
    demand = DemandFactory(state=DemandState.PUBLISHED, title="求等保测评")
    publicity = make_publicity(title="首批名单")
    page = read("/")
    for text in (product.name, demand.title, publicity.title, "300.00", "诊断服务最高补80%（每项不超过1万元）"):
        assert text in page
    for address in (f"/products/{product.pk}/", f"/board/{demand.pk}/", f"/publicities/{publicity.pk}/"):
        assert f'href="{address}"' in page


def test_the_first_page_says_when_signing_is_paused(read):
    open_year(2026, budget="3000000.00")
    services.suspend_manually(by=officer(Role.DEPARTMENT), year=2026, reason="年中预算调整。")
    text = read("/")
    assert "起暂停签订新合同，已签合同不受影响。" in text
    assert "原因：年中预算调整。" in text


def test_a_demand_on_the_first_page_carries_nobodys_telephone(read):
    DemandFactory(state=DemandState.PUBLISHED, contact_name="李联系", contact_phone="10098765432")
    for address in ("/", "/board/"):
        page = read(address)
        assert "10098765432" not in page
        assert "李联系" not in page


def test_an_address_without_its_record_is_a_page_that_says_so(client):
    nobody = "0198c0de-0000-7000-8000-000000000000"
    for path in ("notices", "publicities", "board", "products", "providers"):
        answer = client.get(f"/{path}/{nobody}/")
        assert answer.status_code == 404
        assert "不存在" in answer.content.decode()


def test_a_very_old_browser_is_told_to_change_its_mode(client):
    answer = client.get("/", headers={"user-agent": "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko"})
    assert answer.status_code == 200
    assert "请切换到极速模式" in answer.content.decode()
    assert "<script" not in answer.content.decode()


def test_a_program_with_an_old_name_still_reads_the_api(client):
    assert client.get("/api/v1/notices/", headers={"user-agent": "MSIE 8.0"}).json()["results"] == []


def test_budget_documents_of_another_year_have_their_own_page(read):
    open_year(2026)
    appropriate(2026, "1000000.00")
    assert "1,000,000.00" in read("/budget/2026/")
    assert "2031年度预算不存在" in read("/budget/2031/", status=404)


def test_a_provider_who_is_not_listed_is_nobody_to_the_public(client):
    assert client.get(f"/providers/{ProviderFactory().pk}/").status_code == 404
