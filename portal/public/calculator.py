"""补贴计算: from a category and an amount to voucher, deposit and balance, each with its article (第十一条, 第十八条)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from contracts import estimates
from foundation.errors import Invalid
from portal.kit.access import public
from portal.public import common


@public
def calculator(request: HttpRequest) -> HttpResponseBase:
    """`?category=&amount=`: a page, or its result alone for htmx, which asks while one types and is answered 200."""
    notice = common.notice()
    names = common.categories(notice)
    category, typed = request.GET.get("category", ""), request.GET.get("amount", "").strip()
    context: dict[str, Any] = {
        "notice": notice,
        "categories": list(notice.parsed.categories.values()) if notice is not None else [],
        "chosen": category if category in names else next(iter(names), ""),
        "amount": typed,
    }
    if typed and notice is not None:
        try:
            if category not in names:
                raise Invalid("UNKNOWN_CATEGORY", "请选择服务类别。")
            context["estimate"] = estimates.estimate(notice, category, common.amount_of(typed, "合同金额"))
        except Invalid as error:
            context["problem"] = error.message
    part = getattr(request, "htmx", None)
    template = "portal/public/parts/estimate.html" if part else "portal/public/calculator.html"
    return render(request, template, context, status=400 if "problem" in context and not part else 200)
