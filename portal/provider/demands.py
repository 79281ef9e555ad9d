"""Demands that fit what the provider offers, and its answer to one (第十八条第（四）项)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from demands import offers, policies, selectors
from demands import serializers as bodies
from demands.filters import BoardFilter
from demands.matching import suggest
from demands.models import Demand, Response
from demands.services import responding
from demands.services.responding import Quote
from demands.states import RESPONSE_LIVE, DemandState
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.parties import responses
from portal.provider.common import categories, category_choices
from portal.public import words
from providers import selectors as providers
from registry import reference

FEW = 6  # suggestions above the board
_BOARD = BoardFilter(queryset=Demand.objects.none())


def demand_page(row: Demand) -> str:
    return reverse("provider:demand", kwargs={"pk": row.pk})


def _named(rows: list[Any]) -> list[Any]:
    """With the names of their categories and of the enterprise's city."""
    known, regions = categories(), reference.regions()
    for row in rows:
        row.category_names = "、".join(known[one].name if one in known else one for one in row.categories) or "未填类别"
        region = regions.get(f"{row.enterprise.region_code[:4]}00")
        row.city_name = region.name if region else ""
    return rows


def _cities() -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in reference.regions().values() if one.level == "city"]


BOARD = Listing(
    name="board",
    caption="展示中的需求",
    columns=(
        Column(name="title", label="需求", show="title", second="category_names", place="title", link=demand_page),
        Column(name="enterprise", label="企业", show="enterprise.name", second="city_name"),
        Column(name="fee", label="可接受费用", show=words.fee),
        Column(name="answers", label="已有应答", show="answers", kind="number"),
        Column(name="published", label="发布时间", show="published_at", kind="moment", sort="published_at"),
        Column(name="until", label="展示至", show="shown_until", kind="date", sort="shown_until"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: "run" if row.state == DemandState.PUBLISHED else "warn",
            place="corner",
        ),
    ),
    filters=(
        Filter(
            name="category",
            label="服务类别",
            narrow=lambda rows, value: _BOARD.of_category(rows, "category", value),
            choices=category_choices,
        ),
        Filter(
            name="city", label="设区市", narrow=lambda rows, value: _BOARD.in_city(rows, "city", value), choices=_cities
        ),
        Filter(name="q", label="关键词", narrow=lambda rows, value: _BOARD.about(rows, "q", value), kind="text"),
    ),
    sort="-published",
    prepare=_named,
    empty="现在没有展示中的需求。企业发布后会列在这里；合适的会在本页上方推荐。",
)


class QuoteForm(BodyForm):
    body = bodies.DemandQuoteIn
    labels = {"price": "报价（含税）", "days": "服务天数", "proposal": "服务方案", "product": "所用产品"}
    helps = {
        "proposal": "怎么做、分几步、何时交付；只有该企业和管理部门能看到。",
        "product": "签约须用在架产品，建议选择。",
    }


def own_offers(by: User) -> QuerySet[Any]:
    """The answers of the caller's own provider, each with `unread`."""
    return selectors.visible_responses(by).filter(provider__organisation=by.organisation_id)


def _own_live(by: User, row: Demand) -> Response | None:
    return own_offers(by).filter(demand=row, state__in=sorted(RESPONSE_LIVE)).first()


def _may_offer(by: User, row: Demand) -> bool:
    provider = providers.own(by)
    listed = providers.is_listed(provider.pk, clock.today())
    other = provider.uscc != row.enterprise.uscc
    free = row.state == DemandState.PUBLISHED and _own_live(by, row) is None
    return listed and other and free and policies.acts_for_provider(by, provider)


def _respond(by: User, row: Demand, data: dict[str, Any]) -> Response:
    quote = Quote(data["price"], data["days"], data["proposal"], data.get("product"))
    return responding.respond(by=by, provider_id=providers.own(by).pk, demand_id=row.pk, quote=quote)


def _products(by: User) -> list[tuple[str, str]]:
    found = offers.read_of(providers.own(by).pk)
    return [(str(one.id), f"{one.name}（标价{one.price:,.2f}元）") for one in found]


DECK = Deck(
    name="provider:demand",
    roles=PROVIDER,
    rows=lambda by: selectors.board(),
    title=lambda row: row.title,
    acts=(
        Act(
            name="offer",
            label="应答报价",
            tone="main",
            icon="handshake",
            intro="报价和方案只有该企业、贵机构和管理部门可见；一家机构对一项需求只有一份有效应答。",
            article="18",
            form=QuoteForm,
            may=_may_offer,
            choices=lambda by, row: {"product": _products(by)},
            run=_respond,
            goes=responses.page,
            done="应答已送达企业。",
        ),
    ),
)


@pages_for(*PROVIDER)
def board(request: Asked) -> HttpResponseBase:
    """What fits one's own products, with why, and all that is on the board."""
    provider = providers.own(request.user)
    htmx = request.htmx and request.htmx.target == BOARD.name
    context = {
        "suited": [] if htmx else suited(provider.pk),
        "listed": providers.is_listed(provider.pk, clock.today()),
    }
    return BOARD.answer(request, selectors.board(), "portal/provider/demands.html", context)


def suited(provider_id: Any, few: int = FEW) -> list[dict[str, Any]]:
    """The demands that fit best: each with the product, why it was found, and its page."""
    found = suggest.demands_for(provider_id, limit=few)
    _named([one.subject for one in found])
    why = bodies.WhyOut()
    return [
        {
            "demand": one.subject,
            "product": one.product,
            "why": why.get_why(one),
            "fee": words.fee(one.subject),
            "page": demand_page(one.subject),
        }
        for one in found
    ]


@pages_for(*PROVIDER)
def demand(request: Asked, pk: str) -> HttpResponseBase:
    """One demand on the board, and what one may do about it."""
    by = request.user
    row = selectors.board().filter(pk=pk).first()
    if row is None:
        raise not_found("需求")
    _named([row])
    mine = _own_live(by, row)
    context = {
        "demand": row,
        "fee": words.fee(row),
        "mine": mine,
        "mine_page": responses.page(mine) if mine is not None else "",
        "listed": providers.is_listed(providers.own(by).pk, clock.today()),
        "acts": DECK.offered(by, row),
    }
    return render(request, "portal/provider/demand.html", context)
