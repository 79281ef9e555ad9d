"""Pages of the enterprises."""

from __future__ import annotations

from django.urls import path

from portal.enterprise import checks, demands, home, passport, profile, quota, register, relations

app_name = "enterprise"
urlpatterns = [
    path("", home.home, name="home"),
    path("register/", register.start, name="register"),
    path("register/check/", register.check, name="register-check"),
    path("register/forget/", register.forget, name="register-forget"),
    path("register/done/", register.registered, name="registered"),
    path("register/live/<slug:what>/", checks.check, name="check"),
    path("register/take-up/", register.take_up, name="register-take-up"),
    path("register/<slug:code>/keep/", register.keep, name="register-keep"),
    path("register/<slug:code>/", register.step, name="register-step"),
    path("quota/", quota.quota, name="quota"),
    path("passport/", passport.passport, name="passport"),
    *passport.FILE.urls("passport/"),
    path("disputes/<uuid:pk>/", passport.dispute, name="dispute"),
    *passport.DISPUTE.urls("disputes/"),
    path("demands/", demands.demands, name="demands"),
    *demands.NEW.urls("demands/"),
    path("demands/<uuid:pk>/", demands.demand, name="demand"),
    *demands.DECK.urls("demands/"),
    path("profile/", profile.profile, name="profile"),
    *profile.DECK.urls("profile/"),
    *profile.BEGIN.urls("begin/"),
    path("relations/", relations.relations, name="relations"),
    *relations.DECK.urls("relations/"),
]
