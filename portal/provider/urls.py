"""Pages of a provider."""

from __future__ import annotations

from django.urls import path

from portal.provider import claims, demands, home, money, profile, register, standing
from portal.provider.accreditation import deck as cases_deck
from portal.provider.accreditation import pages as cases
from portal.provider.products import deck as products_deck
from portal.provider.products import pages as products

app_name = "provider"

urlpatterns = [
    path("", home.home, name="home"),
    path("register/", register.start, name="register"),
    path("register/<int:number>/", register.step, name="register-step"),
    path("register/check/", register.check, name="register-check"),
    path("register/uscc/", register.uscc, name="register-uscc"),
    path("register/take-up/", register.take_up, name="register-take-up"),
    path("register/forget/", register.forget, name="register-forget"),
    path("register/done/", register.registered, name="registered"),
    path("register/<int:number>/keep/", register.keep, name="register-keep"),
    path("applications/", cases.cases, name="applications"),
    path("applications/<uuid:pk>/", cases.case, name="application"),
    *cases_deck.DECK.urls("applications/"),
    path("applications/rounds/<uuid:pk>/", cases.a_round, name="round"),
    *cases_deck.ROUND_DECK.urls("applications/rounds/"),
    path("products/", products.products, name="products"),
    *products_deck.NEW.urls("products/"),
    path("products/<uuid:pk>/", products.product, name="product"),
    *products_deck.DECK.urls("products/"),
    path("products/versions/<uuid:pk>/", products.version, name="version"),
    *products_deck.VERSION_DECK.urls("products/versions/"),
    path("demands/", demands.board, name="demands"),
    path("demands/<uuid:pk>/", demands.demand, name="demand"),
    *demands.DECK.urls("demands/"),
    path("claims/", claims.claims, name="claims"),
    *claims.BEGIN.urls("claims/of/"),
    path("claims/<uuid:pk>/", claims.claim, name="claim"),
    path("claims/<uuid:pk>/pack.pdf", claims.pack, name="claim-pack"),
    *claims.DECK.urls("claims/"),
    path("accounts/", money.accounts_page, name="accounts"),
    *money.ASK.urls("accounts/"),
    path("accounts/<uuid:pk>/", money.account_page, name="account"),
    path("performance/", standing.figures, name="performance"),
    path("standing/", standing.standing, name="standing"),
    path("profile/", profile.profile, name="profile"),
    *profile.DECK.urls("profile/"),
    *profile.REGISTER_OWN.urls("profile/"),
]
