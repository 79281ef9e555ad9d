"""The watch over periods and clocks: each thing told once, told results closed."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import Organisation
from accounts.states import OrganisationKind
from engines.notifications.models import OutboxEvent
from engines.publicity.states import ObjectionState, PublicityState
from foundation import clock, jobs
from foundation.errors import DomainError
from programmes.jobs import watch_publicities
from tests.factories.publicity import make_case, make_publicity
from tests.publicity.support import at

pytestmark = pytest.mark.django_db


def watch() -> dict[str, int]:
    return watch_publicities(clock.today())


def told_of() -> Counter[str]:
    return Counter(
        OutboxEvent.objects.filter(topic__in=["publicity.ended", "objection.due"]).values_list("topic", flat=True)
    )


def test_the_department_is_told_once_that_a_period_is_over(travel):
    publicity = make_publicity(1)
    assert watch() == {"ended": 0, "due": 0, "closed": 0}
    travel.move_to(at(2026, 3, 7, 2))
    assert watch() == {"ended": 1, "due": 0, "closed": 0}
    assert watch() == {"ended": 0, "due": 0, "closed": 0}
    assert told_of() == {"publicity.ended": 1}
    publicity.refresh_from_db()
    assert publicity.state == PublicityState.OPEN


def test_a_step_is_called_to_mind_before_its_day_and_when_it_is_late(travel):
    make_case()
    found = []
    for day in (5, 6, 7, 9, 10, 11):
        travel.move_to(at(2026, 3, day, 2))
        found.append(watch()["due"])
    assert found == [0, 1, 0, 0, 1, 0]


def test_the_centre_is_told_of_acceptance_and_the_department_of_the_answer(travel):
    make_case(step="accepted")
    travel.move_to(at(2026, 4, 1, 2))
    watch()
    event = OutboxEvent.objects.filter(topic="objection.due").get()
    assert "（已受理）的办理期限为2026-04-01" in event.body
    kinds = Organisation.objects.filter(pk__in=event.organisation_ids).values_list("kind", flat=True)
    assert set(kinds) == {OrganisationKind.DEPARTMENT}


def test_a_told_result_is_closed_when_nobody_asked_for_another_look(travel):
    case = make_case(step="notified")
    travel.move_to(at(2026, 3, 16, 2))
    assert watch()["closed"] == 0
    travel.move_to(at(2026, 3, 17, 2))
    assert (watch()["closed"], watch()["closed"]) == (1, 0)
    assert case.at.state == ObjectionState.CLOSED


@pytest.mark.django_db(transaction=True)
def test_run_in_parallel_it_tells_once(travel):
    make_publicity(1)
    make_case(step="notified")
    travel.move_to(at(2026, 3, 17, 2))

    def run(_: int) -> str:
        try:
            jobs.run("watch_publicities")
        except DomainError as error:
            return error.code
        finally:
            connections.close_all()
        return "ok"

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(run, range(6))) <= {"ok", "JOB_RUNNING"}
    assert told_of() == {"publicity.ended": 2}
