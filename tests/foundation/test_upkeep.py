"""Kept answers: for as long as a retry may come, and each caller his own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Organisation
from enterprises.api import REGISTRATION
from foundation import clock, upkeep
from foundation.models import KeptAnswer
from foundation.upkeep import purge_kept_answers
from tests.factories.accounts import Caller, make_identity, make_uscc

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 31)


@pytest.fixture(autouse=True)
def at_the_end_of_march() -> Any:
    with time_machine.travel(clock.start_of(TODAY) + timedelta(hours=3), tick=False):
        yield


def keep(key: str, at: Any) -> None:
    KeptAnswer.objects.create(caller="x", key=key, digest="x", status=201, body={}, created_at=at)


def kept() -> list[str]:
    return sorted(KeptAnswer.objects.values_list("key", flat=True))


def test_what_is_older_than_thirty_days_goes() -> None:
    last_kept = clock.start_of(TODAY - timedelta(days=30))
    keep("old", last_kept - timedelta(microseconds=1))
    keep("last", last_kept)
    keep("new", clock.now())
    assert purge_kept_answers(TODAY) == {"purged": 1}
    assert kept() == ["last", "new"]
    assert purge_kept_answers(TODAY) == {"purged": 0}


def test_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "AT_ONCE", 2)
    for number in range(5):
        keep(str(number), clock.now() - timedelta(days=40))
    assert purge_kept_answers(TODAY) == {"purged": 5}


def test_the_days_are_a_setting(settings: Any) -> None:
    settings.KEPT_ANSWER_DAYS = 7
    keep("old", clock.now() - timedelta(days=8))
    assert purge_kept_answers(TODAY) == {"purged": 1}


@pytest.mark.parametrize(
    ("day", "left"), [(TODAY + timedelta(days=400), ["new"]), (TODAY - timedelta(days=20), ["new", "old"])]
)
def test_a_day_to_come_counts_as_today_and_a_day_gone_by_does_no_more_than_it_did(day: date, left: list[str]) -> None:
    keep("old", clock.now() - timedelta(days=40))
    keep("new", clock.now())
    purge_kept_answers(day)
    assert kept() == left


def registration(number: int, **changes: Any) -> dict[str, Any]:
    people = [
        {**person, "username": f"{person['username']}{number}", "identity_number": make_identity()}
        for person in REGISTRATION["people"]
    ]
    return {**REGISTRATION, "uscc": make_uscc(), "people": people, **changes}


def register(body: dict[str, Any], key: str) -> Any:
    return Caller().act("registrations/enterprise/", body, key=key)


def test_two_strangers_with_the_same_key_do_not_meet() -> None:
    one, other = registration(1), registration(2)
    assert [register(body, "1").status_code for body in (one, other)] == [201, 201]
    assert Organisation.objects.count() == 2


def test_a_stranger_who_sends_the_same_again_gets_the_first_answer() -> None:
    body = registration(1)
    first, again = register(body, "1"), register(body, "1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Organisation.objects.count() == 1
