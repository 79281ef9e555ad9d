"""The list of what waits: who sees what, four eyes, order, lateness, pages, cost; acts on several."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from contracts import jobs as contract_jobs
from contracts import selectors as contracts
from enterprises import services
from enterprises.states import State
from foundation import clock
from portal.officer import overview, tasks, urls  # with the urls every subject is loaded
from portal.officer.tasks import AT_ONCE
from programmes import selectors as programmes
from tests.factories.accounts import make_user, officer
from tests.factories.calendar import know
from tests.factories.contracts import make_contract
from tests.factories.enterprises import EnterpriseFactory, make_dispute
from tests.factories.programmes import make_content, open_year, publish_revision
from tests.factories.publicity import known_kind, make_case
from tests.portal.officer.pages import Desk, refused
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


def test_what_is_due_within_days_can_be_asked_for_alone() -> None:
    year = clock.today().year
    know(year, year + 1)
    open_year(year)
    row = submitted()
    checker = officer(Role.CENTRE_CHECKER)
    assert row.due_on is not None
    assert subjects(checker, soon=True) == []
    with time_machine.travel(clock.end_of(row.due_on) - timedelta(days=tasks.SOON), tick=True):
        assert subjects(checker, soon=True) == [row.name]
        assert tasks.inbox(checker, soon=True).listed == 1
        assert tasks.inbox(checker, late=True).listed == 0
        assert row.name in Desk(checker).read("/o/", soon="1")


# --- what a case waits for, and the way on


def test_a_case_says_what_it_waits_for_and_of_whom() -> None:
    row = submitted()
    address = f"/o/enterprises/{row.pk}/"
    assert "等您办理：<b>企业注册初核</b>" in Desk(officer(Role.CENTRE_CHECKER)).read(address)
    for reader in (Role.CENTRE_REVIEWER, Role.SUPERVISOR):
        assert "等待办理：<b>企业注册初核</b>，由促进中心经办办理" in Desk(officer(reader)).read(address)


def test_a_case_says_why_who_took_another_step_may_not_take_the_next() -> None:
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    row = submitted()
    services.check(by=both, enterprise_id=row.pk, version=row.version)
    said = Desk(both).read(f"/o/enterprises/{row.pk}/")
    assert "等待办理：<b>企业注册复核</b>（促进中心复核）。您办理过本件的其他环节" in said
    assert "/confirm/" not in said
    [step] = tasks.steps(officer(Role.CENTRE_REVIEWER), now(row))
    assert (step.is_role, step.is_mine) == (True, True)


def test_a_case_that_waits_for_nobody_says_so() -> None:
    row = EnterpriseFactory(active=True)
    assert "没有等管理部门办理的环节" in Desk(officer(Role.SUPERVISOR)).read(f"/o/enterprises/{row.pk}/")
    assert tasks.steps(officer(Role.CENTRE_CHECKER), row) == []


def test_the_next_case_is_of_the_kind_that_is_looked_through_and_then_of_any() -> None:
    first, second = submitted(), submitted()
    dispute = make_dispute(EnterpriseFactory(active=True))
    desk = Desk(officer(Role.CENTRE_CHECKER))
    desk.read("/o/", kind="enterprise-check")
    assert desk.get("/o/next/", after=str(first.pk)).headers["Location"] == f"/o/enterprises/{second.pk}/"
    assert desk.get("/o/next/", after=str(second.pk)).headers["Location"] == f"/o/enterprises/{first.pk}/"
    for row in (first, second):
        services.check(by=desk.user, enterprise_id=row.pk, version=row.version)
    assert desk.get("/o/next/", after=str(second.pk)).headers["Location"] == f"/o/disputes/{dispute.pk}/"
    answer = desk.client.get("/o/next/", {"after": str(dispute.pk)}, follow=True)
    assert "没有下一件" in answer.content.decode()


def test_a_decision_is_taken_beside_what_it_rests_on() -> None:
    row = submitted()
    said = Desk(officer(Role.CENTRE_CHECKER)).read(f"/o/enterprises/{row.pk}/check/")
    assert [one in said for one in ("初核意见", "企业填报", "自动核验", row.address)] == [True] * 4


# --- several at once


def test_nothing_chosen_and_too_much_chosen_do_nothing_and_say_so() -> None:
    row = submitted()
    desk = Desk(officer(Role.CENTRE_CHECKER))
    address = "/o/bulk/enterprise-check/"
    assert "没有选择事项" in desk.read(address)
    refused(desk.client.post(address, {"once": str(uuid.uuid4())}), 400, "NOTHING_CHOSEN")
    many = [f"{row.pk}:{row.version}", *(f"{uuid.uuid4()}:1" for _ in range(AT_ONCE))]
    refused(desk.client.post(address, {"once": str(uuid.uuid4()), "case": many}), 400, "TOO_MANY_CHOSEN")
    assert now(row).version == row.version
    said = desk.read(address, pick=[one.partition(":")[0] for one in many])
    assert f"所选{AT_ONCE + 1}件，一次最多办理{AT_ONCE}件" in said


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
    assert said.count('<td data-l="说明">已办理。</td>') == 1
    assert "已办理1件，未办理2件" in said
    assert "须单独办理" in said
    again = desk.client.post("/o/bulk/enterprise-check/", sent).content.decode()
    assert now(clear).version == clear.version + 1
    assert "此前已办理" in again


def test_several_of_a_kind_that_is_not_his_are_not_there() -> None:
    desk = Desk(officer(Role.CENTRE_CHECKER))
    assert desk.get("/o/bulk/enterprise-confirm/").status_code == 404
    assert desk.get("/o/bulk/nothing/").status_code == 404


# --- the overview


@pytest.fixture
def a_kind() -> Iterator[None]:
    """A kind of 公示 of which there may be lists."""
    with known_kind():
        yield


def figures(desk: Desk) -> dict[str, overview.Figure]:
    return {one.label: one for one in desk.get("/o/").context["overview"]}


@pytest.mark.usefixtures("a_kind")
def test_the_overview_counts_what_its_links_list() -> None:
    year = clock.today().year
    know(year, year + 1)
    open_year(year, budget="10000000.00")
    cache.clear()
    desk = Desk(officer(Role.DEPARTMENT))
    before = figures(desk)
    assert (before["预算剩余"].amount, before["逾期合同"].count) == (programmes.figures(year).left, 0)
    assert before["预算剩余"].note == "还不能推算用完时间"
    assert not any(one.warn for one in before.values())
    late = make_contract("effective").at
    case = make_case()
    shown = case.row.item.publicity
    with time_machine.travel(clock.start_of(late.end_date + timedelta(days=1)) + timedelta(hours=2), tick=True):
        contract_jobs.mark_overdue(clock.today())
        desk = Desk(desk.user)  # weeks later one signs in anew
        found = figures(desk)
        assert (found["逾期合同"].count, found["逾期合同"].warn) == (1, True)
        assert late.number in desk.read(found["逾期合同"].address)
        assert found["停滞合同"].count == contracts.standing(desk.user, clock.today()).count()
    with time_machine.travel(clock.start_of(shown.last) + timedelta(hours=2), tick=True):
        desk = Desk(desk.user)
        found = figures(desk)
        assert (found["未办结异议"].count, found["未办结异议"].warn) == (1, True)
        assert case.row.number in desk.read(found["未办结异议"].address)
        assert found["本周期满的公示"].count == 1
        assert shown.reference in desk.read(found["本周期满的公示"].address)
    page = Desk(desk.user).read("/o/")
    for one in before.values():
        assert f'href="{one.address}"' in page


def test_a_provider_near_its_cap_is_counted_and_listed() -> None:
    year = clock.today().year
    open_year(year, budget="10000000.00")
    content = make_content(year)
    content.data["cap_warning"] = "0.0001"
    row = make_contract("effective")
    other = make_contract("draft")
    desk = Desk(officer(Role.APPROVER))
    assert figures(desk)["上限将满的服务商"].count == 0
    publish_revision(year, content=content)
    found = figures(desk)["上限将满的服务商"]
    assert (found.count, found.warn) == (1, True)
    page = desk.read(found.address)
    assert row.parties.provider.name in page
    assert other.parties.provider.name not in page.partition("<table")[2]


def test_the_overview_shows_what_its_reader_may_open() -> None:
    open_year(clock.today().year)
    for role in (Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER, Role.SUPERVISOR):
        assert len(figures(Desk(officer(role)))) == 6
    assert "未办结异议" not in figures(Desk(officer(Role.FINANCE)))
    assert list(figures(Desk(officer(Role.CITY)))) == ["停滞合同", "逾期合同"]
    for role in (Role.AUDITOR, Role.SYSTEM_ADMIN, Role.EXPERT):
        assert figures(Desk(make_user(role))) == {}


@pytest.mark.usefixtures("a_kind")
def test_the_overview_costs_the_same_however_much_there_is() -> None:
    year = clock.today().year
    open_year(year, budget="10000000.00")
    desk = Desk(officer(Role.SUPERVISOR))
    costs = []
    for _ in range(2):
        make_contract("effective")
        make_case()
        desk.read("/o/")
        with CaptureQueriesContext(connection) as made:
            desk.read("/o/")
        costs.append(len(made))
    assert costs[0] == costs[1]


def test_what_is_due_this_week_can_be_asked_for_alone() -> None:
    year = clock.today().year
    know(year, year + 1)
    open_year(year)
    row = submitted()
    assert row.due_on is not None
    checker = officer(Role.CENTRE_CHECKER)
    monday = row.due_on - timedelta(days=row.due_on.weekday())
    with time_machine.travel(clock.start_of(monday) + timedelta(hours=9), tick=True):
        assert tasks.inbox(checker).week == 1
        assert subjects(checker, week=True) == [row.name]
        assert row.name in Desk(checker).read("/o/", week="1")
    with time_machine.travel(clock.start_of(monday) - timedelta(hours=9), tick=True):
        assert subjects(checker, week=True) == []
        assert "没有本周到期的事项" in Desk(checker).read("/o/", week="1")
