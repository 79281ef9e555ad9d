from datetime import UTC, date, datetime

import pytest
import time_machine

from foundation import clock


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_year_turns_at_midnight_in_shanghai(instant, day):
    assert clock.local_date(instant) == day


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="naive"):
        clock.local_date(datetime(2026, 1, 1))  # noqa: DTZ001  what is refused


def test_a_day_ends_where_the_next_begins():
    assert clock.end_of(date(2026, 12, 31)) == clock.start_of(date(2027, 1, 1))


def test_today_follows_the_one_clock():
    with time_machine.travel(datetime(2026, 12, 31, 16, 0, tzinfo=UTC), tick=False):
        assert clock.today() == date(2027, 1, 1)
