"""An ordinary Monday in March, and a way to read pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from demands.matching import suggest
from tests.factories.publicity import Notes, known_kind

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


@pytest.fixture(autouse=True)
def morning() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def told() -> Iterator[Notes]:
    """A kind of list that tests may put on show."""
    with known_kind() as notes:
        yield notes


@pytest.fixture
def read(client: Client) -> Callable[..., str]:
    """What a page says."""

    def reading(address: str, status: int = 200, **given: Any) -> str:
        answer = client.get(address, given)
        assert answer.status_code == status, answer.content.decode()[:2000]
        return answer.content.decode()

    return reading


@pytest.fixture
def queries(client: Client) -> Callable[..., int]:
    """How many queries a page asks, once everything that a process keeps is there."""

    def counting(address: str, **given: Any) -> int:
        suggest.words_in_force()
        assert client.get(address, given).status_code == 200
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address, given).status_code == 200
        return len(asked)

    return counting
