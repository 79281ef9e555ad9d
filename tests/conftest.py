"""What every room's tests share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations
from rest_framework.test import APIClient

from tests.e2e.browser import MISSING, chromium


def pytest_collection_finish() -> None:
    """What is loaded by now stays for the whole run: the collector need not walk over it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Whoever runs the tests without the browser's hears of it."""
    if "not e2e" in config.getoption("markexpr", ""):
        why = "`make e2e` runs them." if chromium() else f"{MISSING}."
        terminalreporter.write_line(f"The browser tests (tests/e2e) were skipped: {why}")


@pytest.fixture(autouse=True)
def nobody_has_called_yet() -> None:
    """How often an address called is counted in the process's cache; each test begins at nought."""
    cache.clear()


@pytest.fixture
def anonymous() -> APIClient:
    """A caller who has not signed in."""
    return APIClient()


@pytest.fixture(autouse=True, scope="session")
def flush_past_the_guards() -> Iterator[None]:
    """Transactional tests empty the tables between them; the append-only triggers rightly forbid that.

    Only the test runner's own flush sets them aside, as a superuser can; tests themselves cannot.
    """
    original = DatabaseOperations.execute_sql_flush

    def flush(self: Any, sql_list: list[str]) -> None:
        off, on = "SET session_replication_role = replica", "SET session_replication_role = DEFAULT"
        original(self, [off, *sql_list, on])

    DatabaseOperations.execute_sql_flush = flush
    yield
    DatabaseOperations.execute_sql_flush = original
