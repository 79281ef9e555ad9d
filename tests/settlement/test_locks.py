"""Approving a batch and signing at once: both take quota before budget, so neither waits for the other in a ring."""

from __future__ import annotations

import threading
import time

import pytest
import time_machine
from django.db import connection, connections

from contracts.services import closing
from engines.ledger import selectors as ledger
from engines.ledger import services as ledger_services
from engines.ledger.models import Balance
from programmes import books
from tests.factories.contracts import make_contract
from tests.factories.settlement import Desk, make_batch, make_claim
from tests.settlement.conftest import MORNING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@pytest.fixture(autouse=True)
def travel():
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


def connect_to_stripe(stripe: int, stripes: int) -> None:
    """A session whose own stripe of the budget is the one the approval locks."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            if cursor.fetchone()[0] % stripes == stripe:
                return
        connections.close_all()


def test_an_approval_and_a_signing_do_not_lock_each_other_out(monkeypatch):
    desk = Desk()
    cases = [make_claim("passed", desk=desk) for _ in range(2)]
    other = make_contract("ready", parties=cases[1].deal.parties)
    batch = make_batch("reviewed", cases=cases)
    line = ledger.lines(cases[0].deal.at.hold).get(book=books.BUDGET)
    stripes = Balance.objects.filter(account=line.account).count()
    moves: list[int] = []
    connected, under_way, outcome = threading.Event(), threading.Event(), []
    move = ledger_services.move

    def slow(**fields):
        moved = move(**fields)
        moves.append(moved)
        if len(moves) == 1:
            under_way.set()
            time.sleep(1)
        return moved

    def run(act, wait_for, prepare=lambda: None):
        try:
            prepare()
            wait_for.wait(30)
            act()
            outcome.append("ok")
        except Exception as error:  # noqa: BLE001  told by the assertion
            outcome.append(repr(error))
        finally:
            connections.close_all()

    def prepare():
        connect_to_stripe(line.stripe, stripes)
        connected.set()

    monkeypatch.setattr(closing.ledger, "move", slow)
    threads = [
        threading.Thread(target=run, args=(batch.approved, connected)),
        threading.Thread(target=run, args=(other.signing, under_way, prepare)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcome == ["ok", "ok"]
