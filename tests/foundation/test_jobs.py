"""The day a job runs for: today or one gone by, never one to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from foundation import jobs
from foundation.errors import Invalid
from foundation.models import JobRun

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[date]]:
    """The days for which the job `sample_job` has run; it is the first of March in Shanghai, for an hour."""
    days: list[date] = []
    monkeypatch.setattr(jobs, "_registry", {})

    @jobs.job("sample_job", "样例任务")
    def sample_job(day: date) -> dict[str, Any]:
        days.append(day)
        return {}

    with time_machine.travel("2026-02-28T16:30:00Z", tick=False):
        yield days


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2027, 3, 1)])
def test_a_day_that_has_not_come_is_refused_and_nothing_ran(ran: list[date], day: date) -> None:
    with pytest.raises(Invalid) as caught:
        jobs.run("sample_job", day)
    assert caught.value.code == "JOB_DAY_IN_FUTURE"
    assert (
        caught.value.message
        == f"业务日期{day}还没有到（今天是2026-03-01），任务“sample_job”没有运行。请给出今天或以前的日期。"
    )
    assert caught.value.details == {"job": "sample_job", "day": str(day), "today": "2026-03-01"}
    assert ran == []
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("day", [TODAY, date(2026, 2, 28), date(2025, 12, 31)])
def test_today_and_a_day_gone_by_run(ran: list[date], day: date) -> None:
    jobs.run("sample_job", day)
    assert ran == [day]


def test_by_hand_a_mistyped_year_ends_with_the_sentence(ran: list[date]) -> None:
    with pytest.raises(CommandError, match="业务日期2027-03-01还没有到（今天是2026-03-01）"):
        call_command("run_job", "sample_job", "--date", "2027-03-01")
    assert ran == []


def test_by_hand_on_an_empty_database_says_which_settings_name_the_right_one(
    ran: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", list)
    with pytest.raises(CommandError) as caught:
        call_command("run_job", "sample_job")
    assert str(caught.value) == (
        "所连接的数据库是空的，任务没有运行：请让 STATE_DIR（内置数据库所在目录）或 DATABASE_URL "
        "与正在运行的平台一致；确是新库的，请先运行 manage.py migrate。"
    )
    assert ran == []


def test_by_hand_without_a_database_ends_with_a_sentence(ran: list[date], monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> list[str]:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection.introspection, "table_names", unreachable)
    with pytest.raises(CommandError, match=r"^连接不上数据库，任务没有运行：请让 STATE_DIR.*DATABASE_URL"):
        call_command("run_job", "sample_job")
    assert ran == []
