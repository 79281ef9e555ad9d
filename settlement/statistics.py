"""What the year's contracts, vouchers and payments come to: by city, category, tier and month (第五条、第二十八条).

One query a dimension, whatever the number of contracts. Amounts in 元.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, ExtractMonth, Substr

from accounts.models import User
from contracts import selectors as contracts
from contracts.models import Contract
from contracts.states import CAME_TO_NOTHING
from enterprises.models import QuotaGrant
from foundation import clock
from foundation.money import ZERO
from programmes import selectors as programmes
from registry import reference


@dataclass(frozen=True)
class Line:
    """One city, category, tier or month. `vouchers` are final where the contract is accepted, else as signed."""

    code: str
    label: str
    contracts: int
    amount: Decimal
    vouchers: Decimal
    settled: int
    paid: Decimal


@dataclass(frozen=True)
class Statistics:
    """The year in all, and in its parts; the parts of each dimension sum to the whole."""

    year: int
    whole: Line
    cities: list[Line]
    categories: list[Line]
    tiers: list[Line]
    months: list[Line]


def counted(user: User, year: int) -> models.QuerySet[Contract]:
    """Contracts of the quota year that took effect and did not fail, of those the person may see."""
    rows = contracts.visible_to(user).filter(quota_year=year, effective_at__isnull=False)
    return rows.exclude(state__in=CAME_TO_NOTHING)


def of_year(user: User, year: int) -> Statistics:
    """The figures of the year as they stand now."""
    rows = counted(user, year)
    notice = programmes.notice_of_year(year)
    rules = notice.parsed if notice is not None else None
    grants = QuotaGrant.objects.filter(enterprise=OuterRef("enterprise"), year=year).order_by("-pk")
    categories = {code: one.name for code, one in rules.categories.items()} if rules is not None else {}
    tiers = {one.code: one.name for one in rules.tiers} if rules is not None else {}
    cities = {code[:4]: one.name for code, one in reference.regions().items() if one.level == "city"}
    return Statistics(
        year=year,
        whole=_line("", "合计", rows.aggregate(**sums())),
        cities=_grouped(rows, Substr("enterprise__region_code", 1, 4), cities),
        categories=_grouped(rows, F("category"), categories),
        tiers=_grouped(rows, Subquery(grants.values("tier_code")[:1]), tiers),
        months=_grouped(rows, ExtractMonth("signed_at", tzinfo=clock.SHANGHAI), _Months(), by_code=True),
    )


def years(user: User) -> list[int]:
    """The quota years in which some contract that the person may see took effect, the latest first."""
    rows = contracts.visible_to(user).filter(effective_at__isnull=False, quota_year__isnull=False)
    found = rows.order_by("-quota_year").values_list("quota_year", flat=True).distinct()
    return [year for year in found if year is not None]


def sums() -> dict[str, Any]:
    """What is added up of a set of contracts."""
    return {
        "number": Count("pk"),
        "worth": Sum(Coalesce("accepted_amount", "amount")),
        "vouchers": Sum(Coalesce("final_voucher", "voucher")),
        "settled": Count("pk", filter=Q(claim__paid__isnull=False)),
        "paid": Sum("claim__paid"),
    }


def _grouped(
    rows: models.QuerySet[Contract], by: Any, names: Mapping[str, str], *, by_code: bool = False
) -> list[Line]:
    found = rows.order_by().annotate(part=by).values("part").annotate(**sums())
    lines = [
        _line(str(one["part"] or ""), names.get(str(one["part"]), str(one["part"] or "未匹配")), one) for one in found
    ]
    order: Callable[[Line], Any] = (
        (lambda one: int(one.code or 0)) if by_code else (lambda one: (-one.vouchers, one.code))
    )
    return sorted(lines, key=order)


def _line(code: str, label: str, sums: Mapping[str, Any]) -> Line:
    return Line(
        code,
        label,
        sums["number"],
        sums["worth"] or ZERO,
        sums["vouchers"] or ZERO,
        sums["settled"],
        sums["paid"] or ZERO,
    )


class _Months(dict[str, str]):
    """A month's name by its number."""

    def get(self, key: str, default: Any = None) -> str:
        return f"{key}月"
