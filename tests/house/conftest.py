"""The world costs a second or two to build: one a module, each test in a savepoint of its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction

from tests.house.world import make_world

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai: no answer leans on today's date


@pytest.fixture
def working_morning():
    """An ordinary Monday in March."""
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture(scope="module")
def built_world(django_db_setup, django_db_blocker):
    with time_machine.travel(MORNING, tick=True), django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def db(built_world):
    """In place of pytest-django's: a savepoint inside the module's world. By its name the database is set up."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(built_world, db):
    """The world as it was built. A module that asks for it marks none of its tests `django_db`."""
    return built_world
