"""Pages of the officers. Importing the files of the subjects also makes their work known to the list of tasks."""

from __future__ import annotations

from django.urls import path

from portal.officer import bulk, enterprises_review, home, quota_review, urls_money

app_name = "officer"
urlpatterns = [
    path("", home.home, name="home"),
    path("bulk/<slug:code>/", bulk.bulk, name="bulk"),
    path("enterprises/", enterprises_review.enterprises, name="enterprises"),
    path("enterprises/<uuid:pk>/", enterprises_review.enterprise, name="enterprise"),
    *enterprises_review.DECK.urls("enterprises/"),
    *quota_review.URLS,
    *urls_money.URLS,
]
