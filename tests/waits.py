"""After a test, what stands beside each contract is what it waits for, whatever act the test did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from contracts.services import keeping


@pytest.fixture(autouse=True)
def waits_are_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """In every room whose acts touch contracts; but for tests marked `writes_past_us`."""
    marked = request.node.get_closest_marker
    if marked("django_db") is None or marked("writes_past_us") is not None:
        yield
        return
    request.getfixturevalue("_django_db_helper")  # still open when we look
    yield
    if not connection.needs_rollback:  # the test left a transaction that a refusal broke
        assert keeping.differing() == []
