"""Every address of the platform."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView

ROOMS = (
    "accounts",
    "registry",
    "programmes",
    "credit",
    "enterprises",
    "providers",
    "accreditation",
    "demands",
    "contracts",
    "settlement",
    "records",
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="docs"), name="root"),
    *(path("api/v1/", include(f"{room}.urls")) for room in ROOMS),
    *(path(f"api/{page}", RedirectView.as_view(pattern_name=page)) for page in ("docs", "redoc")),  # typed by people
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/redoc/", SpectacularRedocView.as_view(url_name="schema", template_name="redoc.html"), name="redoc"),
]

handler400 = "foundation.api.errors.bad_request_page"
handler404 = "foundation.api.errors.not_found_page"
handler500 = "foundation.api.errors.server_error_page"
