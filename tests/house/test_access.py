"""Who may see what, asked of every address there is: a new one is covered the day it is routed."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.states import ADMINISTRATORS, Role
from tests.factories.accounts import Caller, make_user
from tests.house.routes import Route, routes
from tests.house.world import picture, strangers

# Reviewed one by one: nothing here tells who a person is, what an account number is, or what a party agreed.
PUBLIC = {
    "GET auth/session/",  # says 401 itself, with the CSRF cookie that signing in needs
    "POST auth/session/",
    "DELETE auth/session/",
    "POST auth/tokens/",
    "POST registrations/enterprise/",
    "POST registrations/provider/",
    "GET registry/regions/",
    "GET registry/industries/",
    "GET registry/title-kinds/",
    "GET registry/uscc/91450199MA6K00014C/",
    "GET programmes/2026/budget/",
    "GET programmes/2026/budget/explain/",
    "GET notices/",
    "GET notices/{pk}/",
    "GET suspensions/",
    "GET suspensions/{pk}/",
    "GET providers/",
    "GET providers/{pk}/",
    "GET commitments/words/",
    "GET products/",
    "GET products/{pk}/",
    "GET publicities/",
    "GET publicities/{pk}/",
    "GET publicity-items/",
    "GET publicity-items/{pk}/",
    "POST publicities/{pk}/objections/",  # by real name, which is sealed; what is answered is the receipt
    "POST objections/status/",  # with receipt and secret
    "POST objections/papers/",
    "POST objections/ask-review/",
    "POST complaints/public/",  # by real name, which is sealed; what is answered is the receipt
    "POST complaints/status/",  # with receipt and secret
    "GET demand-board/",
    "GET demand-board/{pk}/",
    "GET matching/products/",
    "GET products/{pk}/prices/",
    "GET performance/",
    "GET providers/{pk}/performance/",
    "GET accreditation/rounds/",
    "GET accreditation/rounds/{pk}/",
    "GET accreditation/rounds/{pk}/requirements/",
}
# Everybody may read a pause of signing, so a stranger who acts on one hears 403 and not 404.
# Whoever is shown a demand may be told why he cannot answer it.
SEEN_BY_ALL = {
    "GET suspensions/{pk}/",
    "POST suspensions/{pk}/resume/",
    "GET demand-board/{pk}/",
    "POST demand-board/{pk}/respond/",
}
# The 兑付通知 is for every provider (action 26: v); what it reads of a strange round, tests/settlement/test_api.py.
READ_BY_PROVIDERS = {"GET batches/{pk}/"}


def ask(client: APIClient, route: Route, pk: object = None):
    """The request of the route, with a key of its own when it moves something."""
    if route.method == "GET":
        return client.get(route.url(pk))
    headers = {"Idempotency-Key": f"ask-{route}-{pk}"[:128]}
    return client.generic(route.method, route.url(pk), "{}", content_type="application/json", headers=headers)


def test_the_list_of_public_addresses_has_no_dead_entries():
    assert {str(route) for route in routes()} >= PUBLIC | SEEN_BY_ALL | READ_BY_PROVIDERS
    assert len(routes()) > 150


def test_the_world_has_a_row_for_every_detail_address(world):
    assert {route.collection for route in routes() if route.is_detail} == set(world.rows)


def test_without_signing_in_there_is_nothing_but_the_public_addresses(world, anonymous):
    before, wrong = picture(), {}
    for route in routes():
        pk = world.pk(route.collection) if route.is_detail else None
        response = ask(anonymous, route, pk)
        if str(route) not in PUBLIC and response.status_code != 401:
            wrong[str(route)] = response.status_code
        elif response.status_code == 401:
            assert response.json()["code"] in ("NOT_SIGNED_IN", "SIGN_IN_FAILED"), route
    assert wrong == {}
    assert picture() == before


def test_another_tenants_rows_are_not_there(world):
    people = [Caller(user) for user in strangers()]
    before, wrong = picture(), {}
    for route in routes():
        if route.is_detail and str(route) not in SEEN_BY_ALL | READ_BY_PROVIDERS:
            for person in people:
                theirs, absent = ask(person, route, world.pk(route.collection)), ask(person, route)
                if (theirs.status_code, absent.status_code) != (404, 404) or theirs.json() != absent.json():
                    wrong[str(route)] = (
                        theirs.status_code,
                        theirs.content.decode()[:200],
                        absent.content.decode()[:200],
                    )
    assert wrong == {}
    assert picture() == before


def test_a_stranger_may_see_a_pause_but_not_end_it(world):
    for user in strangers():
        response = Caller(user).act(f"suspensions/{world.pk('suspensions')}/resume/", {"version": 1, "reason": "恢复"})
        assert (response.status_code, response.json()["code"]) == (403, "NOT_ALLOWED")


def test_no_list_of_a_stranger_names_a_row_of_the_world(world):
    public = ("suspensions", "providers", "products", "demand-board", "batches")
    ids = {str(row.pk) for name, row in world.rows.items() if name not in public}
    for user in strangers():
        for route in routes():
            if route.is_list:
                listed = {row["id"] for row in ask(Caller(user), route).json()["results"]}
                assert not listed & ids, route


# What the three administrators work with; every other list is business.
# The archive of a contract and who took it: the auditor's own work (DOMAIN section 4, row 42).
AUDITED = {"GET contracts/{pk}/archive/", "GET archive-downloads/"}
ADMINISTRATION = {"organisations", "users", "messages", "audit", "deliveries"}


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_administrators_see_no_business(world, role):
    client, wrong = Caller(make_user(role)), {}
    for route in routes():
        name = route.collection.rstrip("/") if route.is_detail else str(route).removeprefix("GET ").rstrip("/")
        if name in ADMINISTRATION or str(route) in PUBLIC | SEEN_BY_ALL:
            continue
        if role == Role.AUDITOR and str(route) in AUDITED:
            continue
        response = ask(client, route, world.pk(name) if route.is_detail else None)
        if route.is_list and response.json()["results"] != []:
            wrong[str(route)] = response.json()["results"]
        if route.is_detail and response.status_code != 404:
            wrong[str(route)] = response.status_code
    assert wrong == {}


def test_administrators_cannot_read_other_peoples_messages(world):
    for role in ADMINISTRATORS:
        client = Caller(make_user(role))
        assert client.get("/api/v1/messages/").json()["results"] == []
        assert client.get(f"/api/v1/messages/{world.pk('messages')}/").status_code == 404
