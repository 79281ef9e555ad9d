"""预算: what is there, what is bound, what is left, when signing paused; every figure explained (第十二条, 第二十一条)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from contracts import selectors as contracts
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import public
from programmes import explanations, selectors
from settlement import selectors as settlement

TREND_SECONDS = 300  # the months are read from all contracts of the year: often enough for a trend
NAMES = {"total": "预算总额", "committed": "已占用", "approved": "已审定未支付", "paid": "已支付", "left": "剩余"}


@public
def budget(request: HttpRequest, year: int | None = None) -> HttpResponseBase:
    """The year's figures by the ledger at this moment, each with where it comes from."""
    this_year = clock.today().year
    years = sorted({*selectors.years(), this_year}, reverse=True)
    asked = year or this_year
    if asked not in years:
        raise not_found(f"{asked}年度预算")
    as_of, figures = clock.now(), selectors.figures(asked)
    notice = selectors.notice_of_year(asked)
    made = explanations.of_budget(figures, notice, list(selectors.entries(asked)))
    context = {
        "year": asked,
        "years": years,
        "as_of": as_of,
        "figures": figures,
        "in_effect": figures.committed - figures.reserved,
        "settled": figures.approved + figures.paid,
        "explained": [(NAMES[one.figure], one) for one in made],
        "suspensions": list(selectors.suspensions(asked)),
        "line": notice.parsed.smallest_voucher if notice is not None else None,
        "trend": cache.get_or_set(f"budget-trend-{asked}", lambda: _trend(asked), TREND_SECONDS),
    }
    return render(request, "portal/public/budget.html", context)


def _trend(year: int) -> dict[str, Any]:
    """Twelve months of what took effect and what was paid, and when they were read."""
    bound, paid = contracts.effective_by_month(year), settlement.paid_by_month(year)
    return {
        "bound": [(f"{month}月", bound.get(month, Decimal(0))) for month in range(1, 13)],
        "paid": [(f"{month}月", paid.get(month, Decimal(0))) for month in range(1, 13)],
        "any_bound": bool(bound),
        "any_paid": bool(paid),
        "as_of": clock.now(),
    }
