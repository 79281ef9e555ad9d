"""Pages of a provider."""

from __future__ import annotations

from django.urls import path

from portal.provider import accreditation, claims, demands, home, money, products, profile, register, standing

app_name = "provider"

urlpatterns = [
    path("", home.home, name="home"),
    path("register/", register.start, name="register"),
    path("register/<int:number>/", register.step, name="register-step"),
    path("register/check/", register.check, name="register-check"),
    path("register/uscc/", register.uscc, name="register-uscc"),
    path("applications/", accreditation.cases, name="applications"),
    path("applications/<uuid:pk>/", accreditation.case, name="application"),
    *accreditation.DECK.urls("applications/"),
    path("applications/rounds/<uuid:pk>/", accreditation.a_round, name="round"),
    *accreditation.ROUND_DECK.urls("applications/rounds/"),
    path("products/", products.products, name="products"),
    *products.NEW.urls("products/"),
    path("products/<uuid:pk>/", products.product, name="product"),
    *products.DECK.urls("products/"),
    path("products/versions/<uuid:pk>/", products.version, name="version"),
    *products.VERSION_DECK.urls("products/versions/"),
    path("demands/", demands.board, name="demands"),
    path("demands/<uuid:pk>/", demands.demand, name="demand"),
    *demands.DECK.urls("demands/"),
    path("demands/offers/", demands.my_offers, name="offers"),
    path("demands/offers/<uuid:pk>/", demands.offer, name="offer"),
    *demands.OFFER_DECK.urls("demands/offers/"),
    path("claims/", claims.claims, name="claims"),
    *claims.BEGIN.urls("claims/of/"),
    path("claims/<uuid:pk>/", claims.claim, name="claim"),
    path("claims/<uuid:pk>/pack.pdf", claims.pack, name="claim-pack"),
    *claims.DECK.urls("claims/"),
    path("accounts/", money.accounts_page, name="accounts"),
    *money.ASK.urls("accounts/"),
    path("accounts/<uuid:pk>/", money.account_page, name="account"),
    path("performance/", standing.figures, name="performance"),
    path("complaints/", standing.complaints, name="complaints"),
    path("complaints/<uuid:pk>/", standing.complaint, name="complaint"),
    path("profile/", profile.profile, name="profile"),
    *profile.DECK.urls("profile/"),
    *profile.REGISTER_OWN.urls("profile/"),
]
