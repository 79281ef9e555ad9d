"""What a page costs does not grow with the rows on it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.states import Role
from contracts.models import Contract
from engines.notifications import services as notifications
from tests.factories.accounts import Caller, make_uscc, make_user, officer
from tests.factories.accreditation import a_row_of_each
from tests.factories.contracts import make_contract, make_parties, upload
from tests.factories.demands import ResponseFactory
from tests.factories.enterprises import EnterpriseFactory, declare, make_dispute, tie
from tests.factories.notifications import make_delivery, make_endpoint, say
from tests.factories.programmes import appropriate
from tests.factories.providers import ListingFactory, ProductFactory, ProviderFactory
from tests.factories.publicity import make_case
from tests.factories.registry import make_title
from tests.factories.settlement import make_claim
from tests.house.routes import routes
from tests.house.world import make_world

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.usefixtures("working_morning")]


def cost(path: str, user: User) -> tuple[int, int]:
    """Rows on the page, queries it took. The caller is read anew: he remembers his roles."""
    client = Caller(User.objects.get(pk=user.pk))
    with CaptureQueriesContext(connection) as captured:
        rows = client.get(f"/api/v1/{path}?page_size=200").json()["results"]
    return len(rows), len(captured)


MOST = 8


def many_contracts(count: int) -> None:
    parties = make_parties()
    for _ in range(count):
        make_contract("signed", parties=parties, amount="1250.00")


def many_invoices(count: int) -> None:
    parties = make_parties()
    for _ in range(count):
        make_contract("effective", parties=parties, amount="1250.00").invoiced()


def many_claims(count: int) -> None:
    parties = make_parties()
    for _ in range(count):
        make_claim(deal=make_contract("confirmed", parties=parties, amount="1250.00"))


MAKERS = {
    ("contracts/", "payments/"): many_contracts,
    ("invoices/",): many_invoices,
    ("enterprises/",): lambda count: [EnterpriseFactory(active=True) for _ in range(count)],
    ("providers/",): lambda count: [ProviderFactory(listed=True) for _ in range(count)],
    ("demand-board/", "demands/", "demand-responses/"): lambda count: [ResponseFactory() for _ in range(count)],
    ("products/",): lambda count: [ProductFactory(on_shelf=True) for _ in range(count)],
}


@pytest.mark.parametrize("paths", MAKERS, ids=" ".join)
def test_a_page_of_thirty_costs_what_a_page_of_three_costs(paths):
    user = officer(Role.CENTRE_REVIEWER)
    MAKERS[paths](3)
    few = [cost(path, user) for path in paths]
    MAKERS[paths](27)
    many = [cost(path, user) for path in paths]
    assert {rows for rows, _ in few} == {3}
    assert {rows for rows, _ in many} == {30}
    assert [queries for _, queries in few] == [queries for _, queries in many]
    assert max(queries for _, queries in many) <= MOST


def test_a_page_of_claims_costs_the_same_for_more():
    user = officer(Role.CENTRE_REVIEWER)
    many_claims(2)
    few = cost("claims/", user)
    many_claims(6)
    many = cost("claims/", user)
    assert (few[0], many[0]) == (2, 8)
    assert few[1] == many[1] <= MOST


def test_every_other_list_costs_the_same_for_more_rows():
    """The small rooms: twice the world, the same number of queries."""
    user = make_user(Role.CENTRE_REVIEWER, Role.CENTRE_CHECKER)
    lists = [str(route).removeprefix("GET ") for route in routes() if route.is_list]
    world = make_world()
    few = {path: cost(path, user) for path in lists}
    assert Contract.objects.count() == 5
    ProductFactory(on_shelf=True)
    make_contract("draft")
    make_title(make_uscc())
    appropriate(2026, "1.00")
    ListingFactory()
    upload(world.parties.po)
    other = EnterpriseFactory(active=True)
    make_dispute(other)
    declare(other, tie(make_uscc()))
    make_delivery(make_endpoint(user.organisation))
    say([user.organisation_id, world.parties.eo.organisation_id], must_read=True)
    notifications.relay()
    make_case()
    a_row_of_each(ProviderFactory())
    many = {path: cost(path, user) for path in lists}
    assert {path: queries for path, (_, queries) in few.items()} == {
        path: queries for path, (_, queries) in many.items()
    }
