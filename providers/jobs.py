"""The caps of the service year, and its end."""

from __future__ import annotations

from datetime import date
from typing import Any

from foundation import clock
from foundation.actors import SystemActor
from foundation.jobs import job
from providers.models import Listing, Product
from providers.services import caps, shelf, standing
from providers.states import LISTING_LIVE, PRODUCT_LIVE

EXPIRE = SystemActor("expire_listings")
CAPS = SystemActor("update_caps")


@job("update_caps", "服务商年度限额按当年通知核定")
def update_caps(day: date) -> dict[str, Any]:
    """Every cap that is open, of this year and the next, is what that year's own notice gives (第十一条).

    A cap opened for contracts that rolled over before the notice came is filled up; a revised cap moves
    those that are open. Only the run of today does anything: notices are known as they stand now.
    """
    years = (day.year, day.year + 1) if day == clock.today() else ()
    changed = 0
    for year in years:
        for provider_id in caps.to_bring_up_to_date(year):
            caps.open_cap(provider_id=provider_id, year=year, by=CAPS)
            changed += 1
    return {"changed": changed}


@job("expire_listings", "服务商资格与产品到期")
def expire_listings(day: date) -> dict[str, Any]:
    """Every listing and product whose last day is before `day` is expired, one transaction each (第十六条).

    A day that has not come counts as today: nothing expires early, whoever calls.
    """
    day = min(day, clock.today())
    listings = Listing.objects.filter(state__in=sorted(LISTING_LIVE), valid_to__lt=day)
    on_shelf = Product.objects.filter(state__in=sorted(PRODUCT_LIVE), shelf_to__lt=day)
    return {
        "listings": sum(
            standing.expire(by=EXPIRE, listing_id=pk, day=day)
            for pk in list(listings.order_by("pk").values_list("pk", flat=True))
        ),
        "products": sum(
            shelf.expire(by=EXPIRE, product_id=pk, day=day)
            for pk in list(on_shelf.order_by("pk").values_list("pk", flat=True))
        ),
    }
