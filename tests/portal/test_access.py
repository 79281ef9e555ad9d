"""Who may open what, asked of every page, fragment and download there is: a new one is covered the day it is routed."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.states import ADMINISTRATORS, Role
from tests.house.world import picture, strangers
from tests.portal.pages import UNSAID, Page, pages
from tests.portal.world import PARTY_ROLES, Stage, given, make_stage, openings

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
# what is in a field or is code is for machines; a number of a record may look like a day (PC-2026-01-02)
TYPED = re.compile(r"<(textarea|script|pre|code)\b.*?</\1>", re.DOTALL)
TAGS = re.compile(r"<[^>]*>")
MACHINE_DAY = re.compile(r"(?<!例如 )(?<![\w-])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9-])[^<]{0,20}", re.ASCII)
AS_FRAGMENT = {"HTTP_HX_REQUEST": "true"}
# Rows that others than their owners may see, reviewed one by one: what everybody may read, or is there to answer.
SEEN_BY_ALL: set[str] = {
    "contract-draft-act:draft",  # on a product of the catalogue
    *("provider:demand", "provider:demand-act:offer"),  # the board is everybody's; its quotes are not
    *("provider:round", "provider:round-act:apply"),  # a published call is everybody's
}


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with time_machine.travel(MORNING, tick=True), django_db_blocker.unblock(), transaction.atomic():
        yield make_stage()
        transaction.set_rollback(True)


@pytest.fixture
def db(built):
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def stage(built, db) -> Stage:
    """A row of every kind and a person of every role. No test here is marked `django_db`."""
    return built


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, page: Page, kwargs: dict) -> list[int]:
    """The statuses of the page, its fragment and its spreadsheet; of what only takes something, of an empty form."""
    url = page.url(kwargs)
    if not page.is_read:
        return [client.post(url).status_code]
    answers = [client.get(url), client.get(url, **AS_FRAGMENT), client.get(url, {"export": "xlsx"})]
    for answer in answers:
        assert answer.getvalue() is not None  # a download is read to its end, which closes its file
    return [answer.status_code for answer in answers]


def sent(client: Client, page: Page, kwargs: dict) -> list[int]:
    """The status of an empty form; of a page that takes none, nothing."""
    return [client.post(page.url(kwargs)).status_code] if not page.methods or "POST" in page.methods else []


def test_every_view_says_whom_it_is_for():
    assert [str(page) for page in pages() if page.roles is UNSAID] == []
    assert len(pages()) > 8


def test_every_page_has_somebody_who_can_open_it(stage):
    """Raises LookupError for an address that tests/portal/world.py has no row for."""
    for page in pages():
        assert openings(page, stage), page


def test_whoever_may_open_a_page_can(stage):
    wrong = {}
    for page in pages():
        for role, kwargs in openings(page, stage) if page.is_read else ():
            client = signed_in(stage.people[role]) if role is not None else Client()
            told = ask(client, page, kwargs)
            leads_on = page.is_bare and told == [302, 302, 302]  # an address that only knows where the page is now
            if told != [200, 200, 200] and not leads_on:
                wrong[f"{page} as {role}"] = told
    assert wrong == {}


def test_no_page_writes_a_day_as_machines_do(stage):
    wrong = {}
    for page in pages():
        for role, kwargs in openings(page, stage)[:1] if page.is_read else ():
            client = signed_in(stage.people[role]) if role is not None else Client()
            answer = client.get(page.url(kwargs))
            said = answer.getvalue()  # a download is read to its end, which closes its file
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                text = TAGS.sub(" ", TYPED.sub(" ", said.decode()))
                if found := MACHINE_DAY.findall(text):
                    wrong[f"{page} as {role}"] = found[:5]
    assert wrong == {}


def test_without_signing_in_there_are_only_the_public_pages(stage):
    before, wrong = picture(), {}
    for page in pages():
        if page.roles is not None:
            _, kwargs = openings(page, stage)[0]
            answer = Client().get(page.url(kwargs)) if page.is_read else Client().post(page.url(kwargs))
            led = answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
            if not (led if page.is_read else answer.status_code == 401):
                wrong[str(page)] = answer.status_code
    assert wrong == {}
    assert picture() == before


@pytest.mark.parametrize("role", list(Role))
def test_a_page_of_other_roles_is_refused(stage, role):
    client, before, wrong = signed_in(stage.people[role]), picture_but_sessions(), {}
    for page in pages():
        if page.roles is None or role in page.roles:
            continue
        _, kwargs = openings(page, stage)[0]
        statuses = {*ask(client, page, kwargs), *sent(client, page, kwargs)}
        if statuses != {403}:
            wrong[str(page)] = statuses
    assert wrong == {}
    assert picture_but_sessions() == before


def picture_but_sessions() -> dict:
    return {table: said for table, said in picture().items() if table != "django_session"}


def test_another_tenants_rows_are_not_there(stage):
    clients = {role: signed_in(user) for user in strangers() for role in user.roles}
    before, wrong = picture_but_sessions(), {}
    for page in pages():
        if not page.needs or page.roles is None or str(page) in SEEN_BY_ALL or page.name in SEEN_BY_ALL:
            continue
        for role in page.roles:
            kwargs = given(page, stage, stage.people[role]) if role in PARTY_ROLES else None
            if kwargs:
                client = clients[role]
                statuses = {*ask(client, page, kwargs), *sent(client, page, kwargs)}
                if statuses != {404}:
                    wrong[f"{page} as {role}"] = statuses
    assert wrong == {}
    assert picture_but_sessions() == before


# What the three administrators work with (DOMAIN section 4); every other record is business.
OF_ADMINISTRATORS: set[str] = {
    "officer:person",
    "officer:organisation",
    "officer:delivery",
}  # accounts, roles, what was sent


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_administrators_see_no_business(stage, role):
    decks = {page.deck.name: page.deck for page in pages() if page.deck_has_rows and role in page.deck.roles}
    seen = {name for name, deck in decks.items() if deck.rows(stage.people[role]).exists()}
    assert sorted(seen - OF_ADMINISTRATORS) == []
