"""服务商名录: who is listed, and how each fares by its contracts (第十六条: 实时公布合同执行情况)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from contracts import performance
from foundation import clock
from foundation.errors import Invalid, not_found
from portal.kit.access import public
from portal.kit.lists import Column, Filter, Listing
from portal.public import common
from programmes import selectors as programmes
from providers import selectors
from providers.models import Provider
from registry import reference


def page(provider: Provider) -> str:
    """The provider's public page."""
    return reverse("provider", kwargs={"pk": provider.pk})


def region(provider: Provider) -> str:
    """City and county."""
    known = reference.regions().get(provider.region_code)
    name = known.name if known is not None else provider.region_code
    city = common.city_name(provider.region_code)
    return city if city == name else f"{city}{name}"


def _with_figures(rows: list[Provider]) -> list[Provider]:
    figures = performance.performance(rows)
    for row in rows:
        row.figures = figures[row.pk]  # type: ignore[attr-defined]
    return rows


def _share(name: str) -> Any:
    """A share of the figures as people write it; a dash while there is nothing to share."""

    def shown(row: Any) -> str:
        value = getattr(row.figures, name)
        return f"{value * 100:.1f}%" if value is not None else ""

    return shown


LIST = Listing(
    name="providers",
    caption="服务商名录",
    columns=(
        Column(name="name", label="服务商", show="name", second="uscc", link=page, place="title", sort="name"),
        Column(name="region", label="所在地", show=region, sort="region_code"),
        Column(name="until", label="资格有效期止", show="listed_until", kind="date"),
        Column(name="effective", label="生效合同", show="figures.effective", kind="number"),
        Column(name="confirmed", label="已确认", show="figures.confirmed", kind="number"),
        Column(name="completion", label="完成率", show=_share("completion_rate"), kind="number"),
        Column(name="on_time", label="按期交付率", show=_share("on_time_rate"), kind="number"),
        Column(name="rating", label="评价", show="figures.rating_label"),
        Column(name="complaints", label="查实投诉", show="figures.complaints", kind="number"),
    ),
    filters=(
        Filter(name="name", label="名称", narrow=lambda rows, text: common.words_in(rows, text, "name"), kind="text"),
        Filter(
            name="city",
            label="所在市",
            narrow=lambda rows, code: rows.filter(region_code__startswith=code[:4]),
            choices=common.cities,
        ),
        Filter(name="uscc", label="统一社会信用代码", narrow="uscc", kind="text"),
    ),
    sort="name",
    empty="目前没有在册服务商。服务商每年认定一次，经公示无异议后列入名录。",
    prepare=_with_figures,
)


@public
def providers(request: HttpRequest) -> HttpResponseBase:
    """Everybody listed today."""
    rows = selectors.with_listing(selectors.visible_providers(common.READER))
    return LIST.answer(request, rows, "portal/public/providers.html", {"explain": performance.explained(None)})


@public
def provider(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One provider: who it is, what its contracts show (`?year=`), what it offers."""
    row = selectors.with_listing(selectors.visible_providers(common.READER)).filter(pk=pk).first()
    if row is None:
        raise not_found("服务商")
    years = sorted({*programmes.years(), clock.today().year}, reverse=True)
    asked = request.GET.get("year", "")
    if asked and asked not in {str(year) for year in years}:
        raise Invalid("FILTER_INVALID", f"没有{asked[:8]}年度，请从年度中选择。")
    year = int(asked) if asked else None
    notice = common.notice()
    aspects = notice.parsed.ratings.aspects if notice is not None else {}
    figures = performance.performance([row], year)[row.pk]
    context = {
        "provider": row,
        "region": region(row),
        "figures": figures,
        "aspects": [(aspects.get(code, code), mean) for code, mean in figures.ratings.items()],
        "explain": performance.explained(year),
        "year": year,
        "years": years,
        "products": list(
            selectors.visible_products(common.READER).filter(provider=row).order_by("category", "pk")[:50]
        ),
        "names": common.categories(notice),
    }
    return render(request, "portal/public/provider.html", context)
