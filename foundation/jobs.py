"""Jobs: named, keyed by civil date, idempotent, runnable by beat and by hand."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from foundation import clock
from foundation.errors import Invalid, Refused
from foundation.models import JobRun

Job = Callable[[date], dict[str, Any]]
_registry: dict[str, tuple[Job, str]] = {}


def job(name: str, label: str) -> Callable[[Job], Job]:
    """Register a job: a function of the civil date that returns what it did, as numbers."""

    def register(function: Job) -> Job:
        _registry[name] = (function, label)
        return function

    return register


def names() -> dict[str, str]:
    """Every registered job with its Chinese label."""
    return {name: label for name, (_, label) in sorted(_registry.items())}


def function(name: str) -> Job:
    """What the job does, without its lock and its note. Raises UNKNOWN_JOB naming the known ones."""
    if name not in _registry:
        raise Invalid("UNKNOWN_JOB", f"没有名为“{name}”的任务。", known=sorted(_registry))
    return _registry[name][0]


def run(name: str, day: date | None = None) -> dict[str, Any]:
    """Run one job for `day` (today in Shanghai when not given) and record that it ran.

    A day that has not come is refused (JOB_DAY_IN_FUTURE): what a job does at the end of a year cannot be
    undone, so a mistyped date must do nothing. Only one run of a job goes at a time, over all hosts: another one
    is told JOB_RUNNING. The job commits in its own units of work; what it has done stays done when it is stopped
    half way.
    """
    work = function(name)
    today = clock.today()
    day = day or today
    if day > today:
        raise Invalid(
            "JOB_DAY_IN_FUTURE",
            f"业务日期{day}还没有到（今天是{today}），任务“{name}”没有运行。请给出今天或以前的日期。",
            job=name,
            day=str(day),
            today=str(today),
        )
    key = zlib.crc32(f"job:{name}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            raise Refused("JOB_RUNNING", f"任务“{name}”正在运行，请稍后再试。", job=name)
        try:
            result = work(day)
            _note(name, day, result)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    return result


def _note(name: str, day: date, result: dict[str, Any]) -> None:
    with transaction.atomic():
        run_row, created = JobRun.objects.get_or_create(
            name=name, civil_date=day, defaults={"last_run_at": clock.now(), "result": result}
        )
        if not created:
            JobRun.objects.filter(pk=run_row.pk).update(runs=F("runs") + 1, last_run_at=clock.now(), result=result)
