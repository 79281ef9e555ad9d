"""Which tests of the pages belong to CI's second part."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
# The kit and the looks stay in `make test`; who may open which of all pages, and the areas' own pages, are
# `make test-long`.
LONG = ("test_access.py", "test_nav.py", "officer", "provider", "public", "enterprise", "parties")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            area = item.path.relative_to(HERE).parts[0]
            if area in LONG:
                item.add_marker("long")
