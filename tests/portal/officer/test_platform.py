"""Accounts, the audit log, the trail of a record, must-read notices and webhooks: who may what."""

from __future__ import annotations

import re

import pytest

from accounts.models import Membership, User
from accounts.states import OrganisationKind, Role
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import subject_models
from foundation import clock
from portal import acts
from portal.officer import logged, urls
from portal.officer.audit import PAGES, SEEN, kinds
from programmes import services as programmes
from tests.factories.accounts import make_identity, make_organisation, make_user, officer
from tests.factories.programmes import open_year
from tests.factories.settlement import make_claim
from tests.house.world import make_world
from tests.portal.officer.pages import Desk, refused

pytestmark = pytest.mark.django_db
assert urls.urlpatterns
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)


@pytest.mark.parametrize("address", ["/o/people/", "/o/organisations/"])
def test_accounts_are_for_the_three_administrators(address: str) -> None:
    for role in ADMINISTRATORS:
        assert Desk(make_user(role)).get(address).status_code == 200
    for role in (Role.DEPARTMENT, Role.ENTERPRISE_SIGNATORY):
        assert Desk(make_user(role)).get(address).status_code == 403


def test_one_opens_an_account_another_gives_the_role() -> None:
    office = make_organisation(OrganisationKind.DEPARTMENT)
    admin, security = Desk(make_user(Role.SYSTEM_ADMIN)), Desk(make_user(Role.SECURITY_ADMIN))
    address = f"/o/organisations/{office.pk}/"
    fields = {"username": "chengong", "name": "陈工", "identity_number": make_identity(), "password": "Guangxi-2026-x"}
    assert "add-person/" not in security.read(address)
    answer = admin.act(f"{address}add-person/", **fields)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    person = User.objects.get(username="chengong")
    assert person.roles == frozenset()
    page = f"/o/people/{person.pk}/"
    assert admin.get(f"{page}grant-role/").status_code in (200, 403)
    refused(admin.act(f"{page}grant-role/", role="DP"), 403, "NOT_ALLOWED")
    assert security.act(f"{page}grant-role/", role="DP").status_code == 302
    assert list(Membership.objects.filter(user=person).values_list("role", flat=True)) == ["DP"]
    assert security.act(f"{page}grant-role/", role="FN").status_code == 422
    assert security.act(f"{page}end-role/", role="DP", reason="调离").status_code == 302
    assert not Membership.objects.filter(user=person, ended_at=None).exists()


def test_an_account_is_closed_and_opened_but_never_ones_own() -> None:
    admin = Desk(make_user(Role.SYSTEM_ADMIN))
    person = officer(Role.FINANCE)
    address = f"/o/people/{person.pk}/"
    assert admin.act(f"{address}deactivate/", reason="已离职").status_code == 302
    assert not User.objects.get(pk=person.pk).is_active
    assert admin.act(f"{address}activate/", reason="返岗").status_code == 302
    own = f"/o/people/{admin.user.pk}/"
    assert "deactivate/" not in admin.read(own)
    refused(admin.act(f"{own}deactivate/", reason="自己"), 403, "NOT_ALLOWED")
    assert User.objects.get(pk=admin.user.pk).is_active


def test_the_people_of_a_party_are_its_own_affair() -> None:
    admin = Desk(make_user(Role.SYSTEM_ADMIN))
    agent = make_user(Role.ENTERPRISE_AGENT)
    page = admin.read(f"/o/people/{agent.pk}/")
    assert "deactivate/" not in page
    assert "由本单位签署人管理" in page


def test_the_log_is_the_auditors_and_is_searched() -> None:
    case = make_claim("checked")
    auditor = Desk(make_user(Role.AUDITOR))
    page = auditor.read("/o/audit/", kind="settlement_claim", by=case.desk.co.username)
    assert "形式审核通过" in page
    assert "签署并提交" not in page
    assert case.at.number in page
    assert str(case.pk) not in page.replace(f"/o/trail/settlement_claim/{case.pk}/", "")
    assert case.at.number in auditor.read("/o/audit/", subject=case.at.number)
    assert "没有符合条件" in auditor.read("/o/audit/", subject="no-such-key")
    for role in (Role.DEPARTMENT, Role.SYSTEM_ADMIN):
        assert Desk(make_user(role)).get("/o/audit/").status_code == 403


