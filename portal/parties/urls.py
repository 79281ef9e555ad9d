"""Pages that enterprises, providers and officers share: each sees what it may."""

from __future__ import annotations

from django.urls import path

from contracts.desk import Desk
from portal.parties import payments, permits
from portal.parties.contracts import begin, lists, page, papers
from portal.parties.contracts.deck import DECK

urlpatterns = [
    path("", lists.contracts, name="contracts"),
    path("mine/", lists.contracts, {"desk_name": Desk.MINE}, name="contracts-mine"),
    path("running/", lists.contracts, {"desk_name": Desk.RUNNING}, name="contracts-running"),
    path("over/", lists.contracts, {"desk_name": Desk.OVER}, name="contracts-over"),
    path("new/", begin.new, name="contract-new"),
    *begin.DRAFTS.urls("new/"),
    path("payments/", payments.payments, name="contract-payments"),
    *papers.PAYMENTS.urls("payments/"),
    path("invoices/", payments.invoices, name="contract-invoices"),
    *papers.INVOICES.urls("invoices/"),
    *papers.SUPPLEMENTS.urls("supplements/"),
    *papers.TERMINATIONS.urls("terminations/"),
    *papers.QUERIES.urls("queries/"),
    path("permits/", permits.permits, name="permits"),
    path("permits/<uuid:pk>/", permits.permit, name="permit"),
    *permits.PROPOSALS.urls("permits/"),
    *permits.DECK.urls("permits/"),
    path("<uuid:pk>/", page.contract, name="contract"),
    path("<uuid:pk>/text/", page.text, name="contract-text"),
    *DECK.urls(""),
]
