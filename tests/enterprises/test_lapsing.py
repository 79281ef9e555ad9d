"""Last days of a registration: the officers' and the enterprise's; what is not put right in time is closed (DOMAIN 6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.states import Role
from engines.calendar import services as calendar
from engines.calendar.arrangement import Arrangement
from engines.evidence import selectors as evidence
from engines.notifications.models import OutboxEvent
from enterprises import services
from enterprises.jobs import close_returned_registrations
from enterprises.models import Enterprise
from enterprises.states import State
from foundation import clock, jobs
from tests.enterprises.support import agent, fresh, picture, signatory
from tests.factories.accounts import TESTER, Caller, officer
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)
CHECK_DUE = date(2026, 3, 9)  # five working days, the day itself not counted
CORRECTION_DUE = date(2026, 3, 16)  # ten
NOTHING = {"closed": 0, "reminded": 0, "started": 0}


@pytest.fixture(autouse=True)
def march() -> Iterator[None]:
    with at(MONDAY):
        yield


def at(day: date) -> Any:
    return time_machine.travel(clock.start_of(day), tick=True)


def submitted(**fields: Any) -> Enterprise:
    row = EnterpriseFactory(**fields)
    return services.submit(by=signatory(row), enterprise_id=row.pk, version=1)


def returned(**fields: Any) -> Enterprise:
    row = submitted(**fields)
    by = officer(Role.CENTRE_CHECKER)
    return services.send_back(by=by, enterprise_id=row.pk, version=row.version, reason="地址不符")


def run(day: date) -> dict[str, Any]:
    with at(day):
        return close_returned_registrations(day)


def test_submitted_names_the_officers_last_day_which_the_check_keeps() -> None:
    open_year(2026)
    row = submitted()
    assert row.due_on == CHECK_DUE
    row = services.check(by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, version=row.version)
    assert row.due_on == CHECK_DUE
    row = services.confirm(by=officer(Role.CENTRE_REVIEWER), enterprise_id=row.pk, version=row.version)
    assert (row.state, row.due_on) == (State.ACTIVE, None)


def test_returned_names_the_enterprises_last_day_and_tells_it() -> None:
    open_year(2026)
    row = returned()
    assert row.due_on == CORRECTION_DUE
    assert "请在2026-03-16前补正后重新提交" in OutboxEvent.objects.latest("pk").body
    record = evidence.of_subject(row).last()
    assert record is not None
    assert record.facts["due_on"] == "2026-03-16"


def test_submitted_again_it_is_the_officers_turn_anew() -> None:
    open_year(2026)
    row = returned()
    with at(date(2026, 3, 10)):
        row = services.submit(by=signatory(row), enterprise_id=row.pk, version=row.version)
    assert row.due_on == date(2026, 3, 17)


def test_before_the_first_notice_nobody_has_a_last_day() -> None:
    assert (submitted().due_on, returned().due_on) == (None, None)


def test_a_last_day_in_a_year_nobody_has_imported_is_not_guessed() -> None:
    open_year(2026)
    with at(date(2026, 12, 28)):
        row = returned()
        assert (row.state, row.due_on) == (State.RETURNED, None)
        assert close_returned_registrations(clock.today()) == NOTHING
        calendar.import_year(by=TESTER, arrangement=Arrangement(2027, "测试〔0〕号", "测试日历", date(2026, 11, 1)))
        assert close_returned_registrations(clock.today()) == {**NOTHING, "started": 1}
        assert fresh(row).due_on == date(2027, 1, 11)
        assert "请在2027-01-11前补正" in OutboxEvent.objects.latest("pk").body


@pytest.mark.parametrize(
    ("day", "done"),
    [
        (CORRECTION_DUE - timedelta(4), NOTHING),
        (CORRECTION_DUE - timedelta(3), {**NOTHING, "reminded": 1}),
        (CORRECTION_DUE, {**NOTHING, "reminded": 1}),
        (CORRECTION_DUE + timedelta(1), {**NOTHING, "closed": 1}),
    ],
)
def test_reminded_shortly_before_the_last_day_and_closed_after_it(day: date, done: dict[str, int]) -> None:
    open_year(2026)
    returned()
    assert run(day) == done


def test_closed_with_the_reason_told_and_open_to_a_new_beginning() -> None:
    open_year(2026)
    row = returned()
    run(date(2026, 3, 17))
    row = fresh(row)
    record, event = evidence.of_subject(row).last(), OutboxEvent.objects.latest("pk")
    assert record is not None
    assert (row.state, row.due_on, record.act, record.actor) == (
        State.CLOSED,
        None,
        "close_unanswered",
        "system:close_returned_registrations",
    )
    assert record.reason == "未在2026-03-16前补正并重新提交，登记关闭；可随时重新办理。"
    assert (event.organisation_ids, event.title) == ([row.organisation_id], "企业登记已关闭")
    again = services.reopen(by=agent(row), enterprise_id=row.pk, version=row.version, reason="重新办理")
    assert again.state == State.DRAFT


def test_a_second_run_changes_nothing_more() -> None:
    open_year(2026)
    returned()
    soon = returned()
    run(CORRECTION_DUE)
    before = picture()
    assert run(CORRECTION_DUE) == NOTHING
    assert picture() == before
    assert fresh(soon).reminded_on == CORRECTION_DUE
    run(CORRECTION_DUE + timedelta(1))
    before = picture()
    assert run(CORRECTION_DUE + timedelta(1)) == NOTHING
    assert picture() == before


def test_a_day_that_has_not_come_closes_nothing() -> None:
    open_year(2026)
    row = returned()
    assert close_returned_registrations(CORRECTION_DUE + timedelta(30)) == NOTHING
    assert fresh(row).state == State.RETURNED


def test_only_returned_registrations_are_looked_at() -> None:
    open_year(2026)
    rows = [submitted(), EnterpriseFactory(), EnterpriseFactory(active=True)]
    before = [(row.state, row.version) for row in map(fresh, rows)]
    assert run(date(2026, 5, 6)) == NOTHING
    assert [(row.state, row.version) for row in map(fresh, rows)] == before


def test_the_job_has_its_name() -> None:
    assert jobs.names()["close_returned_registrations"] == "退回补正逾期检查"


def found(query: str) -> set[str]:
    rows = Caller(officer(Role.CENTRE_REVIEWER)).get(f"/api/v1/enterprises/?{query}").json()["results"]
    return {row["id"] for row in rows}


def test_officers_find_what_is_overdue() -> None:
    open_year(2026)
    late, done = submitted(), EnterpriseFactory(active=True)
    with at(date(2026, 3, 9)):
        assert found("overdue=true") == set()
    with at(date(2026, 3, 10)):
        soon = submitted()
        assert found("overdue=true") == {str(late.pk)}
        assert found("overdue=false") == {str(soon.pk), str(done.pk)}
        rows = Caller(officer(Role.CENTRE_REVIEWER)).get("/api/v1/enterprises/?overdue=true").json()["results"]
    assert [row["due_on"] for row in rows] == ["2026-03-09"]
