"""Lists: filters in words, keyset pages forward and back with ties, sorting, spreadsheets in text cells."""

from __future__ import annotations

import base64
import io
import json
import re
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from accounts.states import OrganisationKind
from foundation.errors import Invalid
from portal.kit import lists
from portal.kit.lists import Column, Filter, Listing
from tests.factories.accounts import make_organisation

pytestmark = pytest.mark.django_db
LIST = Listing(
    name="organisations",
    caption="组织",
    columns=(
        Column(name="name", label="名称", show="name", sort="name"),
        Column(name="city", label="市", show="city", sort="city"),
        Column(name="code", label="代码", show="uscc"),
    ),
    filters=(
        Filter(name="kind", label="类别", narrow="kind", choices=OrganisationKind.choices),
        Filter(name="name", label="名称", narrow="name__contains", kind="text"),
        Filter(name="since", label="登记之日", narrow="created_at__date__gte", kind="date"),
        Filter(name="year", label="年度", narrow="created_at__year", kind="year"),
    ),
    per_page=4,
)


@pytest.fixture
def ten():
    """Ten enterprises of three cities: each city is a tie of several."""
    return [make_organisation(name=f"企业{n:02d}", city=f"4501{n % 3:02d}") for n in range(10)]


def page(query: str = ""):
    return LIST.page(QueryDict(query), Organisation.objects.all())


def walk(sort: str, way: str = "older", cursor: str = "after", start: str = "") -> list[list[str]]:
    """Every page from the start on, by its names."""
    seen, query = [], f"sort={sort}{start}"
    while True:
        shown = page(query)
        seen.append([row.name for row in shown.rows])
        following = getattr(shown, way)
        if not following:
            return seen
        query = f"sort={sort}&{cursor}={following}"


@pytest.mark.parametrize("sort", ["", "name", "-name", "city", "-city"])
def test_pages_forward_have_every_row_once_in_order(ten, sort):
    pages = walk(sort)
    assert [len(one) for one in pages] == [4, 4, 2]
    flat = [name for one in pages for name in one]
    key = {"name": lambda row: (row.name,), "city": lambda row: (row.city, row.pk), "": lambda row: (row.pk,)}
    ordered = sorted(ten, key=key[sort.lstrip("-")], reverse=sort.startswith("-") or not sort)
    assert flat == [row.name for row in ordered]


def forged(value, pk) -> str:
    return base64.urlsafe_b64encode(json.dumps([value, pk]).encode()).decode().rstrip("=")


KEY = "0192f3c4-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("sort", "value", "pk"),
    [
        ("", None, "abc"),
        ("", None, "9" * 400),
        ("", None, "\0"),
        ("", None, 7),
        ("name", None, KEY),
        ("name", "a\0b", KEY),
        ("name", "\ud800", KEY),
        ("name", ["a"], KEY),
        ("name", "a", "abc"),
    ],
)
def test_a_cursor_that_no_page_gave_is_refused_before_the_database_sees_it(ten, sort, value, pk):
    shown = page(f"sort={sort}&after={forged(value, pk)}")
    assert shown.rows == []
    assert shown.problem.startswith("筛选条件“翻页位置”的值")


def test_the_wide_space_of_chinese_typing_is_no_fault_of_a_filter(ten):
    make_organisation(name="企业　南宁")
    assert [row.name for row in page("name=企业　南").rows] == ["企业　南宁"]


@pytest.mark.parametrize("sort", ["", "name", "-name", "city", "-city"])
def test_pages_back_are_the_pages_forward(ten, sort):
    forward = walk(sort)
    shown = page(f"sort={sort}")
    while shown.older:
        shown = page(f"sort={sort}&after={shown.older}")
    back = [[row.name for row in shown.rows]]
    while shown.newer:
        shown = page(f"sort={sort}&before={shown.newer}")
        back.insert(0, [row.name for row in shown.rows])
    assert [name for one in back for name in one] == [name for one in forward for name in one]
    assert shown.newer == ""


def test_the_first_page_has_none_before_it_and_the_last_none_after(ten):
    first = page()
    assert (bool(first.older), first.newer) == (True, "")
    last = page("after=" + page("after=" + first.older).older)
    assert (last.older, bool(last.newer)) == ("", True)


def test_how_many_there_are_is_exact_up_to_a_limit(ten, monkeypatch):
    assert page().count == "10"
    monkeypatch.setattr(lists, "COUNTED", 9)
    assert page().count == "9以上"


