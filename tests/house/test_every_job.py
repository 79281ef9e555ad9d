"""Every job there is, whoever wrote it: in beat, by hand, twice, and twice at once, by the same rules.

Jobs run here past their own lock (`jobs.run` lets one run at a time): what they do must be right without it,
because a lock is lost with its connection.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from foundation import clock, jobs
from tests.house.world import make_world, picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
MORNING = datetime(2026, 3, 2, 2, tzinfo=UTC)
# A world of March seen from here: limits have passed, reminders are due, and on the last day the year has turned.
DAYS = (date(2026, 3, 20), date(2026, 5, 20), date(2027, 1, 4))
# When it last ran and how often is what a run leaves each time; nothing else may differ.
OWN_NOTE = "foundation_jobrun"


def run_in_two_threads(job: str, day: date) -> list[BaseException]:
    """The job's function twice at once, each on a connection of its own; what went wrong."""
    gate, wrong = threading.Barrier(2), []

    def run() -> None:
        try:
            connection.ensure_connection()
            gate.wait(30)
            jobs.function(job)(day)
        except BaseException as error:  # noqa: BLE001 - told by the test
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def world_without_notes() -> dict[str, Any]:
    """Everything in the database but the jobs' own notes."""
    return {table: rows for table, rows in picture().items() if table != OWN_NOTE}


def test_every_job_is_in_the_timetable_and_no_other():
    assert set(settings.CELERY_BEAT_SCHEDULE) == set(jobs.names())
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert (entry["task"], entry["args"]) == ("foundation.run_job", [name])
        assert entry["options"]["expires"] > 0


def test_every_job_runs_by_hand_and_says_what_it_did():
    for name in jobs.names():
        told = StringIO()
        call_command("run_job", name, stdout=told)
        assert json.loads(told.getvalue().splitlines()[-1]) is not None, name


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_job_twice_at_once_and_once_more_changes_nothing_more(day):
    with time_machine.travel(MORNING, tick=True) as moved:
        make_world()
        moved.move_to(clock.start_of(day))
        for name in jobs.names():
            assert run_in_two_threads(name, day) == [], name
        moved.move_to(clock.start_of(day) + timedelta(minutes=10), tick=False)  # no retry comes due while it stands
        for _ in range(2):  # what one job did may be work for another: the second round finds none
            for name in jobs.names():
                jobs.function(name)(day)
        while jobs.function("send_webhooks")(day):  # an endpoint that fails is tried once a run
            pass
        before = world_without_notes()
        for name in jobs.names():
            jobs.function(name)(day)
            now = world_without_notes()
            assert {table for table in now if now[table] != before.get(table)} == set(), name
