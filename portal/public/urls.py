"""Pages that everybody may open."""

from __future__ import annotations

from django.urls import path

from portal.public import care, home, sign_in

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", sign_in.enter, name="sign-in"),
    path("care/", care.switch, name="care"),
    path("sign-out/", sign_in.leave, name="sign-out"),
]
