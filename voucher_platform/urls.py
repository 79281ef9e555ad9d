"""Every address of the platform."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView

from voucher_platform import apidocs

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
    path("", include("portal.urls")),
    *(path("api/v1/", include(f"{room}.urls")) for room in ROOMS),
    *(path(f"api/{page}", RedirectView.as_view(pattern_name=page)) for page in ("docs", "redoc")),  # typed by people
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", apidocs.Trying.as_view(), name="docs"),
    path("api/redoc/", apidocs.Reading.as_view(), name="redoc"),
]

handler400 = "portal.kit.errors.bad_request"
handler404 = "portal.kit.errors.not_found"
handler500 = "portal.kit.errors.server_error"
