"""An ordinary Monday in March, and a way to another day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from foundation import clock


@pytest.fixture
def clock_in_hand() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 3, 2, 2, tzinfo=UTC), tick=True) as moved:
        yield moved


@pytest.fixture
def working_morning(clock_in_hand: time_machine.Traveller) -> None:
    """10:00 in Shanghai on 2 March 2026."""


@pytest.fixture
def travel(clock_in_hand: time_machine.Traveller) -> Callable[[date], None]:
    """Midnight of another day."""
    return lambda day: clock_in_hand.move_to(clock.start_of(day))
