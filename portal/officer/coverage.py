"""What is missing: tier by category what is on the shelf, and the demands that nobody answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import path

from demands.coverage import reports
from foundation import clock
from foundation.errors import DomainError
from foundation.money import yuan
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.officer.cases import Chip, Section, Table
from portal.officer.registration_acts import READERS
from programmes import selectors as programmes
from registry import selectors as registry


@pages_for(*READERS)
def coverage(request: Asked) -> HttpResponseBase:
    """Tier by category what is on the shelf, and the demands that nobody answers."""
    by = request.user
    city = "" if by.has(*DECIDERS) else by.organisation.city[:4]
    sections = [*_supply(), _silence(city)]
    return render(request, "portal/officer/coverage.html", {"sections": sections, "days": reports.SILENT_DAYS})


def _supply() -> list[Section]:
    try:
        found = reports.supply_today()
    except DomainError as error:
        return [Section(title="各档次可用的产品", text=error.message)]
    tiers = {one.tier: (one.tier_name, yuan(one.quota)) for one in found.cells}
    quotas = "，".join(f"{name}{quota}" for name, quota in tiers.values())
    by_category: dict[str, list[Any]] = {}
    for one in found.cells:
        by_category.setdefault(one.category_name, []).append(one)
    lines = [
        (
            name,
            f"{cells[0].products}个",
            f"{cells[0].providers}家",
            cells[0].middle_voucher or None,
            *(_reach(one) for one in cells),
        )
        for name, cells in by_category.items()
    ]
    missing: dict[str, list[str]] = {}
    for gap in found.without_product:
        missing.setdefault(gap["category_name"], []).append(gap["name"])
    return [
        Section(
            title="各档次在各类别可用的产品",
            text=f"按{found.notice}，在架产品{found.products}个。各档次下为年度额度（{quotas}）内可用的产品，括号内为按用券中位数每年可做的项数。",
            table=Table(
                ("类别", "在架产品", "服务商", "用券中位数", *(name for name, _ in tiers.values())),
                lines,
                frozenset({3}),
            ),
            empty="年度通知没有列出服务类别。",
            article="7,10,11",
        ),
        Section(
            title="没有产品的服务类型",
            table=Table(
                ("类别", "缺产品的类型"),
                [(f"{name}（{len(kinds)}种）", kinds) for name, kinds in missing.items()],
            ),
            empty="每种服务类型都有在架产品。",
            article="7",
        ),
    ]


def _reach(cell: Any) -> Any:
    """What a tier can use of a category within its quota."""
    return Chip("没有", "bad") if cell.empty else f"{cell.affordable}个（{cell.projects}项）"


def _silence(city: str) -> Section:
    notice = programmes.notice_of_year(clock.today().year)
    known = notice.parsed.categories if notice is not None else {}
    lines = [
        (
            found.name if (found := registry.region(one.city)) is not None else one.city,
            known[one.category].name if one.category in known else one.category or "未填类别",
            f"{one.demands}项",
            f"{one.longest_days}天",
        )
        for one in reports.silence_today(reports.SILENT_DAYS, city)
    ]
    return Section(
        title=f"发布满{reports.SILENT_DAYS}天无人应答的需求",
        table=Table(("市", "类别", "需求", "最长已等"), lines),
        empty="没有长期无人应答的需求。",
        article="18",
    )


URLS = [
    path("coverage/", coverage, name="coverage"),
]
