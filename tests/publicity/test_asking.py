"""What is open to whoever asks: an objection, more evidence, another look."""

from datetime import timedelta

import pytest

from engines.publicity import selectors
from foundation import clock
from tests.factories.publicity import make_case, make_publicity

pytestmark = pytest.mark.django_db


def test_objections_are_taken_from_the_first_day_to_the_last():
    publicity = make_publicity()
    days = (publicity.first - timedelta(days=1), publicity.first, publicity.last, publicity.last + timedelta(days=1))
    assert [selectors.takes_objections(publicity, day) for day in days] == [False, True, True, False]
    assert [selectors.days_left(publicity, day) for day in days] == [0, 5, 1, 0]


@pytest.mark.parametrize(
    ("step", "papers", "review"),
    [(None, True, False), ("accepted", True, False), ("decided", False, False), ("notified", False, True)],
)
def test_evidence_until_the_decision_and_another_look_after_it_was_told(step, papers, review):
    row = make_case(step=step).at
    assert (selectors.takes_papers(row), selectors.may_be_reviewed(row, clock.today())) == (papers, review)


def test_another_look_may_be_asked_for_until_its_last_day():
    row = make_case(step="notified").at
    assert selectors.may_be_reviewed(row, row.review_until)
    assert not selectors.may_be_reviewed(row, row.review_until + timedelta(days=1))
