"""Pages of the officers."""

from __future__ import annotations

from django.urls import path

from portal.officer import contracts, home

app_name = "officer"
urlpatterns = [
    path("", home.home, name="home"),
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/mine/", contracts.mine, name="contracts-mine"),
    path("contracts/still/", contracts.still, name="contracts-still"),
    path("contracts/overdue/", contracts.overdue, name="contracts-overdue"),
]
