"""What every page shows: where one is, who one is, how much of this year's budget is left."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from foundation import clock
from portal import nav
from portal.kit.access import home_of
from programmes import selectors as programmes

SITE = "广西制造业企业培优育强服务券管理平台"
CARE = "care"  # the cookie of 关怀版


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """For templates; what costs a query is asked only by the page that shows it."""
    user = getattr(request, "user", None)
    match = request.resolver_match
    person = user if isinstance(user, User) else None
    return {
        "site": SITE,
        "live_stream": settings.LIVE_URL,
        "care": request.COOKIES.get(CARE) == "1",
        "here": match.view_name if match is not None else "",
        "public_nav": SimpleLazyObject(lambda: nav.top(request.path)),
        "side_nav": SimpleLazyObject(lambda: nav.side(person, request.path)) if person is not None else (),
        "my_home": home_of(person) if person is not None else "",
        "budget": SimpleLazyObject(lambda: programmes.figures(clock.today().year)),
    }
