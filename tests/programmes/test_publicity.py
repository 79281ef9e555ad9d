"""A 公示: order, after the decision, long enough in working days, ended on one, over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from foundation.errors import DomainError
from programmes import notice_file, publicity

pytestmark = pytest.mark.django_db
RULES = notice_file.shipped("general-2026").rules
DECIDED = date(2026, 1, 5)


def check(first: str, last: str, *, counts: bool = True) -> None:
    rules = replace(RULES, publicity_days=5, publicity_counts_first_day=counts)
    publicity.check_period(rules, date.fromisoformat(first), date.fromisoformat(last), DECIDED)


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [
        ("2026-01-12", "2026-01-16", True),  # Monday to Friday: five days with the first
        ("2026-01-12", "2026-01-19", False),
        ("2026-02-12", "2026-02-25", True),  # over Spring Festival
        ("2026-04-30", "2026-05-09", True),  # a Saturday that is worked
        ("2026-01-20", "2026-03-02", True),
    ],
)
def test_long_enough(first: str, last: str, counts: bool) -> None:
    check(first, last, counts=counts)


@pytest.mark.parametrize(
    ("first", "last", "counts", "code", "says"),
    [
        ("2026-01-16", "2026-01-15", True, "PUBLICITY_ORDER", "早于开始日期"),
        ("2026-01-04", "2026-01-20", True, "PUBLICITY_BEFORE_DECISION", "须在审定（2026-01-05）之后"),
        (
            "2026-01-12",
            "2026-01-15",
            True,
            "PUBLICITY_TOO_SHORT",
            "（首日计入），2026-01-12开始的公示最早于2026-01-16结束",
        ),
        (
            "2026-01-12",
            "2026-01-16",
            False,
            "PUBLICITY_TOO_SHORT",
            "（首日不计入），2026-01-12开始的公示最早于2026-01-19结束",
        ),
        ("2026-02-12", "2026-02-24", True, "PUBLICITY_TOO_SHORT", "最早于2026-02-25结束"),
        ("2026-01-12", "2026-01-17", True, "PUBLICITY_ENDS_AT_REST", "2026-01-17不是工作日"),
        ("2026-12-28", "2027-01-08", True, "CALENDAR_MISSING", "2027年的工作日历尚未导入"),
    ],
)
def test_refused(first: str, last: str, counts: bool, code: str, says: str) -> None:
    with pytest.raises(DomainError) as caught:
        check(first, last, counts=counts)
    assert caught.value.code == code
    assert says in caught.value.message


def test_over_only_after_the_last_day() -> None:
    publicity.check_over(date(2026, 1, 16), date(2026, 1, 17))
    with pytest.raises(DomainError) as caught:
        publicity.check_over(date(2026, 1, 16), date(2026, 1, 16))
    assert caught.value.code == "PUBLICITY_NOT_OVER"
