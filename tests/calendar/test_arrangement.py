"""Counting working days, and reading what they are counted by."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import chinese_calendar
import pytest
import yaml

from engines.calendar.arrangement import SHIPPED, Arrangement, count, last_day, read, shipped
from foundation.errors import DomainError, Invalid

PLAIN: dict[str, Any] = {
    "year": 2030,
    "doc_no": "国办发明电〔2029〕1号",
    "title": "安排",
    "issued_on": date(2029, 11, 1),
    "holidays": [{"name": "元旦", "from": date(2030, 1, 1), "to": date(2030, 1, 3), "work": [date(2030, 1, 5)]}],
}


class Shipped:
    def of(self, day: date) -> Arrangement:
        if day.year not in SHIPPED:
            raise LookupError(day.year)
        return shipped(day.year)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-02-12", 5, "2026-02-25"),  # Spring Festival, worked 14 and 28
        ("2026-04-30", 5, "2026-05-09"),  # a worked Saturday
        ("2026-09-29", 5, "2026-10-10"),
        ("2026-03-02", 1, "2026-03-02"),
        ("2025-12-31", 2, "2026-01-04"),  # over New Year, a worked Sunday
    ],
)
def test_the_first_day_counts(start: str, days: int, end: str) -> None:
    assert last_day(Shipped(), day(start), days, counts_first=True) == day(end)


@pytest.mark.parametrize(
    ("start", "end"), [("2026-02-12", "2026-02-26"), ("2026-04-30", "2026-05-11"), ("2026-09-29", "2026-10-12")]
)
def test_the_first_day_does_not_count(start: str, end: str) -> None:
    assert last_day(Shipped(), day(start), 5, counts_first=False) == day(end)


def test_a_period_that_begins_on_a_rest_day_counts_from_the_next_worked_one() -> None:
    assert last_day(Shipped(), day("2026-03-07"), 1, counts_first=True) == day("2026-03-09")


def test_a_period_into_an_unknown_year_is_not_guessed() -> None:
    with pytest.raises(LookupError):
        last_day(Shipped(), day("2026-12-28"), 5, counts_first=True)


def test_a_period_has_at_least_a_day() -> None:
    with pytest.raises(Invalid, match="PERIOD_TOO_SHORT"):
        last_day(Shipped(), day("2026-03-02"), 0, counts_first=True)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-02-12", "2026-02-25", 5),
        ("2026-02-15", "2026-02-23", 0),
        ("2026-03-02", "2026-03-02", 1),
        ("2026-03-02", "2026-03-01", 0),
    ],
)
def test_counting_days_between(start: str, end: str, days: int) -> None:
    assert count(Shipped(), day(start), day(end)) == days


@pytest.mark.parametrize("year", SHIPPED)
def test_what_is_shipped_agrees_with_an_independent_source(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    ours = shipped(year)
    assert [d for d in days if ours.is_working_day(d) != chinese_calendar.is_workday(d)] == []
    assert "国办发明电" in ours.doc_no


def test_a_file_is_read() -> None:
    found = read(yaml.safe_dump(PLAIN, allow_unicode=True).encode())
    assert (found.year, found.doc_no) == (2030, "国办发明电〔2029〕1号")
    assert sorted(found.rest) == [date(2030, 1, 1), date(2030, 1, 2), date(2030, 1, 3)]
    assert found.work == {date(2030, 1, 5): "元旦"}


def holiday(**fields: Any) -> dict[str, Any]:
    return {**PLAIN, "holidays": [{**PLAIN["holidays"][0], **fields}]}


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({**PLAIN, "year": "2030"}, "year 须为四位年份"),
        ({**PLAIN, "year": True}, "year 须为四位年份"),
        ({**PLAIN, "doc_no": ""}, "doc_no 须为"),
        ({**PLAIN, "issued_on": "2029"}, "issued_on 须为日期"),
        ({**PLAIN, "holidays": []}, "至少列出一个节日"),
        ({**PLAIN, "extra": 1}, "不认识的键 extra"),
        ({key: value for key, value in PLAIN.items() if key != "title"}, "缺少 title"),
        ({**PLAIN, "holidays": ["元旦"]}, "第1个节日：须为"),
        (holiday(name=5), "name 须为"),
        (holiday(to=date(2029, 12, 31)), "先后两个日期"),
        (holiday(to=date(2030, 2, 1)), "不超过16天"),
        (holiday(work=date(2030, 1, 5)), "work 须为日期列表"),
        (holiday(work=[date(2030, 1, 8)]), "2030-01-08不是周末"),
        (holiday(work=[date(2031, 1, 5)]), "2031-01-05不在2030年"),
        (holiday(work=[date(2030, 1, 5), date(2030, 1, 5)]), "2030-01-05重复"),
        (holiday(**{"from": date(2030, 1, 4), "to": date(2030, 1, 5)}), "既列为放假又列为上班"),
        ([1, 2], "须为键值结构"),
    ],
)
def test_every_fault_is_named(data: Any, fault: str) -> None:
    with pytest.raises(DomainError) as caught:
        read(yaml.safe_dump(data, allow_unicode=True).encode())
    assert caught.value.code == "CALENDAR_INVALID"
    assert fault in caught.value.message


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"year: [", b"issued_on: 2026-13-45", b"[" * 20_000, b"x" * 70_000, b""]
)
def test_what_is_no_yaml_is_refused(content: bytes) -> None:
    with pytest.raises(DomainError) as caught:
        read(content)
    assert caught.value.code == "CALENDAR_INVALID"
