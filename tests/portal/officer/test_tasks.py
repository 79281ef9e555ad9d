"""The list of what waits: who sees what, four eyes, order, lateness, pages, cost; acts on several."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from enterprises import services
from enterprises.states import State
from foundation import clock
from portal.officer import tasks, urls  # with the urls every subject is loaded
from tests.factories.accounts import make_user, officer
from tests.factories.calendar import know
from tests.factories.programmes import open_year
from tests.portal.officer.pages import Desk
from tests.portal.officer.test_enterprises import now, submitted

pytestmark = pytest.mark.django_db
assert urls.urlpatterns


def subjects(user: object, **asked: object) -> list[str]:
    return [one.subject for one in tasks.inbox(user, **asked).tasks]


def test_each_sees_what_his_role_does_next() -> None:
    row = submitted()
    checker, reviewer = officer(Role.CENTRE_CHECKER), officer(Role.CENTRE_REVIEWER)
    assert subjects(checker) == [row.name]
    assert subjects(reviewer) == []
    services.check(by=checker, enterprise_id=row.pk, version=row.version)
    assert subjects(checker) == []
    assert subjects(reviewer) == [row.name]


def test_who_took_the_other_step_does_not_see_it_as_his() -> None:
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    row = submitted()
    services.check(by=both, enterprise_id=row.pk, version=row.version)
    assert subjects(both) == []
    row = services.send_back(
        by=officer(Role.CENTRE_REVIEWER), enterprise_id=row.pk, version=row.version + 1, reason="补"
    )
    signatory = make_user(Role.ENTERPRISE_SIGNATORY, organisation=row.organisation)
    row = services.submit(by=signatory, enterprise_id=row.pk, version=row.version)
    assert subjects(both) == [row.name]  # the check again, which was his
    services.check(by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, version=row.version)
    assert subjects(both) == []  # the confirmation is not: he checked in the first round


def test_a_case_taken_up_anew_is_a_new_case() -> None:
    checker = officer(Role.CENTRE_CHECKER)
    row = submitted()
    row = services.reject(by=checker, enterprise_id=row.pk, version=row.version, reason="非法人")
    signatory = make_user(Role.ENTERPRISE_SIGNATORY, organisation=row.organisation)
    row = services.reopen(by=signatory, enterprise_id=row.pk, version=row.version, reason="补齐")
    row = services.submit(by=signatory, enterprise_id=row.pk, version=row.version)
    row = services.check(by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, version=row.version)
    reviewer = make_user(Role.CENTRE_REVIEWER, organisation=checker.organisation)
    assert subjects(reviewer) == [row.name]


def test_what_is_late_is_marked_and_can_be_asked_for_alone() -> None:
    year = clock.today().year
    know(year, year + 1)
    open_year(year)
    early = submitted()
    checker = officer(Role.CENTRE_CHECKER)
    assert early.due_on is not None
    with time_machine.travel(clock.end_of(early.due_on) + timedelta(hours=1), tick=True):
        later = submitted()
        assert [one.is_late for one in tasks.inbox(checker).tasks] == [True, False]
        assert subjects(checker, late=True) == [early.name]
        assert tasks.inbox(checker).late == 1
        assert later.name in subjects(checker)
        said = Desk(checker).read("/o/", late="1")
    assert "已超期1天" in said
    assert later.name not in said


def test_the_page_names_case_kind_and_count() -> None:
    row = submitted()
    said = Desk(officer(Role.CENTRE_CHECKER)).read("/o/")
    assert row.name in said
    assert "企业注册初核" in said
    assert f'href="/o/enterprises/{row.pk}/"' in said


def test_nothing_to_do_is_said_with_what_will_come() -> None:
    assert "现在没有等您办理的事项" in Desk(officer(Role.CENTRE_CHECKER)).read("/o/")


def test_a_kind_of_another_role_is_none() -> None:
    said = Desk(officer(Role.CENTRE_CHECKER)).read("/o/", kind="enterprise-confirm")
    assert "没有这一种待办事项" in said


def test_who_decides_nothing_has_what_he_may_read() -> None:
    for role in (Role.SUPERVISOR, Role.CITY):
        said = Desk(officer(role)).read("/o/")
        assert "可以查阅" in said
        assert "/o/enterprises/" in said


def test_the_list_costs_the_same_for_three_cases_and_for_twenty() -> None:
    desk = Desk(officer(Role.CENTRE_CHECKER))
    counts = []
    for more in (3, 15):
        for _ in range(more):
            submitted()
        desk.read("/o/")
        with CaptureQueriesContext(connection) as made:
            desk.read("/o/")
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_pages_go_on_where_the_first_ends() -> None:
    names = {submitted().name for _ in range(tasks.PER_PAGE + 2)}
    checker = officer(Role.CENTRE_CHECKER)
    first, second = tasks.inbox(checker), tasks.inbox(checker, page=2)
    assert (len(first.tasks), len(second.tasks)) == (tasks.PER_PAGE, 2)
    assert {one.subject for one in [*first.tasks, *second.tasks]} == names
    assert (first.older, second.newer, second.older) == (2, 1, None)


# --- several at once


def test_several_are_done_each_by_itself_and_the_doubtful_one_is_not() -> None:
    clear, other, doubtful = submitted(), submitted(), submitted(listed=False)
    desk = Desk(officer(Role.CENTRE_CHECKER))
    shown = desk.read("/o/bulk/enterprise-check/", pick=[str(one.pk) for one in (clear, other, doubtful)])
    assert f'value="{clear.pk}:{clear.version}"' in shown
    assert f'value="{doubtful.pk}:{doubtful.version}"' not in shown
    services.send_back(by=officer(Role.CENTRE_CHECKER), enterprise_id=other.pk, version=other.version, reason="补")
    cases = [f"{one.pk}:{one.version}" for one in (clear, other, doubtful)]
    sent = {"once": str(uuid.uuid4()), "case": cases}
    said = desk.client.post("/o/bulk/enterprise-check/", sent).content.decode()
    assert (now(clear).state, now(other).state, now(doubtful).state) == (
        State.CHECKED,
        State.RETURNED,
        State.AUTO_DOUBT,
    )
    assert said.count("已办理。") == 1
    assert "须单独办理" in said
    again = desk.client.post("/o/bulk/enterprise-check/", sent).content.decode()
    assert now(clear).version == clear.version + 1
    assert "此前已办理" in again


def test_several_of_a_kind_that_is_not_his_are_not_there() -> None:
    desk = Desk(officer(Role.CENTRE_CHECKER))
    assert desk.get("/o/bulk/enterprise-confirm/").status_code == 404
    assert desk.get("/o/bulk/nothing/").status_code == 404
