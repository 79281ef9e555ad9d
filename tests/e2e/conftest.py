"""Pages in a real Chromium, from a real server on the test database.

`house` and `sample` are databases with a world in them, made once a process; every test says which it wants. Tests that
change something ask for `fresh`: a copy of their own. A test fails on whatever the console calls an error, and so on
whatever the Content-Security-Policy refuses.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from accounts.models import User
from sample.world import World as Sample
from tests.e2e.browser import FLAGS, MISSING, chromium
from tests.e2e.players import House
from tests.portal.world import make_stage
from tests.server import serving

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai, an ordinary Monday
PICTURE = {"width": 1280, "height": 900}
_copies = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is here is e2e; without a browser it is skipped, and says so."""
    here = os.path.dirname(__file__)
    missing = not chromium()
    for item in items:
        if str(item.path).startswith(here + os.sep):
            item.add_marker("e2e")
            if missing:
                item.add_marker(pytest.mark.skip(reason=MISSING))


@dataclass
class Databases:
    """The databases with a world in them, made when the first test asks for one."""

    empty: str
    worlds: dict[str, Any] = field(default_factory=dict)

    def enter(self, name: str) -> None:
        """From now on this process and its server work on that database."""
        connection.close()
        connection.settings_dict["NAME"] = name

    def name(self, world: str) -> str:
        return f"{self.empty}_{world}"

    def copy(self, of: str, to: str) -> str:
        connection.close()
        quote = connection.ops.quote_name
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {quote(to)} TEMPLATE {quote(of)}")
        return to

    def drop(self, name: str) -> None:
        """Even from under a connection that the server has not closed yet."""
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")

    def world(self, world: str) -> str:
        """The name of the database that has that world; made at the first call."""
        name = self.name(world)
        if world not in self.worlds:
            self.enter(self.copy(self.empty, name))
            self.worlds[world] = WORLDS[world]()
            connection.close()
        return name


def _sample() -> Sample:
    sample = Sample()
    sample.build()
    return sample


WORLDS: dict[str, Callable[[], Any]] = {"house": make_stage, "sample": _sample}


@pytest.fixture(scope="session", autouse=True)
def beside_playwrights_loop() -> None:
    """Playwright's own loop runs in this thread, so that Django takes what tests ask of the database for async code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def e2e_databases(django_db_setup: None, django_db_blocker: Any) -> Iterator[Databases]:
    with django_db_blocker.unblock():
        databases = Databases(str(connection.settings_dict["NAME"]))
        connection.settings_dict["CONN_MAX_AGE"] = 0  # the server's threads ask for the database anew each time
        yield databases
        databases.enter(databases.empty)
        for world in databases.worlds:
            databases.drop(databases.name(world))


@pytest.fixture(scope="session")
def server(e2e_databases: Databases) -> Iterator[str]:
    """Where the platform answers."""
    with serving() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def morning() -> Iterator[time_machine.Traveller]:
    """The clock of this process and its server; the browser's goes on as it does."""
    with time_machine.travel(MORNING, tick=True) as clock:
        yield clock


@dataclass
class Site:
    """The platform on one database: where it answers, who is in its world, and a way to sign in."""

    url: str
    world: Any
    context: BrowserContext

    def sign_in(self, who: User | str, context: BrowserContext | None = None) -> User:
        """The browser carries the person's session from now on. A name is that of a user."""
        user = who if isinstance(who, User) else User.objects.get(username=who)
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        (context or self.context).add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.url}])
        return user


@pytest.fixture
def db(e2e_databases: Databases) -> Iterator[Databases]:
    """In place of pytest-django's, which by this name knows that the tests need a database: which one, they say."""
    cache.clear()
    yield e2e_databases
    e2e_databases.enter(e2e_databases.empty)


@pytest.fixture
def house(morning: Any, db: Databases, server: str, context: BrowserContext) -> Site:
    """A row of every kind (tests.portal.world.Stage). For reading: all tests of the process share it."""
    db.enter(db.world("house"))
    return Site(server, db.worlds["house"], context)


@pytest.fixture
def fresh_house(morning: Any, db: Databases, server: str, context: BrowserContext) -> Iterator[Site]:
    """The same in a copy that is this test's own."""
    yield from _fresh("house", db, server, context)


@pytest.fixture
def sample(morning: Any, db: Databases, server: str, context: BrowserContext) -> Iterator[Site]:
    """What `make run` shows; people by the names of sample.cast. A copy of the test's own."""
    yield from _fresh("sample", db, server, context)


def _fresh(world: str, databases: Databases, server: str, context: BrowserContext) -> Iterator[Site]:
    name = databases.copy(databases.world(world), f"{databases.name(world)}_{next(_copies)}")
    databases.enter(name)
    yield Site(server, databases.worlds[world], context)
    databases.drop(name)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium(), "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": PICTURE}


@dataclass
class Console:
    """What the pages of a test complained of. Statuses that the test expects are named beforehand."""

    expected: set[int] = field(default_factory=set)
    said: list[str] = field(default_factory=list)

    def expect(self, *statuses: int) -> None:
        self.expected |= set(statuses)

    def watch(self, page: Page) -> None:
        page.on("console", self._message)
        page.on("pageerror", lambda error: self.said.append(f"{page.url}: {error}"))
        page.on("response", self._response)

    def _message(self, message: ConsoleMessage) -> None:
        # what the browser says of a status is judged by the response itself
        if message.type == "error" and not message.text.startswith("Failed to load resource: the server responded"):
            self.said.append(f"{message.location.get('url', '')}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.said.append(f"{response.status} {response.request.method} {response.url}")


@pytest.fixture(autouse=True)
def console(context: BrowserContext) -> Iterator[Console]:
    """No page of the test's context says an error or gets a status that the test did not name."""
    watched = Console()
    context.on("page", watched.watch)
    yield watched
    assert watched.said == []


@pytest.fixture
def all_of_them(
    sample: Site,
    browser: Browser,
    browser_context_args: dict[str, Any],
    console: Console,
    morning: time_machine.Traveller,
    tmp_path: Path,
) -> Any:
    house = House(sample, browser, browser_context_args, console, morning, tmp_path)
    yield house
    for context in house.contexts.values():
        context.close()