def test_filters_narrow_and_stay_in_the_addresses_of_other_pages(ten):
    shown = page("name=企业0&kind=enterprise")
    assert shown.count == "10"
    assert parse_qs(shown.query) == {"name": ["企业0"], "kind": ["enterprise"]}
    assert page("name=企业07").count == "1"
    assert page("kind=provider").count == "0"


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("kind=nobody", "筛选条件“类别”的值“nobody”不可用，请从列表中选择。"),
        ("since=2026-13-01", "筛选条件“登记之日”的值“2026-13-01”不可用，请写成 2026-03-01 这样的日期。"),
        ("since=0001-01-01", "筛选条件“登记之日”的值“0001-01-01”不可用，请写成 2026-03-01 这样的日期。"),
        ("since=9999-12-31", "筛选条件“登记之日”的值“9999-12-31”不可用，请写成 2026-03-01 这样的日期。"),
        ("year=26", "筛选条件“年度”的值“26”不可用，请写成四位数字，例如 2026。"),
        ("year=２０２６", "筛选条件“年度”的值“２０２６”不可用，请写成四位数字，例如 2026。"),
        ("name=%00", "筛选条件“名称”的值“不可见字符”不可用，请写80字以内的文字。"),
        ("sort=code", "筛选条件“排序”的值“code”不可用，请点击表头排序。"),
        ("after=xyz", "筛选条件“翻页位置”的值“xyz”不可用，请从第一页重新翻起。"),
        ("before=bm8", "筛选条件“翻页位置”的值“bm8”不可用，请从第一页重新翻起。"),
    ],
)
def test_what_cannot_be_read_is_said_and_shows_no_rows(ten, query, problem):
    shown = page(query)
    assert (shown.problem, shown.rows) == (problem, [])


def test_a_page_costs_the_same_for_three_rows_and_thirty(ten):
    with CaptureQueriesContext(connection) as few:
        list(page("name=企业07").cells)
    for n in range(30):
        make_organisation(name=f"又一家{n:02d}")
    with CaptureQueriesContext(connection) as many:
        list(page().cells)
    assert len(many) - len(few) <= 1  # counting, which a list of one page does not need
    with CaptureQueriesContext(connection) as middle:
        list(page(f"after={page().older}").cells)
    assert len(middle) == 2 * len(many)


def sheet(query: str = ""):
    """Its lines as values, and the sheet itself."""
    answer = LIST.sheet(QueryDict(query), Organisation.objects.all())
    assert re.search(r"attachment; filename\*=utf-8''.+\.xlsx", answer["Content-Disposition"])
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    answer.close()
    return [[cell.value for cell in row] for row in book.active.iter_rows()], book.active


def test_a_spreadsheet_has_every_row_that_the_filters_let_through(ten):
    lines, _ = sheet("name=企业0&sort=name")
    assert lines[0] == ["名称", "市", "代码"]
    assert [line[0] for line in lines[1:]] == [f"企业{n:02d}" for n in range(10)]


def test_a_smaller_line_with_a_name_is_a_column_of_the_spreadsheet(ten):
    column = Column(name="name", label="名称", show="name", second="city", second_label="市")
    assert [label for label, _ in column.exported()] == ["名称", "市"]
    row = Organisation.objects.first()
    assert [value(row) for _, value in column.exported()] == [row.name, row.city]
    assert [label for label, _ in Column(name="x", label="名称", show="name", second="city").exported()] == ["名称"]


def test_every_cell_of_a_spreadsheet_is_text(ten):
    make_organisation(name='=HYPERLINK("http://example.invalid","x")', city="450100")
    make_organisation(name="+861234", city="450100")
    _, active = sheet("sort=name")
    cells = [cell for row in active.iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert {cell.hyperlink for cell in cells} == {None}
    assert '=HYPERLINK("http://example.invalid","x")' in {cell.value for cell in cells}
    assert "+861234" in {cell.value for cell in cells}


def test_a_spreadsheet_that_would_be_too_long_is_refused_with_the_number(ten, monkeypatch):
    monkeypatch.setattr(lists, "MOST_EXPORTED", 9)
    with pytest.raises(Invalid) as refused:
        sheet()
    assert refused.value.code == "EXPORT_TOO_LARGE"
    assert refused.value.details["limit"] == 9
    assert len(sheet("name=企业03")[0]) == 2


def test_a_link_of_a_head_sorts_by_it_and_then_the_other_way(ten):
    assert [(one["next"], one["order"]) for one in page().heads] == [("name", ""), ("city", ""), ("code", "")]
    assert page("sort=city").heads[1] | {"column": None} == {"column": None, "next": "-city", "order": "ascending"}
    assert page("sort=-city").heads[1] | {"column": None} == {"column": None, "next": "city", "order": "descending"}


def test_a_cursor_says_where_it_is_and_nothing_else_can_be_read_with_it(ten):
    """A forged cursor moves the window; the rows stay those that the person may see."""
    forged = urlsplit("?after=" + page().older).query.removeprefix("after=")
    shown = LIST.page(QueryDict(f"after={forged}"), Organisation.objects.none())
    assert shown.rows == []
