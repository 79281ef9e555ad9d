"""What a provider states of itself is possible: a county of 广西, a day that has been."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.states import Role
from tests.factories.accounts import Caller, make_user
from tests.factories.providers import ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"region_code": "999999"},
            "999999不是广西的市或县（市、区）代码，可用代码见 registry/regions/（办法第十三条）。",
        ),
        (
            {"region_code": "440103"},
            "440103不是广西的市或县（市、区）代码，可用代码见 registry/regions/（办法第十三条）。",
        ),
        (
            {"region_code": "450000"},
            "450000不是广西的市或县（市、区）代码，可用代码见 registry/regions/（办法第十三条）。",
        ),
        ({"founded_on": "2030-01-01"}, "日期须在1900年至今天（2026-06-01）之间。"),
        ({"founded_on": "0001-01-01"}, "日期须在1900年至今天（2026-06-01）之间。"),
        ({"parent_founded_on": "2026-06-02"}, "日期须在1900年至今天（2026-06-01）之间。"),
    ],
)
@time_machine.travel(datetime(2026, 6, 1, 2, tzinfo=UTC), tick=True)
def test_what_cannot_be_is_refused_and_changes_nothing(change, sentence):
    provider = ProviderFactory()
    agent = Caller(make_user(Role.PROVIDER_AGENT, organisation=provider.organisation))
    answer = agent.act(f"providers/{provider.pk}/edit/", {"version": provider.version, **change})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_FIELDS")
    assert answer.json()["details"] == {next(iter(change)): [sentence]}
    version = provider.version
    provider.refresh_from_db()
    assert provider.version == version


def test_another_county_is_taken():
    provider = ProviderFactory()
    agent = Caller(make_user(Role.PROVIDER_AGENT, organisation=provider.organisation))
    answer = agent.act(f"providers/{provider.pk}/edit/", {"version": provider.version, "region_code": "450203"})
    assert (answer.status_code, answer.json()["region_code"]) == (200, "450203")
