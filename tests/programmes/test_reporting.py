"""The quarterly report of the special fund: by the 15th of each quarter's first month (Z24, DOMAIN section 9)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from accounts.states import Role
from engines.notifications.models import OutboxEvent
from foundation import clock
from programmes.jobs import remind_quarterly_report
from tests.factories.accounts import officer

pytestmark = pytest.mark.django_db


def run(day: date, *, asked: date | None = None) -> int:
    with time_machine.travel(clock.start_of(day), tick=False):
        return int(remind_quarterly_report(asked or day)["reminded"])


def test_the_department_is_reminded_once_a_quarter():
    department = officer(Role.DEPARTMENT).organisation_id
    told = {}
    for day in (date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(365)):
        if run(day):
            event = OutboxEvent.objects.latest("pk")
            told[day] = event.title
            assert event.organisation_ids == [department]
    assert told == {
        date(2026, 1, 1): "2025年第4季度专项资金情况报告",
        date(2026, 4, 1): "2026年第1季度专项资金情况报告",
        date(2026, 7, 1): "2026年第2季度专项资金情况报告",
        date(2026, 10, 1): "2026年第3季度专项资金情况报告",
    }


@pytest.mark.parametrize(("day", "reminded"), [(date(2026, 4, 15), 1), (date(2026, 4, 16), 0), (date(2026, 5, 1), 0)])
def test_a_missed_run_is_made_good_until_the_last_day(day: date, reminded: int):
    officer(Role.DEPARTMENT)
    assert run(day) == reminded


def test_a_quarter_that_has_not_come_is_not_reminded_of():
    assert run(date(2026, 3, 2), asked=date(2026, 4, 1)) == 0
