"""Pages that only say something: 注册入口, 无障碍声明, 隐私, 网站地图, and what very old browsers are shown."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from portal.kit.access import public
from portal.public import common

_OLD = ("Trident/", "MSIE ")
_ASIDE = ("/api/", "/static/")
KEPT = ("log_keeping", "record_keeping", "account_keeping")  # limits of the notice that say how long


@public
def register(request: HttpRequest) -> HttpResponseBase:
    """Who registers as what, and what one should have at hand."""
    return render(request, "portal/public/register.html", {"notice": common.notice()})


@public
def accessibility(request: HttpRequest) -> HttpResponseBase:
    """What was done so that everybody can use the platform, and whom to tell when it does not do."""
    return render(request, "portal/public/accessibility.html")


@public
def privacy(request: HttpRequest) -> HttpResponseBase:
    """Which personal data are kept, why, until when, who sees them."""
    notice = common.notice()
    kept = [notice.parsed.limits[code] for code in KEPT if code in notice.parsed.limits] if notice is not None else []
    return render(request, "portal/public/privacy.html", {"notice": notice, "kept": kept})


@public
def site_map(request: HttpRequest) -> HttpResponseBase:
    """Every public page."""
    return render(request, "portal/public/site_map.html")


class OldBrowsers:
    """A browser that cannot show our pages at all gets a plain one that says what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        browser = request.headers.get("User-Agent", "")
        if any(mark in browser for mark in _OLD) and not request.path_info.startswith(_ASIDE):
            return HttpResponse(_plain(request))
        return self.get_response(request)


def _plain(request: HttpRequest) -> str:
    return render(None, "portal/public/old_browser.html").content.decode()
