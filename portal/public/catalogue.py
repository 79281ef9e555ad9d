"""服务产品: the catalogue, a search that says why it found what it found, and one product with its price history."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from contracts import estimates, performance, policies
from demands.matching import suggest
from foundation.errors import Invalid, not_found
from portal.kit.access import public
from portal.kit.lists import Column, Filter, Listing
from portal.public import common
from providers import selectors
from providers.models import Product

LONGEST = 60  # characters of a question, as in the API
MOST_COMPARED = 4  # columns that can be read beside one another
PICK = "product"


def page(product: Product) -> str:
    """The product's page."""
    return reverse("product", kwargs={"pk": product.pk})


def _priced(lookup: str, label: str) -> Any:
    def priced(rows: models.QuerySet[Any], text: str) -> models.QuerySet[Any]:
        return rows.filter(**{f"current__price__{lookup}": common.amount_of(text, label)})

    return priced


def _kind(product: Product) -> str:
    return common.categories(product.notice).get(product.category, product.category)


def _with_figures(rows: list[Product]) -> list[Product]:
    """Each with how its provider fares, asked once for the page."""
    figures = performance.performance({row.provider_id: row.provider for row in rows}.values())
    for row in rows:
        row.figures = figures[row.provider_id]  # type: ignore[attr-defined]
    return rows


def _length(product: Product) -> str:
    return f"{product.current.min_days}至{product.current.max_days}天" if product.current is not None else ""


def _fulfilled(product: Any) -> str:
    figures = product.figures
    return f"{figures.confirmed}/{figures.effective}份" if figures.effective else "尚无合同"


LIST = Listing(
    name="products",
    caption="服务产品",
    columns=(
        Column(name="name", label="服务产品", show="name", second="current.sub_type_name", link=page, place="title"),
        Column(name="category", label="类别", show=_kind, place="kind"),
        Column(
            name="provider",
            label="服务商",
            show="provider.name",
            link=lambda row: reverse("provider", kwargs={"pk": row.provider_id}),
        ),
        Column(name="price", label="标价（元）", show="current.price", kind="money", sort="current__price"),
        Column(name="days", label="服务天数", show=_length, place="code"),
        Column(name="fulfilled", label="履约（已确认/已生效）", show=_fulfilled),
        Column(name="rating", label="评价", show=lambda row: row.figures.rating_label, place="code"),
    ),
    filters=(
        Filter(name="category", label="服务类别", narrow="category", choices=common.category_choices),
        Filter(name="price_from", label="标价不低于（元）", narrow=_priced("gte", "标价不低于"), kind="text"),
        Filter(name="price_to", label="标价不高于（元）", narrow=_priced("lte", "标价不高于"), kind="text"),
    ),
    empty="目前没有在架产品。服务商申报的产品经评审、审定和公示后上架。",
    prepare=_with_figures,
    pick=PICK,
)


@public
def products(request: HttpRequest) -> HttpResponseBase:
    """The catalogue; with `?q=` what answers the question, best first, with the words that decided."""
    text = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"q": text, "longest": LONGEST, "most": MOST_COMPARED}
    if text:
        return _search(request, text, context)
    rows = selectors.visible_products(common.READER)
    return LIST.answer(request, rows, "portal/public/products.html", context)


def _search(request: HttpRequest, text: str, context: dict[str, Any]) -> HttpResponseBase:
    if len(text) > LONGEST or not text.isprintable():
        context["problem"] = f"要找的服务写{LONGEST}字以内的文字，现为{len(text)}字。"
        return render(request, "portal/public/search.html", context, status=400)
    context["found"] = suggest.products_about(text)
    return render(request, "portal/public/search.html", context)


@public
def compare(request: HttpRequest) -> HttpResponseBase:
    """Products beside one another, in the order in which they were named (`?product=` each)."""
    asked = list(dict.fromkeys(request.GET.getlist(PICK)))
    if len(asked) > MOST_COMPARED:
        raise Invalid("TOO_MANY_PRODUCTS", f"一次最多对比{MOST_COMPARED}个产品，您选了{len(asked)}个，请减少后重试。")
    rows = _chosen(asked)
    figures = performance.performance({row.provider_id: row.provider for row in rows}.values())
    shown = [
        {
            "product": row,
            "terms": row.current,
            "kind": _kind(row),
            "figures": figures[row.provider_id],
            "estimate": _estimate(row, row.current.price),
            "may_draft": common.leads_on(request, partial(policies.may_draft_on, product=row)),
        }
        for row in rows
        if row.current is not None
    ]
    return render(request, "portal/public/compare.html", {"shown": shown, "most": MOST_COMPARED})


def _chosen(asked: list[str]) -> list[Product]:
    """The products of the shelf with these keys, in that order. Raises FILTER_INVALID, NOT_FOUND."""
    try:
        keys = [UUID(one) for one in asked]
    except ValueError:
        raise Invalid("FILTER_INVALID", "要对比的产品无法识别，请在产品目录中勾选。") from None
    found = {row.pk: row for row in selectors.visible_products(common.READER).filter(pk__in=keys)}
    if len(found) < len(set(keys)):
        raise not_found("要对比的产品")
    return [found[key] for key in keys]


@public
def product(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One product: what is done, delivered and measured, what it costs, what a voucher would carry of it."""
    row = selectors.visible_products(common.READER).filter(pk=pk).first()
    if row is None or row.current is None or row.notice is None:
        raise not_found("产品")
    typed = request.GET.get("amount", "").strip()
    problem, amount = "", row.current.price
    try:
        amount = common.amount_of(typed, "合同金额") if typed else amount
    except Invalid as error:
        problem = error.message
    context = {
        "product": row,
        "terms": row.current,
        "kind": _kind(row),
        "prices": list(selectors.prices(row)),
        "figures": performance.performance([row.provider])[row.provider_id],
        "amount": typed or f"{amount:.2f}",
        "problem": problem,
        "estimate": _estimate(row, amount),
        "may_draft": common.leads_on(request, partial(policies.may_draft_on, product=row)),
    }
    part = getattr(request, "htmx", None)
    template = "portal/public/parts/estimate.html" if part else "portal/public/product.html"
    return render(request, template, context, status=400 if problem and not part else 200)


def _estimate(row: Product, amount: Decimal) -> estimates.Estimate | None:
    """What the rules of the shelf year make of the amount."""
    assert row.notice is not None  # noqa: S101 - looked at by the caller
    return estimates.estimate(row.notice, row.category, amount)
