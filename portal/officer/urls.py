"""Pages of the officers. Importing the files of the subjects also makes their work known to the list of tasks."""

from __future__ import annotations

from django.urls import path

from portal.officer import (
    accreditation,
    accreditation_rounds,
    adjustments,
    bars,
    bulk,
    complaints,
    contracts,
    contracts_waiting,
    coverage,
    credit,
    declarations,
    demands,
    disputes,
    enterprises_review,
    experts,
    home,
    objections,
    panels,
    publicity,
    rosters,
    sheets,
    synonyms,
    tasks,
    titles,
    urls_money,
)

tasks.register(*contracts_waiting.KINDS)

app_name = "officer"
urlpatterns = [
    path("", home.home, name="home"),
    path("next/", home.onward, name="next"),
    path("bulk/<slug:code>/", bulk.bulk, name="bulk"),
    *enterprises_review.URLS,
    *adjustments.URLS,
    *disputes.URLS,
    *declarations.URLS,
    *titles.URLS,
    *rosters.URLS,
    *accreditation.URLS,
    *accreditation_rounds.URLS,
    *panels.URLS,
    *experts.URLS,
    *sheets.URLS,
    *publicity.URLS,
    *objections.URLS,
    *demands.URLS,
    *synonyms.URLS,
    *coverage.URLS,
    *complaints.URLS,
    *credit.URLS,
    *bars.URLS,
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/mine/", contracts.mine, name="contracts-mine"),
    path("contracts/still/", contracts.still, name="contracts-still"),
    path("contracts/overdue/", contracts.overdue, name="contracts-overdue"),
    *urls_money.URLS,
]
