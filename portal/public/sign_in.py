"""Signing in and out with a session (the API does the same at auth/session/)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.api.people import Credentials
from accounts.models import User
from portal.kit.access import home_of, public
from portal.kit.forms import BodyForm


class SignInForm(BodyForm):
    body = Credentials
    labels = {"username": "用户名", "password": "密码"}
    kinds = {
        "username": forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "maxlength": 64}),
        "password": forms.PasswordInput(attrs={"autocomplete": "current-password", "maxlength": 128}),
    }


@sensitive_post_parameters("password")
@public
def enter(request: HttpRequest) -> HttpResponseBase:
    """A session begins, and the person is where they wanted to go, or at the start of their work."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if request.user.is_authenticated and request.method != "POST":
        return HttpResponseRedirect(_after(request, request.user, wanted))
    form = SignInForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            user = authenticate(request, **form.validated)
            if isinstance(user, User):
                login(request, user)
                return HttpResponseRedirect(_after(request, user, wanted))
            form.add_error(None, "用户名或密码不正确。")
    return render(request, "portal/public/sign_in.html", {"form": form, "next": wanted}, status=status)


@require_POST
@public
def leave(request: HttpRequest) -> HttpResponseBase:
    """The session is over."""
    logout(request)
    return HttpResponseRedirect(reverse("home"))


def _after(request: HttpRequest, user: Any, wanted: str) -> str:
    """`wanted` if it is a page of ours."""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and ours else reverse(home_of(user))
