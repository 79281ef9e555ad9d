"""A list is frozen, shown for working days, closed or withdrawn (第九条、第十五条、第二十一条)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.states import Role
from engines.calendar import selectors as calendar
from engines.publicity import periods
from engines.publicity.models import Publicity, PublicityItem
from engines.publicity.services import Entry, lists
from engines.publicity.states import ItemState, PublicityState
from programmes.services import publicities
from tests.factories.accounts import make_organisation, officer
from tests.factories.calendar import know
from tests.factories.publicity import file_one, items, make_entry, make_publicity
from tests.publicity.support import at, refused

pytestmark = pytest.mark.django_db


def test_a_list_is_shown_from_today_to_the_earliest_lawful_day():
    publicity = make_publicity(3)
    assert (publicity.state, publicity.first, publicity.last) == (
        PublicityState.OPEN,
        date(2026, 3, 2),
        date(2026, 3, 6),
    )
    assert [item.state for item in items(publicity)] == [ItemState.ON_SHOW] * 3


def test_the_notices_clocks_and_the_calendar_are_pinned():
    publicity = make_publicity(1)
    assert publicity.clocks == {
        "accept": {"length": 5, "unit": "wd"},
        "result": {"length": 30, "unit": "d"},
        "longest": {"length": 90, "unit": "d"},
        "review_ask": {"length": 10, "unit": "wd"},
        "review": {"length": 15, "unit": "wd"},
    }
    assert (publicity.days, publicity.counts_first_day, len(publicity.calendars)) == (5, True, 1)
    assert publicity.calendars[0].startswith("2026/0 ")
    assert publicity.contact["phone"] == "0771-0000000"


def test_a_period_over_spring_festival_skips_the_holidays(travel):
    travel.move_to(at(2026, 2, 12, 2))
    publicity = make_publicity(1)
    assert (publicity.first, publicity.last) == (date(2026, 2, 12), date(2026, 2, 25))


@pytest.mark.parametrize("counts_first", [True, False])
def test_every_period_of_the_year_ends_on_a_working_day_after_enough_of_them(counts_first):
    for number in range(340):
        first = date(2026, 1, 1) + timedelta(days=number)
        period = periods.lawful(first, None, days=5, counts_first=counts_first)
        begins = first if counts_first else first + timedelta(days=1)
        assert calendar.is_working_day(period.last)
        assert calendar.working_days(begins, period.last) == 5


def test_a_period_into_a_year_nobody_has_imported_is_refused_and_says_what_to_import(travel):
    travel.move_to(at(2026, 12, 28, 2))
    error = refused("CALENDAR_MISSING", make_publicity, 1)
    assert "请先导入国务院办公厅关于2027年部分节假日安排的通知" in error.message


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
def test_long_enough(first, last, counts):
    period = periods.lawful(date.fromisoformat(first), date.fromisoformat(last), days=5, counts_first=counts)
    assert str(period.last) == last


@pytest.mark.parametrize(
    ("first", "last", "counts", "code", "says"),
    [
        ("2026-01-16", "2026-01-15", True, "PUBLICITY_ORDER", "早于开始日期"),
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
def test_no_lawful_period(first, last, counts, code, says):
    error = refused(
        code, periods.lawful, date.fromisoformat(first), date.fromisoformat(last), days=5, counts_first=counts
    )
    assert says in error.message


def test_nor_does_a_list_begin_whose_last_objection_nobody_could_date(travel):
    """The period ends in 2026, the five days to accept an objection of its last day do not."""
    travel.move_to(at(2026, 12, 21, 2))
    assert periods.lawful(date(2026, 12, 21), None, days=5, counts_first=True).last == date(2026, 12, 25)
    error = refused("CALENDAR_MISSING", make_publicity, 1)
    assert error.details == {"year": 2027}


def test_an_objection_on_the_last_day_of_the_year_has_its_date(travel):
    know(2027)
    travel.move_to(at(2026, 12, 21, 2))
    (item,) = items(make_publicity(1))
    travel.move_to(at(2026, 12, 25, 15, 59))  # 23:59 in Shanghai
    assert file_one(item).objection.accept_due == date(2027, 1, 1)  # 2027 has only its weekends here


def test_a_list_is_as_long_as_one_commit_can_freeze(monkeypatch):
    monkeypatch.setattr(lists, "MOST", 2)
    error = refused("PUBLICITY_TOO_LONG_A_LIST", make_publicity, 3)
    assert error.message == "一份名单最多2项，现为3项，请分批公示。"


def test_too_short_a_period_is_told_the_earliest_end():
    error = refused("PUBLICITY_TOO_SHORT", make_publicity, 1, last=date(2026, 3, 5))
    assert error.details["earliest"] == "2026-03-06"


def test_a_period_cannot_have_begun_before_it_is_shown():
    refused("PUBLICITY_BACKDATED", make_publicity, 1, first=date(2026, 3, 1))


def test_a_period_follows_the_decision():
    refused("PUBLICITY_BEFORE_DECISION", make_publicity, 1, decided=date(2026, 3, 3))


def test_an_empty_list_is_refused():
    refused("PUBLICITY_EMPTY", make_publicity, 0)


def test_a_list_of_an_unknown_kind_is_refused():
    refused("PUBLICITY_KIND", make_publicity, 1, kind="unheard")


def test_a_thing_stands_once_on_a_list():
    one = make_organisation()
    refused("PUBLICITY_ITEM_TWICE", make_publicity, entries=[make_entry(one), make_entry(one)])


def test_a_thing_on_show_is_on_no_second_list():
    one = make_organisation()
    make_publicity(entries=[make_entry(one)])
    refused("PUBLICITY_ITEM_ON_SHOW", make_publicity, entries=[make_entry(one)])


@pytest.mark.parametrize("text", ["联系人13912345678", "身份证11010519491231002X", "邮箱li@example.com"])
def test_personal_data_is_not_shown(text):
    one = make_organisation()
    error = refused("PUBLICITY_PERSONAL_DATA", make_publicity, entries=[Entry(one, "某单位", {"备注": text})])
    assert [found["field"] for found in error.details["found"]] == ["备注"]


def test_only_the_department_shows_a_list():
    for role in (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.APPROVER, Role.FINANCE, Role.SUPERVISOR):
        refused("NOT_ALLOWED", make_publicity, 1, by=officer(role))


def test_without_a_contact_no_list_is_shown(settings):
    settings.PUBLICITY_PHONE = ""
    assert refused("CONTACT_MISSING", make_publicity, 1).details == {"missing": ["PUBLICITY_PHONE"]}


def close(publicity: Publicity) -> Publicity:
    return publicities.close_period(by=officer(Role.DEPARTMENT), publicity_id=publicity.pk, version=publicity.version)


def withdraw(publicity: Publicity) -> Publicity:
    return publicities.withdraw(
        by=officer(Role.DEPARTMENT), publicity_id=publicity.pk, version=publicity.version, reason="名单有误"
    )


def test_a_period_is_closed_when_its_last_day_is_over(travel, told):
    publicity = make_publicity(2)
    travel.move_to(at(2026, 3, 6, 15, 59))
    refused("PUBLICITY_NOT_OVER", close, publicity)
    travel.move_to(at(2026, 3, 6, 16, 0))
    closed = close(publicity)
    assert closed.state == PublicityState.CLOSED_CLEAR
    assert [item.state for item in items(publicity)] == [ItemState.CLEARED] * 2
    assert told.said == [("close", [item.label for item in items(publicity)])]


def test_a_withdrawn_list_takes_its_things_with_it(told):
    publicity = withdraw(make_publicity(2))
    assert publicity.state == PublicityState.WITHDRAWN
    assert [item.state for item in items(publicity)] == [ItemState.WITHDRAWN] * 2
    assert told.said == [("withdraw", 2)]


def test_a_withdrawn_list_restarts_with_its_full_time(travel):
    one = make_organisation()
    old = make_publicity(entries=[make_entry(one)])
    travel.move_to(at(2026, 3, 6, 2))
    new = make_publicity(entries=[make_entry(one)], restarts=withdraw(old))
    assert (new.restarts, new.first, new.last) == (old, date(2026, 3, 6), date(2026, 3, 12))


def test_a_list_that_is_not_withdrawn_is_not_restarted():
    refused("PUBLICITY_NOT_WITHDRAWN", make_publicity, 1, restarts=make_publicity(1))


def test_a_withdrawn_list_is_restarted_once():
    old = withdraw(make_publicity(1))
    make_publicity(1, restarts=old)
    refused("PUBLICITY_NOT_WITHDRAWN", make_publicity, 1, restarts=old)


def test_a_closed_list_is_not_withdrawn(travel):
    publicity = make_publicity(1)
    travel.move_to(at(2026, 3, 9, 2))
    refused("WRONG_STATE", withdraw, close(publicity))


@pytest.mark.parametrize(
    ("field", "value"), [("label", "改名"), ("body", {"a": "b"}), ("hash", "0" * 64), ("position", 9)]
)
def test_what_is_shown_cannot_be_changed(field, value):
    item = items(make_publicity(1))[0]
    with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
        PublicityItem.objects.filter(pk=item.pk).update(**{field: value})


@pytest.mark.parametrize(("field", "value"), [("last", date(2026, 3, 3)), ("digest", "0" * 64), ("title", "改名")])
def test_a_list_on_show_cannot_be_changed(field, value):
    publicity = make_publicity(1)
    with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
        Publicity.objects.filter(pk=publicity.pk).update(**{field: value})


def test_a_list_on_show_takes_no_more_things():
    item = items(make_publicity(1))[0]
    item.pk, item._state.adding, item.position = make_organisation().pk, True, 2
    item.subject_id = item.pk
    with pytest.raises(IntegrityError, match="takes no more items"), transaction.atomic():
        item.created_at = item.updated_at = datetime(2026, 3, 2, tzinfo=UTC)
        item.save(force_insert=True)
