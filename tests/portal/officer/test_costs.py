"""Lists cost the same for three rows and for a page full of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from foundation import clock
from portal.kit.lists import PER_PAGE
from portal.officer import urls
from providers.services import standing
from registry.states import RosterKind
from tests.factories import publicity
from tests.factories.accounts import make_uscc, officer
from tests.factories.accreditation import Desk as Hands
from tests.factories.accreditation import make_call
from tests.factories.calendar import know
from tests.factories.credit import make_complaint, make_record
from tests.factories.enterprises import EnterpriseFactory, declare, make_dispute, tie
from tests.factories.providers import ProviderFactory
from tests.factories.registry import make_roster, make_title
from tests.portal.officer.pages import Desk

pytestmark = pytest.mark.django_db
assert urls.urlpatterns


def _rounds() -> Callable[[], object]:
    hands = Hands()
    return lambda: make_call("planned", desk=hands)


def _objections() -> Callable[[], object]:
    shown = iter(publicity.items(publicity.make_publicity(PER_PAGE)))
    return lambda: publicity.make_case(next(shown))


def _bars() -> Callable[[], object]:
    by = officer(Role.DEPARTMENT)
    return lambda: standing.propose_bar(by=by, provider_id=ProviderFactory().pk, grounds="虚报")


def _rosters() -> Callable[[], object]:
    by = officer(Role.CENTRE_CHECKER)
    return lambda: make_roster(
        RosterKind.LISTED, f"{make_uscc()},广西甲有限公司,2026-01-01,", "", confirmed=False, by=by
    )


def _declarations() -> Callable[[], object]:
    return lambda: declare(EnterpriseFactory(active=True), tie(make_uscc()))


LISTS: dict[str, Callable[[], Callable[[], object]]] = {
    "/o/rounds/": _rounds,
    "/o/publicities/": lambda: lambda: publicity.make_publicity(1),
    "/o/objections/": _objections,
    "/o/bars/": _bars,
    "/o/rosters/": _rosters,
    "/o/declarations/": _declarations,
    "/o/disputes/": lambda: lambda: make_dispute(EnterpriseFactory(active=True)),
    "/o/complaints/": lambda: make_complaint,
    "/o/credit/": lambda: make_record,
    "/o/titles/": lambda: lambda: make_title(make_uscc()),
}


@pytest.mark.parametrize("address", LISTS)
def test_a_list_costs_the_same_for_three_rows_and_a_page_full(address: str) -> None:
    know(clock.today().year, clock.today().year + 1)
    desk = Desk(officer(Role.DEPARTMENT))
    costs = []
    with publicity.known_kind():
        more = LISTS[address]()
        for count in (3, PER_PAGE - 3):
            for _ in range(count):
                more()
            desk.read(address)
            with CaptureQueriesContext(connection) as made:
                said = desk.read(address)
            costs.append(len(made))
    assert f"共 {PER_PAGE} 条" in said
    assert costs[0] == costs[1]
