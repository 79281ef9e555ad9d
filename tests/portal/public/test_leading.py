"""The main buttons of public pages lead on: whoever has signed in sees only those that are theirs to press."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from accounts.states import Role
from demands.states import DemandState
from tests.factories.accounts import make_user, officer
from tests.factories.accreditation import make_call
from tests.factories.demands import DemandFactory
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.programmes import open_year
from tests.factories.providers import ProductFactory, ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    open_year(2026)
    return ProductFactory(on_shelf=True)


def people(product) -> dict[str, User]:
    """Somebody of each kind of house."""
    enterprise, other = EnterpriseFactory(active=True), ProviderFactory()
    return {
        "enterprise": make_user(Role.ENTERPRISE_AGENT, organisation=enterprise.organisation),
        "seller": make_user(Role.PROVIDER_AGENT, organisation=product.provider.organisation),
        "provider": make_user(Role.PROVIDER_AGENT, organisation=other.organisation),
        "officer": officer(Role.DEPARTMENT),
    }


def offered(client: Client, address: str, words: str) -> list[str]:
    """Where the buttons with these words lead."""
    page = client.get(address).content.decode()
    return re.findall(rf'<a class="btn[^"]*" href="([^"]+)">(?:<svg.*?</svg>)?{words}', page)


PLACES = {
    "demand": ("应答此需求", {"seller", "provider"}),
    "board": ("发布需求", {"enterprise"}),
    "product": ("选用此产品", {"enterprise", "seller"}),
    "compare": ("选用", {"enterprise", "seller"}),
    "call": ("申报", {"seller", "provider"}),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_button_is_shown_to_whom_it_leads_somewhere(product, place):
    addresses = {
        "demand": f"/board/{DemandFactory(state=DemandState.PUBLISHED).pk}/",
        "board": "/board/",
        "product": f"/products/{product.pk}/",
        "compare": f"/products/compare/?product={product.pk}",
        "call": f"/calls/{make_call().pk}/" if place == "call" else "",
    }
    words, whose = PLACES[place]
    for name, user in people(product).items():
        client = Client()
        client.force_login(user)
        found = offered(client, addresses[place], words)
        assert bool(found) == (name in whose), name
        assert [client.get(one).status_code for one in found] == [200] * len(found), name
    [leading] = offered(Client(), addresses[place], "登录申报" if place == "call" else words)
    assert Client().get(leading)["Location"].startswith("/sign-in/?next=")
