"""Who is kept out is no longer on show: his demands, his name in the list, his products; each comes back with the record's end."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.states import OrganisationKind, Role
from demands.models import Demand, Response
from demands.states import DemandState
from providers.models import Provider
from tests.credit.support import kept_out
from tests.factories.accounts import Caller, make_organisation, make_user, officer
from tests.factories.credit import make_record
from tests.factories.demands import DemandFactory, agent_of
from tests.factories.providers import ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working_morning")]

PUBLIC = Caller()
WORDS = {"title": "数字化转型诊断", "content": "离散制造车间要做数字化转型诊断。"}


def ids(caller: Caller, path: str) -> set[str]:
    answer = caller.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.json()
    rows: Any = answer.json()
    return {str(row["id"]) for row in (rows["results"] if isinstance(rows, dict) else rows)}


def found(caller: Caller, path: str, what: str) -> set[str]:
    rows = [row[what] for row in caller.get(f"/api/v1/{path}").json()]
    return {row["id"] if isinstance(row, dict) else row for row in rows}


def status(caller: Caller, path: str) -> int:
    code: int = caller.get(f"/api/v1/{path}").status_code
    return code


def agent(provider: Provider) -> Caller:
    return Caller(make_user(Role.PROVIDER_AGENT, organisation=provider.organisation))


def test_a_blocked_enterprises_demand_leaves_the_board_and_nobody_can_answer_it() -> None:
    provider = ProductFactory(on_shelf=True).provider
    seller = agent(provider)
    demand, other = (DemandFactory(state=DemandState.PUBLISHED, **WORDS) for _ in range(2))
    both = {str(demand.pk), str(other.pk)}
    quote = {"price": "48000.00", "days": 60, "proposal": "现场踏勘并编制报告。"}
    assert ids(PUBLIC, "demand-board/") == found(seller, "demand-board/suited/", "demand") == both
    with kept_out(demand.enterprise.uscc, OrganisationKind.ENTERPRISE):
        left = {str(other.pk)}
        assert ids(PUBLIC, "demand-board/") == ids(seller, "demand-board/") == left
        assert found(seller, "demand-board/suited/", "demand") == left
        assert status(PUBLIC, f"demand-board/{demand.pk}/") == 404
        answer = seller.act(f"demand-board/{demand.pk}/respond/", quote)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        assert (Response.objects.count(), Demand.objects.get(pk=demand.pk).state) == (0, "published")
        assert ids(Caller(agent_of(demand)), "demands/") == {str(demand.pk)}
        assert ids(Caller(officer(Role.CENTRE_CHECKER)), "demands/") == both
    assert ids(PUBLIC, "demand-board/") == found(seller, "demand-board/suited/", "demand") == both
    assert seller.act(f"demand-board/{demand.pk}/respond/", quote).status_code == 201


def test_a_blocked_provider_and_its_products_leave_the_lists_and_the_matching() -> None:
    product, other = ProductFactory(on_shelf=True), ProductFactory(on_shelf=True)
    demand = DemandFactory(state=DemandState.PUBLISHED, **WORDS)
    buyer, seller = Caller(agent_of(demand)), agent(product.provider)
    city = Caller(make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450100")))
    lists = {
        "providers/": {str(one.provider_id) for one in (product, other)},
        "performance/": {str(one.provider_id) for one in (product, other)},
        "products/": {str(one.pk) for one in (product, other)},
    }
    proposals = ("matching/products/?q=数字化转型诊断", f"demands/{demand.pk}/suggestions/")

    def all_there() -> None:
        for path, rows in lists.items():
            assert ids(PUBLIC, path) == rows
        for path in proposals:
            assert found(buyer, path, "product") == lists["products/"]

    all_there()
    with kept_out(product.provider.uscc):
        mine = {str(product.pk), str(product.provider_id)}
        for path, rows in lists.items():
            assert ids(PUBLIC, path) == ids(buyer, path) == rows - mine
        for path in proposals:
            assert found(buyer, path, "product") == {str(other.pk)}
        pages = (f"providers/{product.provider_id}/", f"products/{product.pk}/", f"products/{product.pk}/prices/")
        for page in pages:
            assert status(PUBLIC, page) == status(buyer, page) == 404
            assert {status(who, page) for who in (seller, city, Caller(officer(Role.DEPARTMENT)))} == {200}
        assert ids(seller, "products/") == lists["products/"]
        assert ids(Caller(officer(Role.DEPARTMENT)), "providers/") == lists["providers/"]
    all_there()


def test_a_record_that_does_not_block_hides_nothing() -> None:
    product, demand = ProductFactory(on_shelf=True), DemandFactory(state=DemandState.PUBLISHED)
    for uscc in (product.provider.uscc, demand.enterprise.uscc):
        make_record(uscc=uscc, blocks=False)
        make_record("reviewed", uscc=uscc)
    assert ids(PUBLIC, "demand-board/") == {str(demand.pk)}
    assert ids(PUBLIC, "providers/") == {str(product.provider_id)}
    assert ids(PUBLIC, "products/") == {str(product.pk)}
