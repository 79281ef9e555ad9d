"""Jobs: one run at a time over all hosts, keyed by civil date, runnable by hand."""

from __future__ import annotations

import json
import threading
from datetime import date
from io import StringIO

import psycopg
import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections

from foundation import jobs
from foundation.errors import Invalid, Refused
from foundation.models import JobRun
from tests.platform.helpers import soon

DAY = date(2025, 12, 31)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The civil dates for which the job `sample_job` has run."""
    dates: list[date] = []
    monkeypatch.setattr(jobs, "_registry", {})

    @jobs.job("sample_job", "样例任务")
    def sample_job(day):
        dates.append(day)
        return {"times": len(dates)}

    return dates


@pytest.mark.django_db
def test_a_run_is_recorded_once_a_day_and_counted(seen):
    assert jobs.run("sample_job", DAY) == {"times": 1}
    assert jobs.run("sample_job", DAY) == {"times": 2}
    row = JobRun.objects.get()
    assert (row.name, row.civil_date, row.runs, row.result) == ("sample_job", DAY, 2, {"times": 2})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("instant", "day"),
    [("2026-12-31T15:59:59Z", date(2026, 12, 31)), ("2026-12-31T16:00:00Z", date(2027, 1, 1))],
)
def test_without_a_date_it_is_shanghais_today(seen, instant, day):
    with time_machine.travel(instant, tick=False):
        jobs.run("sample_job")
    assert seen == [day]


@pytest.mark.django_db(transaction=True)
def test_while_it_runs_elsewhere_it_is_refused(seen, monkeypatch):
    entered, leave = threading.Event(), threading.Event()

    @jobs.job("long_job", "长任务")
    def long_job(day):
        entered.set()
        leave.wait(10)
        return {}

    def elsewhere():
        jobs.run("long_job", DAY)
        connections.close_all()

    other = threading.Thread(target=elsewhere)
    other.start()
    assert entered.wait(10)
    with pytest.raises(Refused, match="JOB_RUNNING"):
        jobs.run("long_job", DAY)
    assert jobs.run("sample_job", DAY) == {"times": 1}
    leave.set()
    other.join()
    assert jobs.run("long_job", DAY) == {}


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_process_was_killed_is_free_again(seen):
    def free() -> bool:
        try:
            return jobs.run("sample_job", DAY) == {"times": 2}
        except Refused:
            return False

    config = connection.get_connection_params()
    with psycopg.connect(host=config["host"], user=config["user"], dbname=config["dbname"], autocommit=True) as killed:
        jobs.run("sample_job", DAY)
        killed.execute("SELECT pg_advisory_lock(%s)", [jobs.zlib.crc32(b"job:sample_job")])
        with pytest.raises(Refused, match="JOB_RUNNING"):
            jobs.run("sample_job", DAY)
    assert soon(free)  # the server needs a moment to see that the connection is gone


@pytest.mark.django_db
def test_a_failing_job_gives_its_lock_back_and_leaves_no_record(seen):
    @jobs.job("failing_job", "失败任务")
    def failing_job(day):
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            jobs.run("failing_job", DAY)
    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_an_unknown_job_is_refused_with_the_known_ones(seen):
    with pytest.raises(Invalid) as refusal:
        jobs.run("no_such_job")
    assert refusal.value.details == {"known": ["sample_job"]}


def run_job(*args: str) -> str:
    out = StringIO()
    call_command("run_job", *args, stdout=out)
    return out.getvalue()


def test_by_hand_without_a_name_the_jobs_are_listed(seen):
    assert run_job().split() == ["sample_job", "样例任务"]


@pytest.mark.django_db
def test_by_hand_with_a_date(seen):
    assert json.loads(run_job("sample_job", "--date", "2025-12-31")) == {"times": 1}
    assert seen == [DAY]


@pytest.mark.parametrize("wrong", ["2026-02-30", "31.12.2026", "today"])
def test_by_hand_with_a_date_that_is_none(seen, wrong):
    with pytest.raises(CommandError, match="YYYY-MM-DD"):
        run_job("sample_job", "--date", wrong)
    assert seen == []


@pytest.mark.django_db
def test_by_hand_with_an_unknown_name():
    with pytest.raises(CommandError, match="no_such_job"):
        run_job("no_such_job")
