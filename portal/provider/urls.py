"""Pages of the providers."""

from __future__ import annotations

from django.urls import path

from portal.provider import home

app_name = "provider"
urlpatterns = [
    path("", home.home, name="home"),
]