def test_a_trail_is_for_who_may_see_the_record() -> None:
    case = make_claim("checked")
    address = f"/o/trail/settlement_claim/{case.pk}/"
    page = Desk(officer(Role.SUPERVISOR)).read(address)
    assert "形式审核通过" in page
    assert "核对完整" in page
    assert Desk(make_user(Role.AUDITOR)).get(address).status_code == 200
    assert Desk(make_user(Role.SYSTEM_ADMIN)).get(address).status_code == 404
    assert Desk(make_user(Role.EXPERT)).get(address).status_code == 404
    assert Desk(make_user(Role.ENTERPRISE_AGENT)).get(address).status_code == 403
    assert Desk(officer(Role.SUPERVISOR)).get(f"/o/trail/no_such/{case.pk}/").status_code == 404


def test_the_tables_of_the_trails_exist() -> None:
    assert set(SEEN) <= {table for table, _ in kinds()}
    assert set(PAGES) == set(SEEN)  # from every trail there is a way back to its record


def test_from_a_trail_one_comes_back_to_its_record() -> None:
    make_world()
    reader, auditor = officer(Role.DEPARTMENT), Desk(make_user(Role.AUDITOR))
    tried = 0
    for table, seen in SEEN.items():
        row = seen(reader).first()
        if row is not None:
            tried += 1
            answer = Desk(reader).get(f"/o/trail/{table}/{row.pk}/")
            *above, (words, address) = answer.context["crumbs"]
            assert above, table  # the list
            assert words == logged.name_of(row)
            assert Desk(reader).get(address).status_code == 200, address
            assert f'<a href="{address}">' in answer.content.decode()
    assert tried > 20
    page = auditor.get(f"/o/trail/{table}/{row.pk}/") if row is not None else auditor.get("/o/audit/")
    assert [words for words, _ in page.context.get("crumbs", [("审计日志", "")])] == ["审计日志"]


def test_a_trail_says_days_moments_and_codes_as_people_do() -> None:
    case = make_claim("checked")
    notice = case.at.contract.notice
    desk = Desk(officer(Role.DEPARTMENT))
    page = desk.read(f"/o/trail/contracts_contract/{case.at.contract_id}/")
    assert not re.search(r">\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[T<]", page)
    told = desk.read(f"/o/trail/programmes_notice/{notice.pk}/")
    assert f"{notice.valid_to.year}年{notice.valid_to.month}月{notice.valid_to.day}日" in told
    assert str(notice.valid_to) not in told


def test_who_acknowledged_a_must_read_notice_is_listed() -> None:
    open_year(clock.today().year)
    department = officer(Role.DEPARTMENT)
    programmes.suspend_manually(by=department, year=clock.today().year, reason="预算调整")
    desk = Desk(department)
    page = desk.read("/o/announcements/")
    assert "暂停签约" in page
    assert Desk(make_user(Role.PROVIDER_AGENT)).get("/o/announcements/").status_code == 403


def test_deliveries_are_listed_without_their_content() -> None:
    assert Desk(make_user(Role.SYSTEM_ADMIN)).get("/o/deliveries/").status_code == 200
    assert Desk(make_user(Role.ENTERPRISE_AGENT)).get("/o/deliveries/").status_code == 403


def test_no_fact_of_any_record_is_told_in_code() -> None:
    make_world()
    models = {model._meta.db_table: model for model in subject_models()}
    for_machines = {"用户名", "账号", "抽取种子", "内容SM3", "规则SM3", "SM3"}
    raw = {
        (one.subject_type, name, text)
        for one in EvidenceRecord.objects.all()
        for name, text in acts.facts(one, models[one.subject_type])
        if name not in for_machines
        and (
            re.search(r"(?<![A-Z]-)\b[0-9]{4}-[0-9]{2}-[0-9]{2}", text) or re.search(r"(^|、)[a-z][a-z_]+(、|$)", text)
        )
    }
    assert sorted(raw) == []


def test_whatever_the_log_is_about_is_called_by_a_name_and_not_by_a_key() -> None:
    make_world()
    records = logged.named(list(EvidenceRecord.objects.all()))
    keys = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}")
    assert [
        (one.subject_type, one.subject_name) for one in records if not one.subject_name or keys.search(one.subject_name)
    ] == []


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (Role.SYSTEM_ADMIN, "在“组织”中开通账号"),
        (Role.SECURITY_ADMIN, "授予和终止角色"),
        (Role.AUDITOR, "审计日志"),
        (Role.CITY, "可以查阅下列内容"),
    ],
)
def test_to_whom_no_case_comes_reads_what_his_part_is(role: Role, says: str) -> None:
    page = Desk(make_user(role)).read("/o/")
    assert says in page
    assert "待办" not in page
    assert page.count("工作台") >= 2  # in the menu and over the page


def test_a_city_has_no_tab_of_contracts_that_wait_for_it() -> None:
    assert "待我办理" not in Desk(make_user(Role.CITY)).read("/o/contracts/")
    assert "待我办理" in Desk(make_user(Role.DEPARTMENT)).read("/o/contracts/")
