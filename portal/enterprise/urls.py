"""Pages of the enterprises."""

from __future__ import annotations

from django.urls import path

from portal.enterprise import home

app_name = "enterprise"
urlpatterns = [
    path("", home.home, name="home"),
]
