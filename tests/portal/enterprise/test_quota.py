"""用券额度: the year's figures explained, the ledger with what each movement left, other years, the spreadsheet."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import time_machine

from contracts import jobs
from foundation import clock
from tests.factories.contracts import make_contract
from tests.factories.enterprises import grant_year
from tests.factories.programmes import open_year
from tests.portal.enterprise.support import make_house, queries_of, said, signed_in

pytestmark = pytest.mark.django_db


def test_every_movement_stands_with_what_it_left_newest_first():
    deal = make_contract("effective", amount="12500.00", voucher="10000.00")
    answer = signed_in(deal.parties.eo).get("/e/quota/")
    lines = [(one.entry.act_label, one.change, one.after["available"]) for one in answer.context["movements"]]
    assert lines == [
        ("承诺", Decimal("0.00"), Decimal("290000.00")),
        ("预占", Decimal("-10000.00"), Decimal("290000.00")),
        ("首次匹配", Decimal("300000.00"), Decimal("300000.00")),
    ]


def test_one_kind_of_movement_can_be_looked_at_alone():
    deal = make_contract("effective")
    answer = signed_in(deal.parties.eo).get("/e/quota/", {"act": "hold"})
    assert [one.entry.act_label for one in answer.context["movements"]] == ["预占"]


def test_the_figure_left_is_explained_in_words_and_amounts():
    house = make_house(active=True, tier="20")
    answer = signed_in(house.eo).get("/e/quota/")
    explained = answer.context["explained"]
    assert explained.inputs["现额度"] == "200,000.00元"
    assert explained.result == "200,000.00元"
    assert "quota" not in explained.inputs


def test_the_end_of_the_year_follows_the_notice():
    house = make_house(active=True)
    answer = signed_in(house.eo).get("/e/quota/")
    assert answer.context["claim_end"] == answer.context["notice"].parsed.year_end.claim_end(2026)
    assert "2026年末尚未使用的额度作废" in said(answer)


def test_a_year_without_a_quota_says_what_to_do():
    house = make_house(active=True)
    answer = signed_in(house.eo).get("/e/quota/", {"year": "2025"})
    assert answer.status_code == 200
    assert "2025年度还没有下达额度" in said(answer)


def test_other_years_are_one_click_away(morning):
    house = make_house(active=True)
    morning.move_to("2027-01-04T02:00:00+00:00")
    open_year(2027)
    grant_year(house.row, 2027)
    answer = signed_in(house.eo).get("/e/quota/")
    assert (answer.context["year"], answer.context["years"]) == (2027, [2027, 2026])


@pytest.mark.parametrize("year", ["26", "abcd", "２０２６", "1999"])
def test_what_is_no_year_is_refused_in_words(year):
    answer = signed_in(make_house(active=True).eo).get("/e/quota/", {"year": year})
    assert answer.status_code == 400
    assert "年度须为四位数字" in said(answer)


def test_the_spreadsheet_has_every_movement_oldest_first():
    deal = make_contract("signed", amount="12500.00", voucher="10000.00")
    answer = signed_in(deal.parties.eo).get("/e/quota/", {"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:5] == ["序号", "时间", "事项", "合同编号", "金额（元）"]
    assert [[cell or "" for cell in row[2:5]] for row in rows[1:]] == [
        ["首次匹配", "", "300000.00"],
        ["预占", deal.at.number, "10000.00"],
    ]


def test_it_costs_the_same_for_many_movements():
    deal = make_contract("signed", amount="3000.00")
    few = queries_of(deal.parties.eo, "/e/quota/")
    for _ in range(4):
        make_contract("signed", parties=deal.parties, amount="3000.00")
    assert queries_of(deal.parties.eo, "/e/quota/") == few


def test_what_is_void_is_not_called_used_and_a_job_has_a_name():
    house = make_house(active=True, tier="30")
    with time_machine.travel(clock.start_of(date(2027, 1, 2)), tick=False):
        jobs.close_year(clock.today())
        page = said(signed_in(house.eo).get("/e/quota/", {"year": "2026"}))
    assert 'aria-label="已用 0%"' in page
    assert "300,000.00" in page
    assert "平台（年末结转）" in page
    assert "close_year" not in page
