"""Where the work of a day begins."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal.kit.access import ENTERPRISE, pages_for


@pages_for(*ENTERPRISE)
def home(request: HttpRequest) -> HttpResponseBase:
    """The first page after signing in."""
    return render(request, "portal/enterprise/home.html")
