"""The house's own products and their versions, and the list of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from portal.kit.lists import Column, Filter, Listing
from portal.provider.common import categories, category_choices, tone
from providers import selectors
from providers.models import Product, ProductVersion
from providers.states import ProductState


def product_page(product: Product) -> str:
    return reverse("provider:product", kwargs={"pk": product.pk})


def version_page(version: ProductVersion) -> str:
    return reverse("provider:version", kwargs={"pk": version.pk})


def own_products(by: User) -> QuerySet[Product]:
    """The products of the caller's own provider."""
    return selectors.visible_products(by).filter(provider__organisation=by.organisation_id)


def own_versions(by: User) -> QuerySet[ProductVersion]:
    """Every version of them."""
    return selectors.visible_versions(by).filter(product__provider__organisation=by.organisation_id)


def with_category(rows: list[Any]) -> list[Any]:
    known = categories()
    for row in rows:
        row.category_name = known[row.category].name if row.category in known else row.category
    return rows


LIST = Listing(
    name="products",
    caption="服务产品",
    columns=(
        Column(
            name="name",
            label="产品",
            show="name",
            second="category_name",
            sort="name",
            place="title",
            link=product_page,
        ),
        Column(name="price", label="现标价（元）", show=lambda row: row.current and row.current.price, kind="money"),
        Column(name="revision", label="现行版本", show=lambda row: row.revision and f"第{row.revision}版"),
        Column(name="pending", label="新版本", show=lambda row: "审核中" if row.change_pending else ""),
        Column(name="until", label="在架至", show="shelf_to", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=ProductState.choices),
        Filter(name="category", label="服务类别", narrow="category", choices=category_choices),
        Filter(name="name", label="名称", narrow="name__icontains", kind="text"),
    ),
    prepare=with_category,
    empty="还没有产品。先申报产品，再在征集期内送审；审定公示后上架。",
)
