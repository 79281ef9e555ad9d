"""The fallback of the stream: nothing while nothing changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from demands.states import DemandState
from tests.factories.contracts import make_contract
from tests.factories.demands import DemandFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def working_morning():
    with time_machine.travel(datetime(2026, 3, 2, 2, 0, tzinfo=UTC), tick=True):
        yield


def version(client, topic: str) -> str:
    return client.get(f"/live/poll/{topic}/").json()["version"]


@pytest.mark.parametrize("topic", ["budget", "board", "tasks"])
def test_nothing_is_said_while_nothing_changed(client, topic):
    seen = version(client, topic)
    answer = client.get(f"/live/poll/{topic}/", {"v": seen})
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (204, b"", "no-store")


def test_a_signed_contract_changes_the_budget(client):
    deal = make_contract("ready", budget="3000000.00", voucher="10000.00")
    seen = version(client, "budget")
    deal.signing()
    answer = client.get("/live/poll/budget/", {"v": seen})
    assert answer.status_code == 200
    parts = answer.json()["parts"]
    assert list(parts) == ["#budget-pill", "#budget-card"]
    assert "<b>299.00</b>" in parts["#budget-pill"]


def test_a_demand_changes_the_board_and_not_the_budget(client):
    board, budget = version(client, "board"), version(client, "budget")
    DemandFactory(state=DemandState.PUBLISHED)
    assert version(client, "board") != board
    assert version(client, "budget") == budget


def test_whatever_happens_changes_the_tasks(client):
    seen = version(client, "tasks")
    make_contract("draft")
    assert version(client, "tasks") != seen


def test_what_cannot_be_watched_is_not_there(client):
    assert client.get("/live/poll/secrets/").status_code == 404


def test_it_only_answers_questions(client):
    assert client.post("/live/poll/budget/").status_code == 405


@pytest.mark.parametrize(("topic", "queries"), [("budget", 2), ("board", 1), ("tasks", 1)])
def test_asking_costs_next_to_nothing(client, topic, queries, django_assert_max_num_queries):
    with django_assert_max_num_queries(queries):
        client.get(f"/live/poll/{topic}/")
