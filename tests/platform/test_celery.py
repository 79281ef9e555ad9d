"""Celery is the wake-up: what its settings promise, and what the one task does."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from celery.exceptions import Retry
from celery.schedules import crontab
from django.conf import settings
from django.db import OperationalError

from foundation import jobs
from foundation.errors import Invalid, Refused
from foundation.tasks import run_job
from voucher_platform.celery import app


def test_a_task_lost_with_its_worker_is_run_again():
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.worker_prefetch_multiplier == 1


def test_a_task_is_not_run_again_while_it_may_still_run():
    visibility = app.conf.broker_transport_options["visibility_timeout"]
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit
    assert visibility >= 2 * app.conf.task_time_limit


def test_only_json_and_no_results():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.task_ignore_result is True


def test_midnight_is_shanghais():
    assert str(app.timezone) == "Asia/Shanghai"


def test_every_scheduled_job_exists_and_every_job_is_scheduled():
    scheduled = {entry["args"][0] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled == set(jobs.names())


@pytest.mark.parametrize("name", settings.CELERY_BEAT_SCHEDULE)
def test_a_wake_up_that_comes_too_late_is_dropped(name):
    entry = settings.CELERY_BEAT_SCHEDULE[name]
    schedule = entry["schedule"]
    assert entry["task"] == run_job.name
    if isinstance(schedule, crontab):
        hourly = len(schedule.hour) == 24
        period = timedelta(hours=1) / len(schedule.minute) if hourly else timedelta(days=1)
    else:
        period = timedelta(seconds=schedule)
    assert timedelta(0) < timedelta(seconds=entry["options"]["expires"]) <= period


def test_the_year_is_closed_at_midnight_and_again_if_that_was_missed():
    schedule = settings.CELERY_BEAT_SCHEDULE["close_year"]["schedule"]
    assert schedule == crontab(minute=0)


def test_the_task_runs_the_job(monkeypatch):
    monkeypatch.setattr(jobs, "run", lambda name: {"ran": name})
    assert run_job("some_job") == {"ran": "some_job"}


def test_a_job_that_runs_already_is_noted_and_no_error(monkeypatch, caplog):
    def held(name):
        raise Refused("JOB_RUNNING", "正在运行")

    monkeypatch.setattr(jobs, "run", held)
    with caplog.at_level(logging.INFO, "foundation.tasks"):
        assert run_job("some_job") is None
    assert caplog.messages == ["job some_job is running already"]


def test_any_other_refusal_is_an_error():
    with pytest.raises(Invalid, match="UNKNOWN_JOB"):
        run_job("no_such_job")


def test_a_lost_database_is_tried_again(monkeypatch):
    def lost(name):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(jobs, "run", lost)
    monkeypatch.setattr(run_job, "retry", lambda exc, **options: Retry(str(options["countdown"] <= 120), exc=exc))
    with pytest.raises(Retry):
        run_job("some_job")
    assert run_job.max_retries == 6
