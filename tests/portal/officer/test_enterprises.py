"""Registrations: who reads them, what the page says, each act and its refusals."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from enterprises import services
from enterprises.models import Enterprise
from enterprises.states import State
from tests.factories.accounts import make_user, officer
from tests.factories.enterprises import EnterpriseFactory, shared_officer
from tests.portal.officer.pages import Desk, refused

pytestmark = pytest.mark.django_db


def submitted(**fields: object) -> Enterprise:
    """A registration that has gone through the machine."""
    row = EnterpriseFactory(**fields)
    by = make_user(Role.ENTERPRISE_SIGNATORY, organisation=row.organisation)
    return services.submit(by=by, enterprise_id=row.pk, version=row.version)


@pytest.fixture
def clear() -> Enterprise:
    return submitted()


def now(row: Enterprise) -> Enterprise:
    return Enterprise.objects.get(pk=row.pk)


def test_who_decides_reads_what_was_stated_and_what_the_machine_found(clear: Enterprise) -> None:
    said = Desk(officer(Role.CENTRE_CHECKER)).read(f"/o/enterprises/{clear.pk}/")
    assert clear.name in said
    assert "在规上企业名录中" in said
    assert "100****5678" in said
    assert "10012345678" not in said


@pytest.mark.parametrize(("role", "status"), [(Role.SUPERVISOR, 200), (Role.EXPERT, 403), (Role.ENTERPRISE_AGENT, 403)])
def test_only_the_offices_open_the_pages(clear: Enterprise, role: Role, status: int) -> None:
    desk = Desk(officer(role))
    assert desk.get("/o/enterprises/").status_code == status
    assert desk.get(f"/o/enterprises/{clear.pk}/").status_code == status


def test_a_city_reads_its_own_and_no_other(clear: Enterprise) -> None:
    other = EnterpriseFactory(region_code="450203")
    desk = Desk(officer(Role.CITY))
    assert desk.get(f"/o/enterprises/{clear.pk}/").status_code == 200
    assert desk.get(f"/o/enterprises/{other.pk}/").status_code == 404


def test_it_is_checked_by_one_and_confirmed_by_another(clear: Enterprise) -> None:
    answer = Desk(officer(Role.CENTRE_CHECKER)).act(f"/o/enterprises/{clear.pk}/check/")
    assert answer.status_code == 302
    assert now(clear).state == State.CHECKED
    Desk(officer(Role.CENTRE_REVIEWER)).act(f"/o/enterprises/{clear.pk}/confirm/", reason="属实")
    assert now(clear).state == State.ACTIVE


def test_each_doubt_wants_an_answer_and_gets_one() -> None:
    doubtful = submitted(listed=False)
    desk = Desk(officer(Role.CENTRE_CHECKER))
    address = f"/o/enterprises/{doubtful.pk}/check/"
    answer = desk.act(address)
    assert answer.status_code == 422
    assert "规上名录" in answer.content.decode()
    assert now(doubtful).state == State.AUTO_DOUBT
    desk.act(address, **{"findings-listed-note": "统计部门函确认已入库。"})
    assert now(doubtful).state == State.CHECKED
    note = {one["code"]: one.get("note") for one in now(doubtful).checks}["listed"]
    assert note == "统计部门函确认已入库。"


def test_returning_wants_a_reason_and_gives_a_last_day(clear: Enterprise) -> None:
    desk = Desk(officer(Role.CENTRE_CHECKER))
    address = f"/o/enterprises/{clear.pk}/return/"
    assert desk.act(address).status_code == 422
    assert now(clear).version == clear.version
    desk.act(address, reason="注册地址与执照不一致。")
    assert now(clear).state == State.RETURNED


def test_what_another_did_meanwhile_is_told(clear: Enterprise) -> None:
    desk = Desk(officer(Role.CENTRE_CHECKER))
    shown = desk.read(f"/o/enterprises/{clear.pk}/return/")
    assert f'name="version" value="{clear.version}"' in shown
    services.check(by=shared_officer(Role.CENTRE_CHECKER), enterprise_id=clear.pk, version=clear.version)
    answer = desk.client.post(
        f"/o/enterprises/{clear.pk}/return/", {"once": "k", "version": clear.version, "reason": "不清楚"}
    )
    refused(answer, 409, "VERSION_CONFLICT")
    assert now(clear).state == State.CHECKED


def test_who_may_do_nothing_is_told_so(clear: Enterprise) -> None:
    said = Desk(officer(Role.SUPERVISOR)).read(f"/o/enterprises/{clear.pk}/")
    assert "等待办理：<b>企业注册初核</b>，由促进中心经办办理" in said
    assert "/check/" not in said


def test_the_list_costs_the_same_for_three_rows_and_for_thirty() -> None:
    desk = Desk(officer(Role.SUPERVISOR))
    counts = []
    for more in (3, 17):
        for _ in range(more):
            EnterpriseFactory(listed=False)
        desk.read("/o/enterprises/")
        with CaptureQueriesContext(connection) as made:
            desk.read("/o/enterprises/")
        counts.append(len(made))
    assert counts[0] == counts[1]
