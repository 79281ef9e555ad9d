"""What the database holds of the platform's own tables, by the constraint's name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from foundation import clock
from foundation.models import JobRun, KeptAnswer

pytestmark = pytest.mark.django_db


def keep(**changes: Any) -> None:
    values = {"caller": "a", "key": "1", "digest": "x", "status": 201, "body": {}, "created_at": clock.now()}
    KeptAnswer.objects.create(**{**values, **changes})


def test_a_caller_has_one_answer_a_key() -> None:
    keep()
    with pytest.raises(IntegrityError, match="kept_answer_once"), transaction.atomic():
        keep(digest="y")
    keep(caller="b")
    keep(key="2")
    assert KeptAnswer.objects.count() == 3


def ran(name: str, day: date) -> None:
    JobRun.objects.create(name=name, civil_date=day, last_run_at=clock.now())


def test_a_job_has_one_row_a_day() -> None:
    ran("close_year", date(2026, 1, 1))
    with pytest.raises(IntegrityError, match="job_run_once_a_day"), transaction.atomic():
        ran("close_year", date(2026, 1, 1))
    ran("close_year", date(2026, 1, 2))
    ran("watch_budget", date(2026, 1, 1))
    assert JobRun.objects.count() == 3
