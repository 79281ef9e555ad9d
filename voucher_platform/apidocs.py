"""The API's documents: Redoc to read, Swagger to try. Everything is served by us.

Both libraries write their styles as they run, and Redoc's search runs in a worker that it makes from its own text:
these two pages, and they alone, allow it.
"""

from __future__ import annotations

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

_STYLED = {"style-src": ["'unsafe-inline'"], "img-src": ["blob:"]}
_SEARCHING = {**_STYLED, "worker-src": ["blob:"], "child-src": ["blob:"]}


@method_decorator(csp_update(_STYLED), name="dispatch")
class Trying(SpectacularSwaggerView):
    """Swagger: every address with a form that sends."""

    template_name = "portal/api/swagger.html"
    title = "接口文档（试用）"


@method_decorator(csp_update(_SEARCHING), name="dispatch")
class Reading(SpectacularRedocView):
    """Redoc: everything on one page, with search."""

    template_name = "portal/api/redoc.html"
    title = "接口文档（阅读）"
