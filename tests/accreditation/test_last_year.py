"""上年 and 未满一年 are those of the day of the application, however long it takes to put the case right."""

from __future__ import annotations

from datetime import date

import pytest

from foundation import clock
from tests.factories.accreditation import make_call, make_case
from tests.factories.calendar import know
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db


def test_a_correction_after_new_years_day_is_judged_by_the_same_last_year(travel):
    know(2027)
    travel.move_to(clock.start_of(date(2026, 12, 28)))
    case = make_case("submitted", call=make_call(closes_on=date(2026, 12, 31), year=2027))
    assert case.at.checks.get(code="clients").result == "ok"
    case.returned()
    travel.move_to(clock.start_of(date(2027, 1, 8)))
    open_year(2027)
    case.submitted(answers={1: "已补充"})
    again = case.at.checks.get(code="clients", submission=2)
    assert (again.result, again.value) == ("ok", "48家；附合同证明10家")
