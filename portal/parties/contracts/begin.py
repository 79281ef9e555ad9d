"""How a contract begins: choose a product, write the terms beside what they come to, and have a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpResponseBase
from django.urls import reverse

from accounts.models import User
from contracts import selectors
from contracts import serializers as s
from contracts.models import Contract
from contracts.services import drafting
from demands import selectors as demands
from demands.models import Demand, Response
from demands.states import DEMAND_SHOWN, ResponseState
from enterprises.models import Enterprise
from foundation import clock
from portal.kit.access import ENTERPRISE, PARTIES, PROVIDER, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.lists import Column, Filter, Listing
from portal.parties.contracts import forms, looks
from programmes import selectors as programmes
from providers import selectors as providers
from providers.models import Product
from providers.states import ProductState

MOST_OFFERED = 200  # records in one drop-down


def offered(by: User) -> models.QuerySet[Product]:
    """The products on which the person may draft today: the catalogue for an enterprise, a provider's own."""
    rows = providers.visible_products(by).filter(state=ProductState.ON_SHELF, shelf_from__lte=clock.today())
    if by.has(*PROVIDER):
        rows = rows.filter(provider__organisation=by.organisation_id)
    return rows.select_related("provider__organisation")


def _draft_page(product: Product) -> str:
    return reverse("contract-draft-act", kwargs={"pk": product.pk, "act": "draft"})


def _categories() -> list[tuple[str, str]]:
    rules = programmes.latest_notice(clock.today()).parsed
    return [(one.code, one.name) for one in rules.categories.values()]


PRODUCTS = Listing(
    name="products",
    caption="可起草合同的服务产品",
    columns=(
        Column(
            name="name",
            label="服务产品",
            show="name",
            second="provider.organisation.name",
            link=_draft_page,
            place="title",
        ),
        Column(name="category", label="服务类别", show=lambda row: row.category_name, place="kind"),
        Column(name="price", label="价格（元）", show="current.price", kind="money", second="current.price_unit"),
    ),
    filters=(
        Filter(name="category", label="服务类别", narrow="category", choices=_categories),
        Filter(name="name", label="产品名称", narrow="name__icontains", kind="text"),
        Filter(name="provider", label="服务商", narrow="provider__organisation__name__icontains", kind="text"),
    ),
    empty="今天没有可以起草合同的上架产品。产品经审定、公示并上架后，会出现在这里。",
    export=False,
    acts=lambda row: (("起草合同", _draft_page(row)),),
)


@pages_for(*PARTIES)
def new(request: Asked) -> HttpResponseBase:
    """Choose the product the contract is about."""
    names = dict(_categories())

    def named(found: list[Any]) -> list[Any]:
        for row in found:
            row.category_name = names.get(row.category, row.category)
        return found

    listing = replace(PRODUCTS, prepare=named)
    return listing.answer(request, offered(request.user), "portal/parties/contracts/new.html", {})


def _enterprise(by: User) -> Enterprise | None:
    return Enterprise.objects.filter(organisation=by.organisation_id).first() if by.has(*ENTERPRISE) else None


def _answered(by: User, product: Product) -> models.QuerySet[Demand]:
    """The demands on which this product's provider may be contracted: shown, without a contract, nobody else taken up."""
    rows = Demand.objects.filter(state__in=DEMAND_SHOWN, contract=None).select_related("enterprise__organisation")
    if by.has(*ENTERPRISE):
        taken_up = Response.objects.filter(demand=models.OuterRef("pk"), state=ResponseState.TAKEN_UP)
        other = models.Exists(taken_up.exclude(provider=product.provider_id))
        return rows.filter(~other, pk__in=demands.visible_demands(by).values("pk")).order_by("-pk")
    own = demands.visible_responses(by).filter(state=ResponseState.TAKEN_UP, provider=product.provider_id)
    return rows.filter(pk__in=own.values("demand")).order_by("-pk")


def _choices(by: User, product: Product) -> dict[str, list[tuple[str, str]]]:
    """The demands it may answer; for a provider also the enterprises: those demands', and those it contracted with."""
    answered = list(_answered(by, product)[:MOST_OFFERED])
    found = {"demand": [(str(one.pk), one.title) for one in answered]}
    if by.has(*PROVIDER):
        known = Enterprise.objects.filter(
            models.Q(pk__in=[one.enterprise_id for one in answered])
            | models.Q(pk__in=selectors.visible_to(by).values("enterprise"))
        )
        found["enterprise"] = [
            (str(one.pk), one.organisation.name) for one in known.select_related("organisation")[:MOST_OFFERED]
        ]
    return found


def _given(by: User, product: Product) -> dict[str, Any]:
    enterprise = _enterprise(by)
    return {"product": str(product.pk)} | ({"enterprise": str(enterprise.pk)} if enterprise is not None else {})


def _initial(by: User, product: Product) -> dict[str, Any]:
    enterprise = _enterprise(by)
    today = clock.today()
    return {
        "amount": product.current.price if product.current is not None else None,
        "start_date": today,
        "category": product.current.category if product.current is not None else product.category,
        "provider_id": product.provider_id,
        "enterprise_id": enterprise.pk if enterprise is not None else None,
    }


def _draft(by: User, product: Product, data: dict[str, Any]) -> Contract:
    enterprise_id: UUID = data["enterprise"]
    return drafting.draft(
        by=by,
        enterprise_id=enterprise_id,
        product_id=product.pk,
        demand_id=data.get("demand"),
        terms=s.TermsIn().terms(data),
    )


DRAFTS = Deck(
    name="contract-draft",
    roles=PARTIES,
    rows=offered,
    title=lambda row: "选择服务产品",
    home=lambda row: reverse("contract-new"),
    crumbs=lambda row: [("服务合同", reverse("contracts"))],
    acts=(
        Act(
            name="draft",
            linked=("demand",),
            label="起草合同",
            tone="main",
            icon="pen",
            form=forms.TermsForm,
            intro="写明金额、期限和关键环节；定金、服务券和余款随填随算。草稿经双方同意后才发起签署，起草不占用资金。",
            article="11,18,22",
            run=_draft,
            choices=_choices,
            initial=_initial,
            given=_given,
            goes=looks.page,
            template="portal/parties/contracts/draft.html",
            shown=lambda by, row: {"product": row},
            done="草稿已保存，请对方核对并同意。",
        ),
    ),
)
