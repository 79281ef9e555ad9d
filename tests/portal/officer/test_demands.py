"""Demands, the words of the search, the report of what is missing."""

from __future__ import annotations

import uuid

import pytest

from accounts.states import Role
from demands.models import Demand, Synonym
from demands.services import checking
from demands.states import DemandState, SynonymState
from foundation import clock
from portal.officer import tasks, urls
from tests.factories.accounts import make_user, officer
from tests.factories.demands import DemandFactory, SynonymFactory
from tests.factories.programmes import open_year
from tests.portal.officer.pages import Desk, refused

pytestmark = pytest.mark.django_db
assert urls.urlpatterns
NOTE = [{"code": "contact_words", "message": "提到联系方式，请核对是否含个人信息", "words": ["电话"]}]


def kinds(user: object) -> set[str]:
    return {one.kind.code for one in tasks.inbox(user).tallies}


def test_a_demand_is_checked_by_one_and_published_by_another() -> None:
    row = DemandFactory(state=DemandState.SUBMITTED)
    first, second = officer(Role.CENTRE_CHECKER), officer(Role.CENTRE_CHECKER)
    assert kinds(first) == kinds(second) == {"demand-check"}
    Desk(first).act(f"/o/demands/{row.pk}/check/", reason="内容具体")
    assert kinds(first) == set()
    assert kinds(second) == {"demand-publish"}
    refused(Desk(first).act(f"/o/demands/{row.pk}/publish/"), 403, "NOT_ALLOWED")
    assert Demand.objects.get().state == DemandState.SUBMITTED
    Desk(second).act(f"/o/demands/{row.pk}/publish/")
    assert Demand.objects.get().state == DemandState.PUBLISHED


def test_the_page_shows_the_hints_and_hides_the_contact() -> None:
    row = DemandFactory(state=DemandState.SUBMITTED, findings=NOTE)
    said = Desk(officer(Role.CENTRE_CHECKER)).read(f"/o/demands/{row.pk}/")
    assert "提到联系方式" in said
    assert "10012345678" not in said


def test_a_demand_is_returned_and_taken_down_with_reasons() -> None:
    waiting, shown = DemandFactory(state=DemandState.SUBMITTED), DemandFactory(state=DemandState.PUBLISHED)
    desk = Desk(officer(Role.CENTRE_CHECKER))
    desk.act(f"/o/demands/{waiting.pk}/return/", reason="请写明规模")
    desk.act(f"/o/demands/{shown.pk}/take-down/", reason="与事实不符")
    states = dict(Demand.objects.values_list("pk", "state"))
    assert (states[waiting.pk], states[shown.pk]) == (DemandState.RETURNED, DemandState.TAKEN_DOWN)


def test_several_without_hints_are_checked_at_once_and_the_others_are_left() -> None:
    clear, noted = DemandFactory(state=DemandState.SUBMITTED), DemandFactory(state=DemandState.SUBMITTED, findings=NOTE)
    desk = Desk(officer(Role.CENTRE_CHECKER))
    cases = [f"{one.pk}:{one.version}" for one in (clear, noted)]
    said = desk.client.post("/o/bulk/demand-check/", {"once": str(uuid.uuid4()), "case": cases}).content.decode()
    checked = dict(Demand.objects.values_list("pk", "checked_at"))
    assert checked[clear.pk] is not None
    assert checked[noted.pk] is None
    assert "提到联系方式" in said


def test_one_published_meanwhile_is_told_apart() -> None:
    row = DemandFactory(state=DemandState.SUBMITTED)
    first, second, third = (officer(Role.CENTRE_CHECKER) for _ in range(3))
    checking.check(by=first, demand_id=row.pk, version=row.version)
    desk = Desk(third)
    sent = {"once": str(uuid.uuid4()), "case": [f"{row.pk}:{row.version + 1}"]}
    checking.publish(by=second, demand_id=row.pk, version=row.version + 1)
    assert "已由他人办理" in desk.client.post("/o/bulk/demand-publish/", sent).content.decode()


def test_a_group_of_words_is_proposed_by_one_and_confirmed_by_another() -> None:
    desk = Desk(officer(Role.CENTRE_CHECKER))
    desk.act("/o/synonyms/propose/", code="eia", words="环评\n环境影响评价", note="")
    row = Synonym.objects.get()
    assert row.words == ["环评", "环境影响评价"]
    reviewer = officer(Role.CENTRE_REVIEWER)
    assert kinds(reviewer) == {"synonym-decide"}
    Desk(reviewer).act(f"/o/synonyms/{row.pk}/confirm/")
    assert Synonym.objects.get().state == SynonymState.CONFIRMED


def test_a_group_in_use_waits_for_nobody() -> None:
    SynonymFactory(state=SynonymState.CONFIRMED)
    assert kinds(make_user(Role.CENTRE_REVIEWER)) == set()


def test_the_report_of_what_is_missing_is_for_offices_and_cities() -> None:
    for role, status in ((Role.SUPERVISOR, 200), (Role.CITY, 200), (Role.EXPERT, 403)):
        answer = Desk(officer(role)).get("/o/coverage/")
        assert answer.status_code == status
    assert "没有长期无人应答的需求" in Desk(officer(Role.SUPERVISOR)).read("/o/coverage/")  # nothing at all, no notice
    open_year(clock.today().year)
    DemandFactory(state=DemandState.PUBLISHED, shown_for=20)
    said = Desk(officer(Role.CITY)).read("/o/coverage/")
    assert "无人应答" in said
    assert "20天" in said


def test_what_is_missing_is_one_line_a_category_with_every_tier_beside_it() -> None:
    notice = open_year(clock.today().year)
    said = Desk(officer(Role.SUPERVISOR)).read("/o/coverage/")
    for one in notice.parsed.categories.values():
        assert said.count(f'<td data-l="类别" class="at-title">{one.name}\n</td>') == 1
    tiers = [one.name for one in notice.parsed.tiers]
    assert [f'<th scope="col">{name}</th>' in said for name in tiers] == [True] * len(tiers)
