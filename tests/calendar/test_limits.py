"""A limit as a date: the day of the event does not count; months end on the same day or the month's last."""

from __future__ import annotations

from datetime import date

import pytest

from engines.calendar import limits
from foundation.errors import DomainError

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("length", "unit", "start", "last"),
    [
        (5, "wd", date(2026, 2, 12), date(2026, 2, 26)),  # over Spring Festival
        (30, "d", date(2026, 3, 2), date(2026, 4, 1)),
        (90, "d", date(2026, 3, 2), date(2026, 5, 31)),
        (1, "m", date(2026, 1, 31), date(2026, 2, 28)),
        (6, "m", date(2026, 8, 31), date(2027, 2, 28)),
        (1, "y", date(2028, 2, 29), date(2029, 2, 28)),
    ],
)
def test_last_day(length, unit, start, last):
    assert limits.last_day(length, unit, start) == last


def test_working_days_of_a_year_nobody_has_imported_are_not_guessed():
    with pytest.raises(DomainError) as caught:
        limits.last_day(5, "wd", date(2026, 12, 30))
    assert caught.value.code == "CALENDAR_MISSING"
