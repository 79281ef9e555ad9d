"""公示 and objections: closing and withdrawing, each stage by other hands, the sealed filer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.states import Role
from engines.evidence.selectors import of_subject
from engines.publicity.models import Objection, Publicity
from engines.publicity.states import FilerKind, ObjectionState, PublicityState
from foundation import clock
from portal.officer import tasks, urls
from tests.factories.accounts import officer
from tests.factories.calendar import know
from tests.factories.publicity import Notes, known_kind, make_case, make_publicity
from tests.portal.officer.pages import Desk, refused, rows_of

pytestmark = pytest.mark.django_db
assert urls.urlpatterns


@pytest.fixture(autouse=True)
def a_kind() -> Iterator[Notes]:
    know(clock.today().year, clock.today().year + 1)
    with known_kind() as notes:
        yield notes


def kinds(user: object) -> set[str]:
    return {one.kind.code for one in tasks.inbox(user).tallies}


def test_a_list_past_its_last_day_waits_to_be_closed_and_is() -> None:
    row = make_publicity()
    department = officer(Role.DEPARTMENT)
    assert kinds(department) == set()
    assert "/close/" not in Desk(department).read(f"/o/publicities/{row.pk}/")
    with time_machine.travel(clock.end_of(row.last) + timedelta(hours=9), tick=True):
        assert kinds(department) == {"publicity-close"}
        desk = Desk(department)
        assert "期满待登记" in desk.read("/o/publicities/")
        desk.act(f"/o/publicities/{row.pk}/close/")
    assert Publicity.objects.get().state == PublicityState.CLOSED_CLEAR


def test_a_list_is_withdrawn_with_a_reason() -> None:
    row = make_publicity()
    desk = Desk(officer(Role.DEPARTMENT))
    assert desk.act(f"/o/publicities/{row.pk}/withdraw/").status_code == 422
    assert Publicity.objects.get().state == PublicityState.OPEN
    desk.act(f"/o/publicities/{row.pk}/withdraw/", reason="名单有误")
    assert Publicity.objects.get().state == PublicityState.WITHDRAWN


def test_only_the_department_closes_and_withdraws() -> None:
    row = make_publicity()
    desk = Desk(officer(Role.CENTRE_CHECKER))
    refused(desk.act(f"/o/publicities/{row.pk}/withdraw/", reason="x"), 403, "NOT_ALLOWED")
    assert Publicity.objects.get().state == PublicityState.OPEN


def test_a_long_list_is_read_in_pages_filtered_and_taken_along_whole() -> None:
    row = make_publicity(22, title="产品/服务商：拟认定[第1批]")  # signs that no spreadsheet takes in a name
    desk, address = Desk(officer(Role.SUPERVISOR)), f"/o/publicities/{row.pk}/"
    labels = list(row.items.order_by("position").values_list("label", flat=True))
    said = desk.read(address)
    assert "共 22 条" in said
    assert [one in said for one in (labels[0], labels[19], labels[20])] == [True, True, False]
    assert "单位名称" in said
    found = desk.read(address, label=labels[21])
    assert (f">{labels[21]}<" in found, f">{labels[0]}<" in found) == (True, False)
    assert len(rows_of(desk.get(address, export="xlsx"))) == 23


def test_an_objection_goes_through_the_hands_of_four() -> None:
    case = make_case()
    address = f"/o/objections/{case.row.pk}"
    steps: tuple[tuple[Any, Any, str, dict[str, str]], ...] = (
        (case.checker, "objection-accept", "accept", {}),
        (case.investigator, "objection-investigate", "investigate", {}),
        (case.investigator, "objection-investigate", "report", {"findings": "经查属实"}),
        (case.decider, "objection-decide", "decide", {"outcome": "not_upheld", "answer": "答复如下"}),
        (case.investigator, "objection-notify", "notify", {"how": "电话"}),
        (case.checker, None, "register-review", {"asked_by": "party", "grounds": "补充了证明"}),
        (case.reviewer, "objection-conclude", "conclude", {"outcome": "not_upheld", "answer": "维持"}),
    )
    for by, kind, act, fields in steps:
        desk = Desk(by)
        if kind is not None:
            assert kind in kinds(by), act
        assert f"{address}/{act}/" in desk.read(f"{address}/"), act
        answer = desk.act(f"{address}/{act}/", **fields)
        assert answer.status_code == 302, (act, answer.content.decode()[:1500])
    assert case.at.state == ObjectionState.CLOSED


def test_who_investigated_does_not_see_the_decision_as_his() -> None:
    case = make_case(step="reported")
    assert "objection-decide" not in kinds(case.investigator)
    assert "objection-decide" in kinds(case.decider)
    address = f"/o/objections/{case.row.pk}/decide/"
    refused(Desk(case.investigator).act(address, outcome="upheld", answer="是"), 403, "NOT_ALLOWED")
    assert case.at.state == ObjectionState.INVESTIGATING


def test_a_late_stage_is_late_in_the_list() -> None:
    case = make_case()
    with time_machine.travel(clock.end_of(case.row.accept_due) + timedelta(hours=1), tick=True):
        found = tasks.inbox(case.checker, late=True).tasks
        assert [one.subject for one in found] == [case.row.item.label]
        desk = Desk(case.checker)
        assert case.row.number in desk.read("/o/objections/", due="late")


def test_who_filed_is_shown_once_for_a_reason_and_that_stands_on_record() -> None:
    case = make_case(step="accepted")
    desk = Desk(officer(Role.DEPARTMENT))
    address = f"/o/objections/{case.row.pk}/identity/"
    assert "李实名" not in desk.read(f"/o/objections/{case.row.pk}/")
    assert desk.act(address).status_code == 422
    answer = desk.act(address, reason="须核实附件来源")
    assert answer.status_code == 200
    assert "李实名" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    last = of_subject(case.at).last()
    assert (last.act, last.reason) == ("open_identity", "须核实附件来源")


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.SUPERVISOR])
def test_who_may_not_open_the_filer_is_refused_and_nothing_is_recorded(role: Role) -> None:
    case = make_case(step="accepted")
    before = of_subject(case.at).count()
    answer = Desk(officer(role)).client.post(
        f"/o/objections/{case.row.pk}/identity/", {"version": case.at.version, "reason": "好奇"}
    )
    assert answer.status_code == 403
    assert of_subject(case.at).count() == before


def test_a_units_letter_is_downloaded_as_a_file() -> None:
    case = make_case(kind=FilerKind.UNIT)
    answer = Desk(officer(Role.APPROVER)).act(f"/o/objections/{case.row.pk}/letter/", reason="核对公章")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(("role", "status"), [(Role.SUPERVISOR, 200), (Role.FINANCE, 403), (Role.CITY, 403)])
def test_who_reads_objections(role: Role, status: int) -> None:
    case = make_case()
    assert Desk(officer(role)).get(f"/o/objections/{case.row.pk}/").status_code == status
    assert Objection.objects.count() == 1
