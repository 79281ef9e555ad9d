"""The year in figures: contracts, vouchers and payments by city, category, tier and month; charts with their tables."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpResponseBase
from django.shortcuts import render

from accounts.states import Role
from foundation import clock
from foundation.errors import not_found
from foundation.money import ZERO
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.lists import plain
from portal.kit.sheets import spreadsheet
from portal.officer import targets
from programmes.api.budget import FIRST_YEAR, LAST_YEAR
from settlement import statistics as figures
from settlement.statistics import Line, Statistics

HEADS = ("口径", "项目", "合同数", "合同金额（元）", "服务券（元）", "已兑付合同数", "已兑付（元）")


def parts(found: Statistics) -> list[tuple[str, list[Line]]]:
    """The dimensions in the order of the page."""
    return [
        ("按市", found.cities),
        ("按服务类别", found.categories),
        ("按企业档次", found.tiers),
        ("按签约月份", found.months),
    ]


@pages_for(*DECIDERS, Role.CITY)
def statistics(request: Asked, year: int | None = None) -> HttpResponseBase:
    """One year; a city reads its own enterprises'. `?export=xlsx` gives all of it as text cells."""
    year = year or clock.today().year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise not_found("年度")
    found = figures.of_year(request.user, year)
    if request.GET.get("export") == "xlsx":
        lines = [_cells("合计", found.whole)]
        lines += [_cells(name, line) for name, rows in parts(found) for line in rows]
        lines += targets.cells(request.user, year)
        return spreadsheet(f"{year}年度统计", HEADS, lines)
    context = {
        "year": year,
        "years": sorted({*figures.years(request.user), clock.today().year}, reverse=True),
        "whole": found.whole,
        "parts": [
            {"name": name, "lines": lines, "chart": _chart(lines, months=lines is found.months)}
            for name, lines in parts(found)
        ],
        **targets.shown(request.user, year),
    }
    return render(request, "portal/officer/statistics.html", context)


def _chart(lines: list[Line], *, months: bool) -> list[tuple[str, Decimal]]:
    """What the bars show; of the months all twelve, so that a quiet one is seen."""
    if not months:
        return [(one.label, one.vouchers) for one in lines]
    known = {one.code: one.vouchers for one in lines}
    return [(f"{month}月", known.get(str(month), ZERO)) for month in range(1, 13)]


def _cells(name: str, line: Line) -> list[str]:
    shown = (name, line.label, line.contracts, line.amount, line.vouchers, line.settled, line.paid)
    return [plain(one) for one in shown]
