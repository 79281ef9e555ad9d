"""Registering needs no sign-in: how often from one address, and that others' limits do not count for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from foundation.api.throttling import Newcomer
from tests.factories.accounts import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_enterprises_and_providers_from_one_address_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Newcomer, "THROTTLE_RATES", {"public_registrations": "2/hour"})
    paths = ["registrations/enterprise/", "registrations/provider/", "registrations/enterprise/"]
    answers = [Caller().act(path, {}) for path in paths]
    assert [one.status_code for one in answers] == [400, 400, 429]
    assert answers[-1].json()["code"] == "TOO_MANY_REQUESTS"


def test_a_town_hall_registers_a_hundred_within_the_hour() -> None:
    assert {Caller().act("registrations/provider/", {}).status_code for _ in range(100)} == {400}
