"""The stream itself: a real uvicorn, a real LISTEN, frames that all browsers share."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection

from foundation import live
from portal.live.app import Live
from tests.factories.contracts import make_contract
from tests.live import serving_live
from tests.platform.helpers import soon

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@dataclass
class Reader:
    """A browser that follows."""

    connection: http.client.HTTPConnection
    answer: http.client.HTTPResponse

    def event(self) -> tuple[str, Any]:
        """The next event that is no ping."""
        name = ""
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))

    def close(self) -> None:
        sock: socket.socket | None = self.connection.sock
        self.answer.close()
        self.connection.close()
        if sock is not None:
            sock.close()


@pytest.fixture
def app() -> Live:
    return Live()


@pytest.fixture
def port(app: Live) -> Iterator[int]:
    live._said.clear()
    with time_machine.travel(datetime(2026, 3, 2, 2, 0, tzinfo=UTC), tick=True), serving_live(app) as found:
        yield found


@pytest.fixture
def follow(port: int) -> Iterator[Any]:
    readers: list[Reader] = []

    def open_one(topics: str = "budget", **headers: str) -> Reader:
        connection_ = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection_.request("GET", f"/live/stream/?topics={topics}", headers=headers)
        readers.append(Reader(connection_, connection_.getresponse()))
        return readers[-1]

    yield open_one
    for reader in readers:
        reader.close()


def ask(port: int, path: str, method: str = "GET", **headers: str) -> int:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    asking.request(method, path, headers=headers)
    answer = asking.getresponse()
    answer.read()
    asking.close()
    return answer.status


def test_it_says_how_things_are_and_then_what_changed(follow):
    deal = make_contract("ready", budget="3000000.00", voucher="10000.00")
    reader = follow()
    name, before = reader.event()
    while "300.00" not in before["parts"]["#budget-pill"]:
        name, before = reader.event()
    deal.signing()
    name, after = reader.event()
    assert (name, after["version"] != before["version"]) == ("budget", True)
    assert "<b>299.00</b>" in after["parts"]["#budget-pill"]


def test_only_what_was_asked_for_is_sent(follow):
    reader = follow("tasks")
    name, first = reader.event()
    make_contract("draft")
    assert name == "tasks"
    assert reader.event()[1] != first


def test_nobody_buffers_or_keeps_it(follow):
    headers = dict(follow().answer.getheaders())
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["content-encoding"] == "identity"
    assert headers["x-accel-buffering"] == "no"
    assert "set-cookie" not in headers


def test_pages_of_ours_on_another_port_may_read_it_and_no_others(follow):
    ours, others = ["http://127.0.0.1:8000", "http://localhost:8000"], ["https://evil.example", "null"]
    allowed = [follow(Origin=one).answer.getheader("access-control-allow-origin") for one in ours + others]
    assert allowed == [*ours, None, None]


def test_it_answers_nothing_else(port):
    asked = {
        ("/live/health/", "GET"): 200,
        ("/live/stream/", "GET"): 404,
        ("/live/stream/?topics=secrets", "GET"): 404,
        ("/", "GET"): 404,
        ("/live/stream/?topics=budget", "POST"): 405,
    }
    assert {(path, method): ask(port, path, method) for path, method in asked} == asked
    assert ask(port, "/live/stream/?topics=budget", Host="evil.example") == 400


OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def asked_of_the_database(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def test_any_number_of_browsers_need_one_connection(follow):
    readers = [follow() for _ in range(20)]
    for reader in readers:
        reader.event()
    assert asked_of_the_database(f"SELECT count(*) {OTHERS}") == 1


def test_it_comes_back_when_the_database_was_gone(follow, monkeypatch):
    monkeypatch.setattr("portal.live.hub.RETRY", 0.1)
    deal = make_contract("ready", budget="3000000.00", voucher="10000.00")
    reader = follow()
    reader.event()
    assert asked_of_the_database(f"SELECT pg_terminate_backend(pid) {OTHERS}")
    deal.signing()
    name, after = reader.event()
    while "299.00" not in after["parts"]["#budget-pill"]:
        name, after = reader.event()
    assert name == "budget"


def test_whoever_left_is_forgotten(follow, app):
    readers = [follow() for _ in range(3)]
    for reader in readers:
        reader.event()
    assert len(app.frames.waiting) == 3
    for reader in readers[1:]:
        reader.close()
    assert soon(lambda: len(app.frames.waiting) == 1)


def test_one_more_than_there_is_room_for_is_sent_away(follow, port, monkeypatch):
    monkeypatch.setattr("portal.live.app.MOST", 1)
    follow().event()
    assert ask(port, "/live/stream/?topics=budget") == 503


def test_a_hint_on_another_channel_is_not_ours(follow):
    reader = follow()
    reader.event()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('other', 'contracts_contract')")
        cursor.execute("SELECT pg_notify('live', 'accounts_user')")
    reader.answer.fp.raw._sock.settimeout(0.5)
    with pytest.raises(TimeoutError):
        reader.event()
