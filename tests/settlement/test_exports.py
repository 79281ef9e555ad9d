"""Lists a finance office can use, opened again and read (第二十一条, 第二十五条; 8-49, 10.6, 10.9)."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pypdf
import pytest

from accounts.states import Role
from engines.evidence import chain
from settlement import packs
from settlement.models import BatchExport
from settlement.papers.printing import printed
from settlement.services import exports
from settlement.sheets import Line, workbook
from settlement.states import ExportKind
from tests.factories.accounts import Caller, make_user
from tests.factories.publicity import make_case as object_to
from tests.factories.settlement import Desk, make_batch, make_claim, make_payout
from tests.settlement.support import picture

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def cells(content):
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    rows = list(sheet.iter_rows())
    top = next(number for number, row in enumerate(rows) if row[0].value == "序号")
    return {cell.value: number for number, cell in enumerate(rows[top])}, rows[top + 1 :]


def text_of(content):
    pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages]
    return pages, "".join("".join(pages).split())


@pytest.fixture
def batch():
    desk = Desk()
    return make_batch("paying", cases=[make_claim("passed", desk=desk) for _ in range(2)], desk=desk)


def test_the_sheet_has_codes_as_text_amounts_as_numbers_and_in_words(batch):
    [case, _] = batch.cases
    head, rows = cells(exports.export(by=batch.desk.co, batch_id=batch.pk, kind=ExportKind.XLSX))
    first = rows[0]
    payee = case.at.payee
    for name, value in {
        "企业统一社会信用代码": case.deal.parties.enterprise.uscc, "收款账号": payee["number"],
        "行号": payee["line_no"], "收款人全称": payee["name"], "金额大写": "人民币壹万元整",
    }.items():  # fmt: skip
        assert (first[head[name]].value, first[head[name]].data_type) == (value, "s"), name
    amount = first[head["金额（元）"]]
    assert (amount.value, amount.data_type, amount.number_format) == (10000, "n", "#,##0.00")
    assert rows[2][head["金额（元）"]].value == 20000
    assert rows[2][head["金额大写"]].value == "人民币贰万元整"


def test_the_sheet_has_the_treasurys_columns_of_the_notice(batch):
    head, rows = cells(exports.export(by=batch.desk.fn, batch_id=batch.pk, kind=ExportKind.XLSX))
    treasury = batch.at.notice.parsed.treasury
    assert treasury
    for field in treasury:
        assert [row[head[field.name]].value for row in rows[:2]] == [field.value] * 2


def test_text_is_never_a_formula():
    fields = {name: "=HYPERLINK(1)" for name in Line.__dataclass_fields__ if name != "amount"}
    line = Line(**fields, amount=Decimal("16409.02"))
    content = workbook("=1+1", [("@SUM", "+1")], [line], [("-1", "=2+2")], at=datetime(2026, 3, 2, tzinfo=UTC))
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s", "n"}
    assert content.count(b"<f>") == 0


def test_the_paper_has_every_line_the_words_the_signatures_and_page_numbers(batch):
    content = exports.export(by=batch.desk.co, batch_id=batch.pk, kind=ExportKind.PDF)
    pages, text = text_of(content)
    assert content.startswith(b"%PDF")
    for case in batch.cases:
        assert case.at.number in text
        assert case.at.payee["number"] in text
    for words in (
        "人民币贰万元整",
        "制表：促进中心经办",
        "复核：促进中心复核",
        "审核：厅职能处室",
        "桂工信签〔2026〕18号",
    ):
        assert words in text, words
    assert f"第1页/共{len(pages)}页" in text


def test_a_long_list_repeats_its_head_on_every_page():
    rows = [[str(n), f"DF-{n}", "企业", "收款人", "0000", "1.00", "人民币壹元整", "待支付"] for n in range(120)]
    data = {
        "number": "PC", "title": "清单", "subtitle": "", "facts": [["批次", "PC"]], "notes": [], "rows": rows, "count": "120",
        "total": "120.00", "total_words": "人民币壹佰贰拾元整", "signatures": ["制表"], "exported_by": "某", "exported_at": "",
    }  # fmt: skip
    pages, _ = text_of(printed("list.typ", data, at=make_batch(cases=[]).at.created_at))
    assert len(pages) > 3
    assert all("金额大写" in page for page in pages[:-1])


def test_rare_characters_of_names_are_printed():
    """䶮 stands outside GB2312; 〔〕 and full-width brackets are what documents use."""
    names = "龚䶮𬭎（广西）堃喆玥〔2026〕犇羴"
    data = {"number": names, "notice": "", "state": "", "facts": [["企业", names]], "papers": []}
    _, text = text_of(printed("pack.typ", data, at=make_batch(cases=[]).at.created_at))
    assert names in text


def test_markup_in_a_name_is_printed_as_it_is():
    odd = "#panic(1) *x* $y$ \\ <a>"
    data = {"number": "n", "notice": odd, "state": "", "facts": [["企业", odd]], "papers": []}
    _, text = text_of(printed("pack.typ", data, at=make_batch(cases=[]).at.created_at))
    assert "".join(odd.split()) in text


def test_whole_account_numbers_only_for_who_pays(batch):
    number = batch.cases[0].at.payee["number"]
    for seat, whole in (("co", True), ("cr", True), ("fn", True), ("dp", False), ("ap", False)):
        head, rows = cells(exports.export(by=getattr(batch.desk, seat), batch_id=batch.pk, kind=ExportKind.XLSX))
        assert (rows[0][head["收款账号"]].value == number) is whole, seat


def test_every_export_is_on_record(batch):
    address = f"/api/v1/batches/{batch.pk}"
    client = Caller(batch.desk.fn)
    answer = client.get(f"{address}/export/xlsx/")
    assert answer.headers["Content-Type"] == exports.XLSX_TYPE
    row = BatchExport.objects.get()
    assert (row.exported_by_id, row.kind, row.lines, row.sm3) == (
        batch.desk.fn.pk, "xlsx", 2, chain.sm3(answer.content),
    )  # fmt: skip
    client.get(f"{address}/export/pdf/")
    assert [one["kind"] for one in client.get(f"{address}/exports/").json()] == ["pdf", "xlsx"]


def test_who_may_not_export_leaves_nothing_behind(batch):
    provider, supervisor = batch.cases[0].deal.parties.po, make_user(Role.SUPERVISOR)
    before = picture()
    for user in (provider, supervisor):
        assert Caller(user).get(f"/api/v1/batches/{batch.pk}/export/xlsx/").status_code == 403
    assert Caller(provider).get(f"/api/v1/batches/{batch.pk}/exports/").json() == []
    assert (picture(), BatchExport.objects.count()) == (before, 0)


def test_an_empty_round_has_nothing_to_export():
    batch = make_batch(cases=[])
    answer = Caller(batch.desk.co).get(f"/api/v1/batches/{batch.pk}/export/pdf/")
    assert (answer.status_code, answer.json()["code"]) == (409, "NOTHING_TO_EXPORT")


def test_the_pack_lists_every_paper_with_its_digest():
    case = make_claim("submitted")
    client = Caller(case.deal.parties.po)
    pack = client.get(f"/api/v1/claims/{case.pk}/pack/").json()
    groups = [paper["group"] for paper in pack["papers"]]
    assert groups == ["合同", "签署", "签署", "定金", "关键环节1 提交成果", "服务确认书"]
    assert all(len(paper["sm3"]) == 64 for paper in pack["papers"])
    answer = client.get(f"/api/v1/claims/{case.pk}/pack/pdf/")
    _, text = text_of(answer.content)
    assert pack["papers"][4]["sm3"][:16] in text
    assert "人民币壹万元整" in text
    assert client.get(f"/api/v1/claims/{case.pk}/pack/pdf/").content == answer.content


def test_a_paid_batch_shows_voucher_and_date():
    pay = make_payout("paid")
    head, rows = cells(exports.export(by=pay.case.desk.co, batch_id=pay.case.batch.pk, kind=ExportKind.XLSX))
    assert rows[0][head["支付凭证号"]].value == pay.at.voucher_no
    assert rows[0][head["支付日期"]].value == "2026-03-02"


def test_the_list_of_money_is_what_the_treasury_was_asked_for_and_names_the_rest():
    """A claim still disputed after the 公示 is beside the list, not in its sum."""
    desk = Desk()
    batch = make_batch("publicised", cases=[make_claim("passed", desk=desk) for _ in range(2)], desk=desk)
    disputed, other = batch.cases
    head, rows = cells(exports.export(by=desk.co, batch_id=batch.pk, kind=ExportKind.XLSX))
    assert [row[head["申请编号"]].value for row in rows[:2]] == [disputed.at.number, other.at.number]
    object_to(batch.at.publicity.items.get(subject_id=disputed.pk), step="accepted")
    batch.cleared()
    batch.marked()
    batch.paying()
    content = exports.export(by=desk.co, batch_id=batch.pk, kind=ExportKind.XLSX)
    head, rows = cells(content)
    assert [row[head["申请编号"]].value for row in rows[:1]] == [other.at.number]
    assert rows[1][head["金额（元）"]].value == batch.at.requested == 10000
    beside = f"未列入本清单：{disputed.at.number}（异议核查中，10,000.00元）"
    facts = [row[0].value for row in openpyxl.load_workbook(BytesIO(content)).active.iter_rows(max_row=12)]
    assert {"申请拨款：10,000.00元", "拨款文号：桂财企〔2026〕12号", "已落实：10,000.00元", beside} <= set(facts)
    _, text = text_of(exports.export(by=desk.co, batch_id=batch.pk, kind=ExportKind.PDF))
    assert "合计1笔" in text
    assert beside in text


def test_the_paper_tells_what_is_paid_already():
    pay = make_payout("paid")
    _, text = text_of(exports.export(by=pay.case.desk.fn, batch_id=pay.case.batch.pk, kind=ExportKind.PDF))
    assert f"已支付{pay.at.voucher_no}2026-03-02" in text


def test_the_sheet_prints_as_wide_as_one_page(batch):
    content = exports.export(by=batch.desk.co, batch_id=batch.pk, kind=ExportKind.XLSX)
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)


def test_digests_stay_on_the_paper_and_times_are_those_of_the_region():
    """An SM3 is broken in two lines: in one it would run off the page. 02:00 UTC is 10:00 here."""
    case = make_claim("submitted")
    pages, text = text_of(packs.pdf(case.at))
    digest = case.at.materials["contract"]["digest"]
    assert f"{digest[:32]}\n{digest[32:]}" in pages[0]
    assert "签署时间2026-03-0210:00" in text
    assert "验收金额12,500.00元，服务券10,000.00元" in text
