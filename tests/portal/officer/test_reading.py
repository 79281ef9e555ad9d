"""Every list of the officers: who opens it, and that it costs the same however long it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from enterprises.states import DisputeKind
from foundation import clock
from tests.factories.accounts import make_uscc, officer
from tests.factories.accreditation import make_case, make_expert
from tests.factories.calendar import know
from tests.factories.credit import make_complaint, make_record
from tests.factories.demands import DemandFactory, SynonymFactory
from tests.factories.enterprises import EnterpriseFactory, declare, make_dispute
from tests.factories.registry import make_title
from tests.portal.officer.pages import Desk

pytestmark = pytest.mark.django_db

OFFICES = (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.FINANCE, Role.SUPERVISOR)
LISTS: dict[str, frozenset[Role]] = {
    "enterprises": frozenset({*OFFICES, Role.CITY}),
    "adjustments": frozenset(OFFICES),
    "disputes": frozenset({*OFFICES, Role.CITY}),
    "declarations": frozenset({*OFFICES, Role.CITY}),
    "titles": frozenset(OFFICES),
    "rosters": frozenset(OFFICES),
    "rounds": frozenset(OFFICES),
    "applications": frozenset({*OFFICES, Role.CITY, Role.EXPERT}),
    "sheets": frozenset({*OFFICES, Role.EXPERT}),
    "experts": frozenset(OFFICES),
    "publicities": frozenset(OFFICES),
    "objections": frozenset({Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER, Role.SUPERVISOR}),
    "demands": frozenset({*OFFICES, Role.CITY}),
    "synonyms": frozenset(OFFICES),
    "coverage": frozenset({*OFFICES, Role.CITY}),
    "complaints": frozenset({*OFFICES, Role.CITY}),
    "credit": frozenset(OFFICES),
    "bars": frozenset(OFFICES),
}
EVERYBODY = (
    *OFFICES,
    Role.CITY,
    Role.EXPERT,
    Role.SYSTEM_ADMIN,
    Role.AUDITOR,
    Role.ENTERPRISE_AGENT,
    Role.PROVIDER_AGENT,
)


@pytest.mark.parametrize("role", EVERYBODY)
def test_who_opens_which_list(role: Role) -> None:
    desk = Desk(officer(role))
    opened = {name for name in LISTS if desk.get(f"/o/{name}/").status_code == 200}
    assert opened == {name for name, roles in LISTS.items() if role in roles}


@pytest.mark.parametrize("role", [*OFFICES, Role.CITY, Role.EXPERT])
def test_the_entries_at_the_side_lead_to_pages_that_open(role: Role) -> None:
    desk = Desk(officer(role))
    side = desk.read("/o/").partition('<nav class="side"')[2].partition("</nav>")[0]
    addresses = [part.partition('"')[0] for part in side.split('<a href="')[1:]]
    assert addresses
    assert {one: desk.get(one).status_code for one in addresses} == dict.fromkeys(addresses, 200)


def test_nobody_who_has_not_signed_in_sees_anything(client: Any) -> None:
    answer = client.get("/o/enterprises/")
    assert answer.status_code == 302
    assert "next=/o/enterprises/" in answer.headers["Location"]


def _disputes() -> None:
    make_dispute(EnterpriseFactory(active=True), line="little_giant", kind=DisputeKind.MISSING)


MAKERS: dict[str, Any] = {
    "titles": lambda: make_title(make_uscc()),
    "disputes": _disputes,
    "declarations": lambda: declare(EnterpriseFactory(active=True)),
    "demands": DemandFactory,
    "complaints": make_complaint,
    "credit": make_record,
    "experts": make_expert,
    "applications": lambda: make_case("submitted"),
    "synonyms": lambda: SynonymFactory(code=f"c{make_uscc()[-6:].lower()}"),
}


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_list_costs_the_same_for_two_rows_and_for_six(name: str) -> None:
    know(clock.today().year, clock.today().year + 1)
    desk = Desk(officer(Role.SUPERVISOR))
    counts = []
    for more in (2, 4):
        for _ in range(more):
            MAKERS[name]()
        desk.read(f"/o/{name}/")
        with CaptureQueriesContext(connection) as made:
            desk.read(f"/o/{name}/")
        counts.append(len(made))
    assert counts[0] == counts[1]
