"""Drafts of people without an account: opened by a code that is kept as a digest, for so many days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from foundation import clock, drafts
from foundation.models import Draft
from foundation.upkeep import purge_drafts

pytestmark = pytest.mark.django_db
KIND = "registration"


@pytest.fixture
def day() -> Iterator[Any]:
    with time_machine.travel("2026-03-01T10:00:00+08:00", tick=False) as traveller:
        yield traveller


def pass_days(day: Any, number: int) -> None:
    day.shift(timedelta(days=number))


def test_a_draft_is_what_was_saved_last() -> None:
    code = drafts.begin(KIND, {"name": "甲"})
    assert drafts.answers(KIND, code) == {"name": "甲"}
    assert drafts.save(KIND, code, {"name": "乙"})
    assert drafts.answers(KIND, code) == {"name": "乙"}


def test_the_code_opens_it_however_it_is_typed() -> None:
    code = drafts.begin(KIND, {"name": "甲"})
    assert drafts.answers(KIND, f" {code.replace('-', '').lower()} ") == {"name": "甲"}


def test_the_code_is_kept_nowhere() -> None:
    code = drafts.begin(KIND, {})
    assert code.replace("-", "") not in str(Draft.objects.values_list())


@pytest.mark.parametrize("kind", ["accreditation", "registration"])
def test_another_code_or_another_kind_opens_nothing(kind: str) -> None:
    code = drafts.begin("registration" if kind == "accreditation" else "accreditation", {"name": "甲"})
    assert drafts.answers(kind, code) is None
    assert not drafts.save(kind, code, {"name": "乙"})
    assert Draft.objects.get().answers == {"name": "甲"}


def test_what_is_forgotten_is_gone() -> None:
    code = drafts.begin(KIND, {"name": "甲"})
    drafts.forget(KIND, code)
    assert Draft.objects.count() == 0


def test_it_stands_for_its_days_from_the_last_save(day: Any) -> None:
    code = drafts.begin(KIND, {"name": "甲"})
    pass_days(day, 30)
    assert drafts.save(KIND, code, {"name": "乙"})
    pass_days(day, 30)
    assert drafts.answers(KIND, code) == {"name": "乙"}
    pass_days(day, 1)
    assert drafts.answers(KIND, code) is None
    assert not drafts.save(KIND, code, {"name": "丙"})


def test_what_is_over_goes_at_night_and_nothing_else(day: Any) -> None:
    drafts.begin(KIND, {"name": "甲"})
    pass_days(day, 2)
    drafts.begin(KIND, {"name": "乙"})
    pass_days(day, 29)
    assert purge_drafts(clock.today() + timedelta(days=400)) == {"purged": 1}
    assert [one.answers for one in Draft.objects.all()] == [{"name": "乙"}]
    assert purge_drafts(clock.today()) == {"purged": 0}


def test_the_days_are_a_setting(day: Any, settings: Any) -> None:
    settings.DRAFT_DAYS = 3
    code = drafts.begin(KIND, {})
    pass_days(day, 4)
    assert drafts.answers(KIND, code) is None
