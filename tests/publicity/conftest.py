"""An ordinary Monday in March, and a kind of list that notes what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from tests.factories.publicity import Notes, known_kind

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai, a Monday


@pytest.fixture(autouse=True)
def travel() -> Iterator[time_machine.Traveller]:
    """Started before the threads, so that they live in March too."""
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def told() -> Iterator[Notes]:
    """What the upper room was told."""
    with known_kind() as notes:
        yield notes
