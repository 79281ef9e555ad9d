"""Budget, notices, caps, accounts to be paid on, case files and statistics: who reads them, what each act does."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
import yaml
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.states import Role
from contracts import forecast
from contracts import selectors as contracts
from enterprises import selectors as enterprises
from foundation import clock
from portal.officer import tasks, urls
from portal.officer.notices import text_of
from programmes import notice_file, selectors, writing
from programmes.models import Appropriation, Notice, Suspension, TargetSet
from programmes.states import AppropriationState, NoticeState
from providers import selectors as providers
from settlement import statistics
from tests.factories.accounts import make_user, officer
from tests.factories.contracts import make_contract
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.programmes import make_content, make_notice, open_year, publish_revision
from tests.factories.settlement import make_payout
from tests.portal.officer.pages import Desk, refused, rows_of

pytestmark = pytest.mark.django_db
assert urls.urlpatterns


@pytest.fixture
def year() -> int:
    open_year(clock.today().year, budget="10000000.00")
    return clock.today().year


# --- budget


def test_a_document_is_recorded_by_one_and_confirmed_by_the_treasury(year: int) -> None:
    before = selectors.figures(year).total
    fields = {"year": year, "source_doc_no": "桂财工交〔2026〕88号", "amount": "1,000,000.00", "kind": "appropriation"}
    assert Desk(officer(Role.DEPARTMENT)).act("/o/budget/record/", **fields).status_code == 302
    entry = Appropriation.objects.get(source_doc_no="桂财工交〔2026〕88号")
    address = f"/o/appropriations/{entry.pk}/"
    assert selectors.figures(year).total == before
    assert [one.kind.code for one in tasks.inbox(officer(Role.FINANCE)).tasks] == ["appropriation-confirm"]
    assert Desk(officer(Role.DEPARTMENT)).get(f"{address}confirm/").status_code in (200, 403)
    refused(Desk(officer(Role.DEPARTMENT)).act(f"{address}confirm/", reason=""), 403, "NOT_ALLOWED")
    assert Desk(officer(Role.FINANCE)).act(f"{address}confirm/", reason="").status_code == 302
    assert selectors.figures(year).total == before + 1_000_000
    page = Desk(officer(Role.FINANCE)).read(f"/o/budget/{year}/")
    assert "桂财工交〔2026〕88号" in page
    assert f"{before + 1_000_000:,.2f}" in page


def test_the_budget_says_until_when_it_lasts_or_why_that_cannot_be_told(
    year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(officer(Role.APPROVER))
    cache.clear()
    assert "还不能推算" in desk.read(f"/o/budget/{year}/")
    months = {month: Decimal(3_000_000) for month in range(1, 3)}
    monkeypatch.setattr(contracts, "effective_by_month", lambda year: months)
    monkeypatch.setattr(forecast, "LEAST_MONTHS", 2)
    cache.clear()
    page = desk.read(f"/o/budget/{year}/")
    assert "前后用完" in page
    assert "预计用完时间怎么算出来的" in page
    cache.clear()


def test_a_document_given_back_changes_nothing(year: int) -> None:
    before = selectors.figures(year).total
    fields = {"year": year, "source_doc_no": "桂财工交〔2026〕89号", "amount": "5000", "kind": "appropriation"}
    Desk(officer(Role.DEPARTMENT)).act("/o/budget/record/", **fields)
    entry = Appropriation.objects.get(source_doc_no="桂财工交〔2026〕89号")
    answer = Desk(officer(Role.FINANCE)).act(f"/o/appropriations/{entry.pk}/reject/", reason="金额不符")
    assert answer.status_code == 302
    entry.refresh_from_db()
    assert (entry.state, selectors.figures(year).total) == (AppropriationState.REJECTED, before)


def test_signing_is_paused_and_goes_on(year: int) -> None:
    desk = Desk(officer(Role.DEPARTMENT))
    assert desk.act("/o/budget/pause/", year=year, reason="年中预算调整").status_code == 302
    row = Suspension.objects.get(year=year, ended_at=None)
    page = desk.read(f"/o/budget/{year}/")
    assert "已暂停签约" in page
    assert "/o/budget/pause/" not in page
    refused(desk.act("/o/budget/pause/", year=year, reason="再次"), 409, "ALREADY_SUSPENDED")
    assert desk.act(f"/o/suspensions/{row.pk}/resume/", reason="已追加").status_code == 302
    assert not selectors.is_suspended(year)
    assert Desk(officer(Role.FINANCE)).get("/o/budget/pause/").status_code == 403


def test_the_movements_of_the_total_tie(year: int) -> None:
    lines = selectors.budget_movements(year)
    assert lines[-1].after == selectors.figures(year).total
    assert all(one.before + one.amount == one.after for one in lines)
    assert selectors.budget_movements(year + 20) == []


# --- notices


def test_a_notice_is_drafted_from_a_file_and_approved_by_another() -> None:
    drafter, approver = Desk(officer(Role.DEPARTMENT)), Desk(officer(Role.APPROVER))
    assert drafter.act("/o/notices/new/", shipped="general-2027").status_code == 302
    row = Notice.objects.get(year=2027)
    address = f"/o/notices/{row.pk}/"
    page = drafter.read(address)
    assert f"{address}edit/" in page
    assert f"{address}approve/" not in page
    assert [one.row.pk for one in tasks.inbox(approver.user).tasks] == [row.pk]
    assert approver.act(f"{address}approve/", reason="厅务会纪要〔2026〕31号").status_code == 302
    assert drafter.act(f"{address}publish/", reason="").status_code == 302
    row.refresh_from_db()
    assert row.state == NoticeState.PUBLISHED


def test_every_fault_of_a_file_is_told_by_line() -> None:
    desk = Desk(officer(Role.DEPARTMENT))
    raw = notice_file.from_yaml.__module__ and writing.as_yaml({"kind": "general", "year": "2027"}, {"tiers": []})
    answer = desk.act("/o/notices/new/", upload=SimpleUploadedFile("bad.yaml", raw.encode()))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "第1行“notice:”" in page
    assert "provider_cap" in page
    assert not Notice.objects.filter(year=2027).exists()
    assert desk.act("/o/notices/new/").status_code == 422


def test_a_kept_notice_written_out_reads_the_same() -> None:
    row = make_notice(2026)
    content = notice_file.from_yaml(text_of(row).encode(), "again.yaml")
    assert content.rules == row.parsed
    assert (content.title, content.doc_no, content.valid_to) == (row.title, row.doc_no, row.valid_to)
    assert list(yaml.safe_load(text_of(row)))[:2] == ["notice", "tiers"]


def test_the_main_figures_are_edited_in_a_form() -> None:
    row = make_notice(2026, state=NoticeState.DRAFT)
    desk = Desk(officer(Role.DEPARTMENT))
    shown = desk.get(f"/o/notices/{row.pk}/edit/").context["form"]
    fields = {one.html_name: one.value() for one in shown if one.html_name not in ("tiers", "categories", "limits")}
    for name in ("tiers", "categories", "limits"):
        for at, one in enumerate(shown[name].value()):
            fields |= {f"{name}-{at}-{key}": value for key, value in one.items()}
    fields["provider_cap"] = "6,000,000"
    fields["tiers-0-quota"] = "60000"
    answer = desk.act(f"/o/notices/{row.pk}/edit/", **fields)
    assert answer.status_code == 302, answer.content.decode()[:4000]
    row = Notice.objects.get(pk=row.pk)
    assert row.parsed.provider_cap == Decimal(6_000_000)
    assert row.parsed.tiers[0].quota == Decimal(60_000)
    assert row.parsed.tiers[1].titles  # what the form does not show stays
    fields["deposit_rate"] = "0.30"
    fields["version"] = str(row.version)
    refused(desk.act(f"/o/notices/{row.pk}/edit/", **fields), 400, "NOTICE_INVALID")
    assert Notice.objects.get(pk=row.pk).parsed.deposit_rate == Decimal("0.20")


def test_a_revision_begins_as_a_copy_in_the_form() -> None:
    first = make_notice(clock.today().year)
    desk = Desk(officer(Role.DEPARTMENT))
    answer = desk.act(f"/o/notices/{first.pk}/revise-form/")
    draft = Notice.objects.get(state=NoticeState.DRAFT)
    assert answer.headers["Location"] == f"/o/notices/{draft.pk}/edit/"
    assert (draft.revision, draft.rules, draft.valid_to) == (2, first.rules, first.valid_to)
    assert "内容与现行版相同" in desk.read(f"/o/notices/{draft.pk}/edit/")
    approver = Desk(officer(Role.APPROVER))
    refused(approver.act(f"/o/notices/{first.pk}/revise-form/"), 403, "NOT_ALLOWED")
    assert Notice.objects.count() == 2


def test_a_revision_is_laid_beside_the_one_in_force_and_tried_on_everybody() -> None:
    first = make_notice(clock.today().year)
    enterprise = EnterpriseFactory(active=True, tier="5")
    desk = Desk(officer(Role.DEPARTMENT))
    text = text_of(first).replace("quota: '50000'", "quota: '80000'")
    assert text != text_of(first)
    assert desk.act(f"/o/notices/{first.pk}/revise/", text=text).status_code == 302
    draft = Notice.objects.get(state=NoticeState.DRAFT)
    page = desk.read(f"/o/notices/{draft.pk}/compare/")
    assert "80,000.00元" in page
    assert "50,000.00元" in page
    effect = enterprises.effect_of(draft.parsed, draft.year, clock.today())
    own = next(one for one in effect.moved if one.enterprise_id == enterprise.pk)
    assert own.change == own.after - own.before
    assert effect.more == sum(one.change for one in effect.gaining)
    told = desk.read(f"/o/notices/{draft.pk}/effect/")
    assert enterprise.name in told
    assert f">{own.tier_after}</td>" in told  # once: the tier stays, its quota rises
    assert "年度还没有已签的合同" in desk.read(f"/o/notices/{draft.pk}/effect/")
    assert desk.read(f"/o/notices/{draft.pk}/file/").startswith("notice:")


def test_who_approves_reads_every_line_that_changes_the_dates_among_them() -> None:
    year = clock.today().year
    make_notice(year)
    content = make_content(year, valid_to=date(year, 11, 30))
    content.data["tiers"][0]["quota"] = "80000"
    draft = publish_revision(year, state=NoticeState.DRAFT, content=content)
    desk = Desk(officer(Role.APPROVER))
    for page in (desk.read(f"/o/notices/{draft.pk}/compare/"), desk.read(f"/o/notices/{draft.pk}/approve/")):
        for said in ("有效期止", f"{year}年12月31日", f"{year}年11月30日", "50,000.00元", "80,000.00元"):
            assert said in page
        assert f"/o/notices/{draft.pk}/effect/" in page
    same = publish_revision(year, state=NoticeState.DRAFT)
    assert "两版的内容完全相同" in desk.read(f"/o/notices/{same.pk}/approve/")


def test_the_first_notice_is_approved_with_nothing_beside_it() -> None:
    row = make_notice(2026, state=NoticeState.DRAFT)
    assert "还没有发布过通知" in Desk(officer(Role.APPROVER)).read(f"/o/notices/{row.pk}/approve/")


def test_a_mistake_is_told_with_its_line_and_what_stands_there() -> None:
    first = make_notice(clock.today().year)
    text = text_of(first).replace("quota: '50000'", "quota: 五万")
    line = next(at for at, one in enumerate(text.splitlines(), start=1) if "五万" in one)
    answer = Desk(officer(Role.DEPARTMENT)).act(f"/o/notices/{first.pk}/revise/", text=text)
    assert answer.status_code == 422
    assert f"第{line}行“quota: 五万”（tiers[0].quota）：" in answer.content.decode()
    assert not Notice.objects.filter(state=NoticeState.DRAFT).exists()


def test_the_effect_on_signed_contracts_is_shown_by_category(year: int) -> None:
    make_contract("effective", amount="12500.00", voucher="10000.00")
    first = selectors.notice_of_year(year)
    assert first is not None
    desk = Desk(officer(Role.DEPARTMENT))
    text = text_of(first).replace("cap: '10000'", "cap: '8000'")
    assert text != text_of(first)
    assert desk.act(f"/o/notices/{first.pk}/revise/", text=text).status_code == 302
    draft = Notice.objects.get(state=NoticeState.DRAFT)
    page = desk.read(f"/o/notices/{draft.pk}/effect/")
    assert "已签合同按该版重算" in page
    assert "-2,000.00" in page


def test_notices_are_for_officers(year: int) -> None:
    row = selectors.notice_of_year(year)
    for path in ("/o/notices/", f"/o/notices/{row.pk}/", f"/o/notices/{row.pk}/effect/"):
        assert Desk(officer(Role.SUPERVISOR)).get(path).status_code == 200
        assert Desk(make_user(Role.ENTERPRISE_AGENT)).get(path).status_code == 403
        assert Desk(make_user(Role.SYSTEM_ADMIN)).get(path).status_code == 403


# --- files and figures


def test_the_files_of_both_parties_show_money_contracts_and_claims() -> None:
    pay = make_payout("paid")
    claim = pay.case.at
    desk = Desk(officer(Role.SUPERVISOR))
    page = desk.read(f"/o/files/enterprises/{claim.contract.enterprise_id}/")
    assert claim.contract.number in page
    assert claim.number in page
    heads = re.findall(
        r'<th scope="col"[^>]*>([^<]+)</th>', page.partition("<h2>兑付</h2>")[2].partition("</table>")[0]
    )
    assert heads == ["申请编号", "申请金额", "核定金额", "已付金额", "状态"]
    assert not [code for code in selectors.tier_names() if f"<dd>{code}</dd>" in page]
    for path in ("/o/files/enterprises/", "/o/files/providers/"):
        assert "依据第" in desk.read(path)
    page = desk.read(f"/o/files/providers/{claim.provider_id}/")
    assert claim.number in page
    assert providers.settlement_account(claim.provider_id, clock.today()).masked_number in page
    for path in ("/o/files/enterprises/", "/o/files/providers/", "/o/caps/", "/o/statistics/"):
        assert desk.get(path).status_code == 200
        assert Desk(make_user(Role.PROVIDER_AGENT)).get(path).status_code == 403


def test_the_statistics_sum_and_go_out_as_a_sheet() -> None:
    pay = make_payout("paid")
    make_contract("effective")
    reader = officer(Role.DEPARTMENT)
    found = statistics.of_year(reader, clock.today().year)
    assert found.whole.contracts == 2
    assert found.whole.paid == pay.case.at.paid
    for part in (found.cities, found.categories, found.tiers, found.months):
        assert sum(one.contracts for one in part) == 2
        assert sum(one.vouchers for one in part) == found.whole.vouchers
    answer = Desk(reader).get("/o/statistics/", export="xlsx")
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert Desk(reader).get("/o/statistics/1999/").status_code == 404


# --- targets


def test_targets_are_drafted_by_one_and_confirmed_by_another_beside_what_was_reached(year: int) -> None:
    make_contract("effective")
    department, approver = Desk(officer(Role.DEPARTMENT)), Desk(officer(Role.APPROVER))
    assert "还没有审定的绩效目标" in department.read("/o/statistics/")
    fields = {"year": year, "doc_no": "桂工信〔示例〕8号", "contracts": "4", "execution": "95"}
    answer = department.act("/o/statistics/targets/draft/", **fields)
    assert answer.headers["Location"] == f"/o/statistics/{year}/"
    row = TargetSet.objects.get()
    assert row.targets == {"contracts": "4", "execution": "95.00"}
    assert [one.code for one in tasks.kinds_of(approver.user) if one.rows(approver.user).exists()] == [
        "targets-confirm"
    ]
    at = f"/o/statistics/targets/{row.pk}/confirm/"
    refused(department.client.post(at, {"version": 1, "once": "one"}), 403, "NOT_ALLOWED")
    assert "生效合同数" in approver.read(at)
    assert approver.act(at).status_code == 302
    page = approver.read("/o/statistics/")
    assert "依据 桂工信〔示例〕8号" in page
    assert "25.00%" in page
    sheet = rows_of(Desk(officer(Role.FINANCE)).get("/o/statistics/", export="xlsx"))
    (line,) = [one for one in sheet if one[0] == "生效合同数"]
    assert line[2:5] == ("4", "1", "25.00")


def test_targets_go_out_with_the_sheet_as_text_and_a_city_reads_none(year: int) -> None:
    rows = rows_of(Desk(officer(Role.FINANCE)).get("/o/statistics/", export="xlsx"))
    assert ("绩效指标", "单位", "目标", "已完成", "完成率（%）", "口径") in [row[:6] for row in rows]
    (line,) = [row for row in rows if row[0] == "生效合同数"]
    assert line[1:4] == ("份", "", "0")
    assert "绩效目标" not in Desk(officer(Role.CITY)).read("/o/statistics/")
