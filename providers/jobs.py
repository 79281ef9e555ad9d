"""The end of the service year."""

from __future__ import annotations

from datetime import date
from typing import Any

from foundation.actors import SystemActor
from foundation.jobs import job
from providers.models import Application, Product
from providers.services import products, standing
from providers.states import ApplicationState, ProductState

EXPIRE = SystemActor("expire_listings")


@job("expire_listings", "服务商资格与产品到期")
def expire_listings(day: date) -> dict[str, Any]:
    """Every listing and product whose last day is before `day` is expired, one transaction each (第十六条)."""
    listings = Application.objects.filter(
        state__in=(ApplicationState.LISTED, ApplicationState.SUSPENDED), valid_to__lt=day
    )
    on_shelf = Product.objects.filter(state__in=(ProductState.ON_SHELF, ProductState.SUSPENDED), shelf_to__lt=day)
    return {
        "listings": sum(
            standing.expire(by=EXPIRE, application_id=pk, day=day)
            for pk in list(listings.order_by("pk").values_list("pk", flat=True))
        ),
        "products": sum(
            products.expire(by=EXPIRE, product_id=pk, day=day)
            for pk in list(on_shelf.order_by("pk").values_list("pk", flat=True))
        ),
    }
