"""Pages that enterprises and providers share: each sees its own."""

from __future__ import annotations

from django.urls import path

from portal.parties import contracts

urlpatterns = [
    path("", contracts.contracts, name="contracts"),
    path("<uuid:pk>/", contracts.contract, name="contract"),
    *contracts.DECK.urls(""),
]
