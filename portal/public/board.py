"""需求大厅: what enterprises look for, newest first (第十八条第（三）项)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from demands import filters, policies, selectors
from demands.matching import suggest
from demands.models import Demand
from demands.states import DemandState
from foundation.errors import not_found
from portal.kit.access import public
from portal.kit.lists import Column, Filter, Listing
from portal.public import common, words

PRODUCTS = 6


def page(demand: Demand) -> str:
    """The demand's page on the board."""
    return reverse("demand", kwargs={"pk": demand.pk})


def city(demand: Demand) -> str:
    return common.city_name(demand.enterprise.region_code)


def tone(demand: Demand) -> str:
    return "run" if demand.state == DemandState.PUBLISHED else "warn"


def _asks(name: str) -> Any:
    """The API's own filter of the board, by its name."""
    narrow = getattr(filters.BoardFilter, name)
    return lambda rows, value: narrow(None, rows, name, value)


def _paying(name: str, label: str) -> Any:
    narrow = _asks(name)

    def paying(rows: models.QuerySet[Any], text: str) -> models.QuerySet[Any]:
        found: models.QuerySet[Any] = narrow(rows, common.amount_of(text, label))
        return found

    return paying


def _kinds(demand: Demand) -> str:
    names = common.categories(demand.notice)
    return "、".join(names.get(code, code) for code in demand.categories) or "不限类别"


LIST = Listing(
    name="board",
    caption="需求大厅",
    columns=(
        Column(name="title", label="需求", show="title", second="enterprise.name", link=page, place="title"),
        Column(name="kinds", label="服务类别", show=_kinds, place="kind"),
        Column(name="city", label="所在市", show=city),
        Column(name="fee", label="可接受费用", show=words.fee),
        Column(name="published", label="发布时间", show="published_at", kind="moment", sort="published_at"),
        Column(name="until", label="展示至", show="shown_until", kind="date", sort="shown_until"),
        Column(name="answers", label="应答", show=lambda row: f"{row.answers}家"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=tone,
            place="corner",
        ),
    ),
    filters=(
        Filter(name="q", label="要找什么", narrow=_asks("about"), kind="text", hint="例如环评、MES"),
        Filter(name="category", label="服务类别", narrow=_asks("of_category"), choices=common.category_choices),
        Filter(name="city", label="所在市", narrow=_asks("in_city"), choices=common.cities),
        Filter(name="fee_from", label="费用不低于（元）", narrow=_paying("paying_at_least", "费用不低于"), kind="text"),
        Filter(name="fee_to", label="费用不高于（元）", narrow=_paying("paying_at_most", "费用不高于"), kind="text"),
    ),
    sort="-published",
    empty="目前没有展示中的需求。企业登录后即可发布，审核通过后在此展示。",
)


@public
def board(request: HttpRequest) -> HttpResponseBase:
    """Every demand on show, narrowed as asked."""
    rows = selectors.board().select_related("enterprise", "notice").defer("notice__rules")
    return LIST.answer(
        request, rows, "portal/public/board.html", {"may_post": common.leads_on(request, policies.may_post)}
    )


@public
def demand(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One demand, without who to call, and what is on the shelf that fits it."""
    row = selectors.board().select_related("enterprise", "notice").filter(pk=pk).first()
    if row is None:
        raise not_found("需求")
    context = {
        "demand": row,
        "tone": tone(row),
        "kinds": _kinds(row),
        "city": city(row),
        "fee": words.fee(row),
        "may_answer": common.leads_on(request, policies.may_answer),
        "fitting": suggest.products_for(row, limit=PRODUCTS),
    }
    return render(request, "portal/public/demand.html", context)
