"""首页."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal.kit.access import public


@public
def home(request: HttpRequest) -> HttpResponseBase:
    """What the voucher is, what is left of the budget, where to begin."""
    return render(request, "portal/public/home.html")
