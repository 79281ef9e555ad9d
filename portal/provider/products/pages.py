"""The pages of products: all of them, one, one of its versions with what the pre-check says (第八、九条)."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render

from accreditation import selectors as accreditation
from engines.evidence.selectors import of_subject
from foundation.errors import not_found
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.provider.common import tone
from portal.provider.products.deck import DECK, NEW, VERSION_DECK
from portal.provider.products.offer import LABELS
from portal.provider.products.rows import LIST, own_products, own_versions, version_page, with_category
from providers import selectors
from providers.services import prechecking
from providers.states import VERSION_EDITABLE, PrecheckResult

LEVELS = {"fail": ("bad", "不符合"), "warn": ("warn", "须说明"), "note": ("off", "提示")}
VERDICTS = {PrecheckResult.PASSED: "ok", PrecheckResult.FAILED: "bad", PrecheckResult.PARTLY: "warn"}


@pages_for(*PROVIDER)
def products(request: Asked) -> HttpResponseBase:
    """Every product of the provider, whatever its state."""
    selectors.own(request.user)
    context = {"acts": NEW.offered(request.user, None)}
    return LIST.answer(request, own_products(request.user), "portal/provider/products.html", context)


@pages_for(*PROVIDER)
def product(request: Asked, pk: str) -> HttpResponseBase:
    """One product: its terms, versions, prices over time, and what may be done."""
    by = request.user
    row = own_products(by).filter(pk=pk).first()
    if row is None:
        raise not_found("产品")
    with_category([row])
    versions = own_versions(by).filter(product=row).order_by("-number")
    context = {
        "product": row,
        "tone": tone(row),
        "terms": row.current,
        "versions": [(one, tone(one), version_page(one)) for one in versions],
        "prices": selectors.prices(row),
        "acts": DECK.offered(by, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/provider/product.html", context)


@pages_for(*PROVIDER)
def version(request: Asked, pk: str) -> HttpResponseBase:
    """One version whole, with what the pre-check says of it and the application it stands in."""
    by = request.user
    row = own_versions(by).filter(pk=pk).first()
    if row is None:
        raise not_found("产品版本")
    with_category([row])
    kept = row.precheck if row.state not in VERSION_EDITABLE else None
    told = kept or prechecking.ask(row).as_dict()
    context = {
        "version": row,
        "terms": row,
        "tone": tone(row),
        "precheck": told,
        "precheck_tone": VERDICTS.get(told["result"], "off"),
        "findings": [(*LEVELS[one["level"]], LABELS.get(one["field"], ""), one["message"]) for one in told["findings"]],
        "case": accreditation.live_case_of(row),
        "acts": VERSION_DECK.offered(by, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/provider/version.html", context)
