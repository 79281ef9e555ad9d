"""Pages of the officers."""

from __future__ import annotations

from django.urls import path

from portal.officer import home

app_name = "officer"
urlpatterns = [
    path("", home.home, name="home"),
]
