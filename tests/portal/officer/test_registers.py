"""Titles, rosters, adjustments, disputes, declarations: two people each, through their pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.states import Role
from enterprises import services
from enterprises.models import PassportDispute, QuotaAdjustment
from enterprises.states import AdjustmentState, DisputeState
from portal.officer import tasks, urls
from portal.officer.roster_lines import PER_PAGE
from registry.differences import What, differences
from registry.models import ListedEnterprise, RosterImport, TitleHolding
from registry.states import RosterKind, RosterState, TitleState
from tests.factories.accounts import make_uscc, make_user, officer
from tests.factories.enterprises import EnterpriseFactory, declare, make_dispute, tie
from tests.factories.registry import listed, make_roster, make_title
from tests.portal.officer.pages import Desk, refused, rows_of

pytestmark = pytest.mark.django_db
assert urls.urlpatterns


def waits(user: object, code: str) -> bool:
    return any(one.kind.code == code for one in tasks.inbox(user).tasks)


# --- titles


def test_a_title_is_recorded_by_one_and_verified_by_another() -> None:
    row = EnterpriseFactory(active=True)
    answer = Desk(officer(Role.CENTRE_CHECKER)).act(
        "/o/registry/record-title/",
        uscc=row.uscc,
        title_code="little_giant",
        certificate_no="XJR-2025-001",
        issued_by="工业和信息化部",
        valid_from="2025-07-01",
        valid_to="2028-06-30",
    )
    title = TitleHolding.objects.get()
    assert answer.headers["Location"] == f"/o/titles/{title.pk}/"
    reviewer = officer(Role.CENTRE_REVIEWER)
    assert waits(reviewer, "title-verify")
    desk = Desk(reviewer)
    assert row.name in desk.read(f"/o/titles/{title.pk}/")  # whom it grades anew
    desk.act(f"/o/titles/{title.pk}/verify/")
    title = TitleHolding.objects.get()
    assert (title.state, title.verified_by_id) == (TitleState.VERIFIED, reviewer.pk)
    assert not waits(reviewer, "title-verify")


def test_who_recorded_a_title_is_not_offered_to_verify_it_and_may_not() -> None:
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    title = make_title(make_uscc(), state=TitleState.RECORDED, by=both)
    desk = Desk(both)
    assert not waits(both, "title-verify")
    assert "/verify/" not in desk.read(f"/o/titles/{title.pk}/")
    refused(desk.act(f"/o/titles/{title.pk}/verify/"), 403, "NOT_ALLOWED")
    assert TitleHolding.objects.get().state == TitleState.RECORDED


def test_a_title_without_proof_is_sent_back_to_its_form_with_the_field() -> None:
    answer = Desk(officer(Role.CENTRE_CHECKER)).act(
        "/o/registry/record-title/",
        uscc=make_uscc(),
        title_code="little_giant",
        issued_by="工业和信息化部",
        valid_from="2025-07-01",
    )
    assert answer.status_code == 400
    assert not TitleHolding.objects.exists()


# --- rosters


def upload(desk: Desk, content: str, **fields: str) -> object:
    file = SimpleUploadedFile("名册.csv", content.encode(), content_type="text/csv")
    given = {"kind": "listed", "source_document": "统计部门函〔2026〕9号", "as_of": "2026-03-02", **fields}
    return desk.act("/o/registry/upload-roster/", file=file, **given)


def test_a_roster_is_uploaded_looked_through_and_confirmed_by_another() -> None:
    known, new = make_uscc(), make_uscc()
    listed(known, name="广西老企业有限公司", since="2020-01-01")
    text = f"uscc,name,listed_since,removed_on\n{known},广西老企业有限公司,2020-01-01,2026-01-31\n{new},广西新企业有限公司,2026-01-01,\n"
    answer = upload(Desk(officer(Role.CENTRE_CHECKER)), text)
    assert answer.status_code == 302, answer.content.decode()[-4000:]
    roster = RosterImport.objects.get(state=RosterState.UPLOADED)
    found = {one.uscc: one for one in differences(roster)}
    assert (found[known].what, found[new].what) == (What.CHANGED, What.NEW)
    reviewer = Desk(officer(Role.CENTRE_REVIEWER))
    said = reviewer.read(f"/o/rosters/{roster.pk}/")
    assert [f">{words}行</a>" in said for words in ("全部 2", "新增 1", "变更 1", "不变 0")] == [True] * 4
    assert "2026年1月31日退规" in said
    reviewer.act(f"/o/rosters/{roster.pk}/confirm/")
    assert ListedEnterprise.objects.get(uscc=known).removed_on == date(2026, 1, 31)
    assert "名册内容" in reviewer.read(f"/o/rosters/{roster.pk}/")


def test_a_long_roster_is_looked_through_in_pages_by_what_changes_and_taken_along_as_a_sheet() -> None:
    lines = [f"{make_uscc()},广西第{number}企业有限公司,2026-01-01," for number in range(PER_PAGE + 2)]
    roster = make_roster(RosterKind.LISTED, *lines, confirmed=False)
    desk, address = Desk(officer(Role.CENTRE_REVIEWER)), f"/o/rosters/{roster.pk}/"
    first, last = desk.read(address), desk.read(address, page="2")
    assert f"共 {PER_PAGE + 2} 行，第 1 页，共 2 页" in first
    assert (f"广西第{PER_PAGE - 1}企业" in first, f"广西第{PER_PAGE}企业" in first) == (True, False)
    assert (f"广西第{PER_PAGE - 1}企业" in last, f"广西第{PER_PAGE}企业" in last) == (False, True)
    assert f"广西第{PER_PAGE}企业" in desk.read(address, page="99")  # past the end is the end
    assert "没有这样的行" in desk.read(address, what="changed")
    sheet = desk.get(address, export="xlsx")
    assert len(rows_of(sheet)) == PER_PAGE + 3


def test_a_confirmed_roster_shows_its_lines_in_the_order_of_the_file_with_titles_by_name() -> None:
    code = make_uscc()
    titles = make_roster(RosterKind.TITLES, f"{code},little_giant,证1,工信部,,2025-01-01,")
    said = Desk(officer(Role.SUPERVISOR)).read(f"/o/rosters/{titles.pk}/")
    heads = [">统一社会信用代码<", ">称号<", ">证书编号<", ">认定机关<", ">认定文号<", ">有效期起<", ">有效期止<"]
    assert sorted(heads, key=said.rindex) == heads
    assert "小巨人" in said
    assert "little_giant" not in said
    assert "2025年1月1日" in said


def test_a_roster_with_a_faulty_line_is_not_taken_and_the_line_is_named() -> None:
    answer = upload(Desk(officer(Role.CENTRE_CHECKER)), "uscc,name,listed_since\n123,某企业,2020-01-01\n")
    assert answer.status_code == 400
    assert "第2行" in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_differences_of_an_unchanged_line_and_of_dishonesty() -> None:
    code = make_uscc()
    listed(code, name="广西甲有限公司", since="2020-01-01")
    same = make_roster(RosterKind.LISTED, f"{code},广西甲有限公司,2020-01-01,", "", confirmed=False)
    assert [one.what for one in differences(same)] == [What.SAME]
    bad = make_roster(RosterKind.DISHONEST, f"{code},2025-01-01,,某法院", confirmed=False)
    assert [(one.what, one.before) for one in differences(bad)] == [(What.NEW, "")]
    titles = make_roster(RosterKind.TITLES, f"{code},little_giant,证1,工信部,,2025-01-01,", confirmed=False)
    assert "小巨人" in differences(titles)[0].after


# --- adjustments


def test_an_adjustment_takes_three_people() -> None:
    row = EnterpriseFactory(active=True)
    checker = officer(Role.CENTRE_CHECKER)
    Desk(checker).act(f"/o/enterprises/{row.pk}/adjust/", increase="50000.00", reason="名录数据有误")
    made = QuotaAdjustment.objects.get()
    assert made.amount == Decimal("50000.00")
    reviewer, department = officer(Role.CENTRE_REVIEWER), officer(Role.DEPARTMENT)
    assert (waits(reviewer, "adjustment-review"), waits(department, "adjustment-decide")) == (True, False)
    Desk(reviewer).act(f"/o/adjustments/{made.pk}/review/")
    assert (waits(reviewer, "adjustment-review"), waits(department, "adjustment-decide")) == (False, True)
    Desk(department).act(f"/o/adjustments/{made.pk}/decide/", decision_no="桂工信函〔2026〕12号")
    assert QuotaAdjustment.objects.get().state == AdjustmentState.DECIDED


def test_an_adjustment_up_and_down_at_once_is_refused() -> None:
    row = EnterpriseFactory(active=True)
    answer = Desk(officer(Role.CENTRE_CHECKER)).act(
        f"/o/enterprises/{row.pk}/adjust/", increase="1.00", decrease="1.00", reason="试"
    )
    assert answer.status_code == 422
    assert "须填且只填一项" in answer.content.decode()
    assert not QuotaAdjustment.objects.exists()


# --- disputes


def test_a_dispute_is_handled_by_one_and_upheld_by_another() -> None:
    row = EnterpriseFactory(active=True)
    dispute = make_dispute(row)
    checker, reviewer = officer(Role.CENTRE_CHECKER), officer(Role.CENTRE_REVIEWER)
    title = make_title(row.uscc, "little_giant", state=TitleState.RECORDED, by=checker)
    assert waits(checker, "dispute-handle")
    Desk(checker).act(f"/o/disputes/{dispute.pk}/accept/", opinion="已登记该称号", title=str(title.pk))
    assert PassportDispute.objects.get().state == DisputeState.ACCEPTED
    assert waits(reviewer, "dispute-decide")
    Desk(reviewer).act(f"/o/disputes/{dispute.pk}/uphold/", decision="属实")
    assert PassportDispute.objects.get().state == DisputeState.UPHELD


def test_who_handled_a_dispute_does_not_see_its_decision_as_his() -> None:
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    dispute = make_dispute(EnterpriseFactory(active=True))
    services.find_unfounded(by=both, dispute_id=dispute.pk, version=dispute.version, opinion="未获评")
    assert not waits(both, "dispute-decide")
    refused(Desk(both).act(f"/o/disputes/{dispute.pk}/reject/", decision="否"), 403, "NOT_ALLOWED")
    assert PassportDispute.objects.get().state == DisputeState.UNFOUNDED


def test_a_declaration_shows_its_ties_and_the_group() -> None:
    row, other = EnterpriseFactory(active=True), EnterpriseFactory(active=True)
    made = declare(row, tie(other.uscc))
    said = Desk(officer(Role.SUPERVISOR)).read(f"/o/declarations/{made.pk}/")
    assert other.uscc in said
    assert f"/o/enterprises/{other.pk}/" in said
