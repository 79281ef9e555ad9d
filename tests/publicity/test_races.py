"""Two at once: one wins, the other is told, and nothing disputed is cleared."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connections

from accounts.states import Role
from engines.publicity.models import Objection, Publicity
from engines.publicity.services import common, filing
from engines.publicity.states import ItemState, ObjectionState, Outcome, PublicityState
from foundation.errors import DomainError
from foundation.locking import lock
from programmes.services import objections, publicities
from tests.factories.accounts import make_organisation, officer
from tests.factories.publicity import file_one, items, make_case, make_entry, make_publicity
from tests.publicity.support import at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def outcome_of(call: Callable[[], Any]) -> str:
    """`ok`, or the code of the refusal, on a connection of its own."""
    try:
        call()
    except DomainError as error:
        return error.code
    finally:
        connections.close_all()
    return "ok"


def at_once(calls: list[Callable[[], Any]]) -> list[str]:
    """Every call in its own thread, together."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        barrier.wait()
        return outcome_of(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


def test_two_officers_decide_one_objection_at_once(told):
    case = make_case(step="reported")
    people = [officer(Role.APPROVER) for _ in range(4)] + [officer(Role.DEPARTMENT) for _ in range(4)]
    version, ways = case.at.version, [Outcome.UPHELD, Outcome.NOT_UPHELD] * 4

    def decide(person, way):
        return lambda: objections.decide(
            by=person, objection_id=case.row.pk, version=version, outcome=way, answer="答复。"
        )

    found = at_once([decide(person, way) for person, way in zip(people, ways, strict=True)])
    assert found == ["VERSION_CONFLICT"] * 7 + ["ok"]
    expected = {"upheld": ItemState.REMOVED, "not_upheld": ItemState.ON_SHOW}[case.at.outcome]
    assert case.at.item.state == expected
    assert len(told.said) == 2


def test_a_thing_is_put_on_one_of_many_lists():
    one, by = make_organisation(), officer(Role.DEPARTMENT)
    make_publicity(1)  # the year is open before the threads begin
    found = at_once([lambda: make_publicity(entries=[make_entry(one)], by=by)] * 6)
    assert found == ["PUBLICITY_ITEM_ON_SHOW"] * 5 + ["ok"]
    assert Publicity.objects.count() == 2


def test_a_period_is_closed_once_by_many(travel, told):
    publicity = make_publicity(3)
    travel.move_to(at(2026, 3, 9, 2))
    by = officer(Role.DEPARTMENT)
    found = at_once([lambda: publicities.close_period(by=by, publicity_id=publicity.pk, version=1)] * 6)
    assert found == ["VERSION_CONFLICT"] * 5 + ["ok"]
    assert len(told.said) == 1


@pytest.mark.parametrize("turn", range(4))
def test_whatever_comes_first_a_disputed_item_is_never_cleared(travel, turn):
    """The period is closed while its objection is being accepted."""
    publicity = make_publicity(3)
    case = make_case(items(publicity)[1])
    travel.move_to(at(2026, 3, 9, 2))
    by = officer(Role.DEPARTMENT)
    found = at_once(
        [
            lambda: publicities.close_period(by=by, publicity_id=publicity.pk, version=1),
            lambda: objections.accept(by=case.checker, objection_id=case.row.pk, version=1),
        ]
    )
    assert found == ["ok", "ok"]
    assert case.at.item.state == ItemState.HELD
    assert case.at.item.publicity.state == PublicityState.CLOSED_WITH_HOLD


def test_an_objection_filed_as_the_period_is_withdrawn_is_refused_or_lapses():
    publicity = make_publicity(1)
    item, by = items(publicity)[0], officer(Role.DEPARTMENT)
    at_once(
        [
            lambda: publicities.withdraw(by=by, publicity_id=publicity.pk, version=1, reason="有误"),
            *[lambda: file_one(item)] * 5,
        ]
    )
    assert set(Objection.objects.values_list("state", flat=True)) <= {ObjectionState.LAPSED}


def filed_while_closing(travel, monkeypatch, publicity: Publicity) -> list[str]:
    """One files on the last day and is slow; meanwhile the day is over and an officer closes the list."""
    item, by = items(publicity)[0], officer(Role.DEPARTMENT)
    read, go_on, original = Event(), Event(), filing._check_running

    def slowly(row: Publicity) -> None:
        original(row)
        read.set()
        go_on.wait(5)

    monkeypatch.setattr(filing, "_check_running", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(outcome_of, lambda: file_one(item))
        assert read.wait(5)
        travel.move_to(at(2026, 3, 9, 2))
        second = pool.submit(outcome_of, lambda: publicities.close_period(by=by, publicity_id=publicity.pk, version=1))
        wait([second], timeout=1)  # without a lock it is done by now
        go_on.set()
        return [first.result(), second.result()]


def test_who_files_at_the_last_moment_is_seen_by_who_closes(travel, monkeypatch):
    publicity = make_publicity(2)
    assert filed_while_closing(travel, monkeypatch, publicity) == ["ok", "ok"]
    assert [item.state for item in items(publicity)] == [ItemState.HELD, ItemState.CLEARED]


def test_without_the_lock_on_the_list_it_would_be_cleared_over_his_head(travel, monkeypatch):
    """The negative control: filing reads the list without locking it."""

    def unlocked(publicity_id, version=None):
        if version is None:
            return Publicity.objects.get(pk=publicity_id)
        return lock(Publicity.objects.all(), publicity_id, version=version)

    monkeypatch.setattr(common, "lock_publicity", unlocked)
    publicity = make_publicity(2)
    assert filed_while_closing(travel, monkeypatch, publicity) == ["ok", "ok"]
    assert [item.state for item in items(publicity)] == [ItemState.CLEARED, ItemState.CLEARED]
