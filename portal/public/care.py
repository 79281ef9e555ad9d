"""关怀版: larger letters and controls, remembered in a cookie and drawn by the server, so that nothing flickers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal.context import CARE
from portal.kit.access import public

YEAR = 365 * 24 * 3600


@require_POST
@public
def switch(request: HttpRequest) -> HttpResponseBase:
    """On where it was off, and back on the page it was asked from."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    answer = HttpResponseRedirect(wanted if wanted and ours else "/")
    on = request.COOKIES.get(CARE) != "1"
    answer.set_cookie(CARE, "1" if on else "0", max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return answer
