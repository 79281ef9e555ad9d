"""Settlement tests live on an ordinary working morning in March: no test leans on today's date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from tests.waits import waits_are_kept

__all__ = ["waits_are_kept"]
MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


@pytest.fixture(autouse=True)
def travel():
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller
