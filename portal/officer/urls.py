"""Pages of the officers. Importing the files of the subjects also makes their work known to the list of tasks."""

from __future__ import annotations

from django.urls import path

from portal.officer import (
    accreditation,
    accreditation_rounds,
    bars,
    bulk,
    complaints,
    contracts,
    credit,
    demands,
    enterprises_review,
    experts,
    home,
    objections,
    publicity,
    quota_review,
    rosters,
    urls_money,
)

app_name = "officer"
urlpatterns = [
    path("", home.home, name="home"),
    path("bulk/<slug:code>/", bulk.bulk, name="bulk"),
    *enterprises_review.URLS,
    *quota_review.URLS,
    *rosters.URLS,
    *accreditation.URLS,
    *accreditation_rounds.URLS,
    *experts.URLS,
    *publicity.URLS,
    *objections.URLS,
    *demands.URLS,
    *complaints.URLS,
    *credit.URLS,
    *bars.URLS,
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/mine/", contracts.mine, name="contracts-mine"),
    path("contracts/still/", contracts.still, name="contracts-still"),
    path("contracts/overdue/", contracts.overdue, name="contracts-overdue"),
    *urls_money.URLS,
]
