"""The sample is built on any day: years without a notice of holidays, the first weeks and the last days of one."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db.models import Count

from contracts.models import Contract
from demands.models import Demand
from demands.states import DemandState
from engines.calendar import selectors as calendar
from foundation import clock
from sample.world import World


@pytest.mark.django_db
@pytest.mark.long
@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 12, 30), 2026),
        (date(2027, 1, 3), 2026),
        (date(2027, 6, 1), 2027),
        (date(2028, 2, 20), 2028),
    ],
)
def test_the_sample_is_built_on_any_day(day: date, year: int) -> None:
    with time_machine.travel(clock.start_of(day), tick=True):
        World().build()
    assert set(Contract.objects.values_list("quota_year", flat=True).exclude(quota_year=None)) == {year}
    assert year in calendar.years()
    shown = Demand.objects.filter(state=DemandState.PUBLISHED)
    assert sorted(shown.annotate(answers=Count("responses")).values_list("answers", flat=True)) == [0, 1]
