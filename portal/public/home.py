"""首页."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accreditation import selectors as accreditation
from contracts import performance
from demands import selectors as demands
from foundation import clock
from portal.kit.access import public
from portal.public import common
from programmes import selectors as programmes
from programmes.models import Notice
from providers import selectors as providers

NEWS, DEMANDS, PRODUCTS = 6, 5, 6


@dataclass(frozen=True)
class Headline:
    """One line among notices and lists on show."""

    kind: str
    title: str
    address: str
    on: date


@public
def home(request: HttpRequest) -> HttpResponseBase:
    """What the voucher is, what is left of the budget, what is new, where to begin."""
    notice = common.notice()
    context = {
        "notice": notice,
        "rates": _rates(notice),
        "suspension": programmes.open_suspension(clock.today().year),
        "news": _news(),
        "demands": list(demands.board().order_by("-published_at", "-pk")[:DEMANDS]),
        "products": _products(),
        "categories": common.categories(notice),
    }
    return render(request, "portal/public/home.html", context)


def _news() -> list[Headline]:
    published = programmes.visible_notices(common.READER).defer("rules").order_by("-published_at")[:NEWS]
    lists = programmes.visible_publicities(common.READER).order_by("-first", "-pk")[:NEWS]
    found = [Headline("通知", one.title, reverse("notice", args=[one.pk]), _day(one)) for one in published]
    rounds = accreditation.visible_rounds(common.READER).order_by("-published_at", "-pk")[:NEWS]
    found += [Headline("征集", one.title, reverse("call", args=[one.pk]), one.opens_on) for one in rounds]
    found += [Headline("公示", one.title, reverse("publicity", args=[one.pk]), one.first) for one in lists]
    return sorted(found, key=lambda one: one.on, reverse=True)[:NEWS]


def _day(notice: Notice) -> date:
    return clock.local_date(notice.published_at) if notice.published_at is not None else notice.issued_on


def _products() -> list[dict[str, Any]]:
    """The newest on the shelf, each with how its provider fares."""
    rows = list(providers.visible_products(common.READER).order_by("-shelf_from", "-pk")[:PRODUCTS])
    figures = performance.performance({row.provider_id: row.provider for row in rows}.values())
    return [{"product": row, "figures": figures[row.provider_id]} for row in rows]


def _rates(notice: Notice | None) -> dict[str, Any]:
    """The rates and caps of diagnosis and of everything else, for the first sentence."""
    if notice is None:
        return {}
    kinds = list(notice.parsed.categories.values())
    diagnosis = max((one for one in kinds if one.is_diagnosis), key=lambda one: one.rate, default=None)
    others = max((one for one in kinds if not one.is_diagnosis), key=lambda one: one.rate, default=None)
    return {"diagnosis": diagnosis, "others": others}
