"""Until when a claim is filed, whatever unit the notice counts in."""

from dataclasses import replace
from datetime import date

import pytest

from foundation.errors import Refused
from programmes import notice_file
from settlement import deadlines

pytestmark = pytest.mark.django_db

RULES = notice_file.shipped("general-2026").rules


def limited(length, unit):
    limit = replace(RULES.limit("claim"), length=length, unit=unit)
    return replace(RULES, limits={**RULES.limits, "claim": limit})


@pytest.mark.parametrize(
    ("length", "unit", "due"),
    [
        (30, "d", date(2026, 4, 1)),
        (30, "wd", date(2026, 4, 14)),
        (6, "m", date(2026, 9, 2)),
        (1, "y", date(2027, 3, 2)),
    ],
)
def test_the_limit_is_counted_in_its_own_unit(length, unit, due):
    found = deadlines.claim_due(limited(length, unit), confirmed_on=date(2026, 3, 2), quota_year=2026)
    assert found == due


def test_no_limit_goes_past_the_quota_years_end_of_claims():
    assert RULES.year_end.claim_end(2026) == date(2027, 6, 30)
    assert deadlines.claim_due(RULES, confirmed_on=date(2027, 6, 20), quota_year=2026) == date(2027, 6, 30)


def test_the_department_may_go_past_it():
    due = deadlines.claim_due(RULES, confirmed_on=date(2027, 6, 20), quota_year=2026, extended_to=date(2027, 8, 1))
    assert due == date(2027, 8, 1)


def test_an_earlier_extension_takes_nothing_away():
    due = deadlines.claim_due(RULES, confirmed_on=date(2026, 3, 2), quota_year=2026, extended_to=date(2026, 3, 20))
    assert due == date(2026, 4, 1)


def test_working_days_of_an_unknown_year_are_not_guessed():
    with pytest.raises(Refused) as caught:
        deadlines.claim_due(limited(30, "wd"), confirmed_on=date(2026, 12, 20), quota_year=2026)
    assert caught.value.code == "CALENDAR_MISSING"


@pytest.mark.parametrize(
    ("correction_due", "extended_to", "by"),
    [
        (None, None, date(2026, 4, 1)),
        (date(2026, 3, 16), None, date(2026, 3, 16)),
        (date(2026, 4, 20), None, date(2026, 4, 20)),
        (None, date(2026, 5, 1), date(2026, 5, 1)),
        (date(2026, 4, 20), date(2026, 5, 1), date(2026, 5, 1)),
    ],
)
def test_a_claim_is_submitted_by_its_due_day_or_its_corrections(correction_due, extended_to, by):
    found = deadlines.submit_by(due=date(2026, 4, 1), correction_due=correction_due, extended_to=extended_to)
    assert found == by
