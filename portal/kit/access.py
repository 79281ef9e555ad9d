"""Which roles a page is for. What a page shows of a row, and whether an act is allowed, is asked of the rooms below."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from accounts.states import ADMINISTRATORS, OFFICERS, Role
from foundation.errors import not_allowed
from portal.kit.signed_out import signed_out

ENTERPRISE = (Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
PROVIDER = (Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
PARTIES = (*ENTERPRISE, *PROVIDER)
# in the order of the 办法's roles, so that a refusal names them so
DECIDERS = tuple(role for role in Role if role in OFFICERS)
OFFICES = tuple(role for role in Role if role in OFFICERS | ADMINISTRATORS | {Role.CITY, Role.EXPERT})
ANYONE = (*PARTIES, *OFFICES)

View = Callable[..., HttpResponseBase]


class Asked(HttpRequest):
    """A request as the pages get it: from somebody who has signed in, with what htmx says."""

    htmx: HtmxDetails
    user: User


def pages_for(*roles: Role) -> Callable[[View], View]:
    """Whoever has not signed in is led there and back (`signed_out`); with none of the roles one reads 403 NOT_ALLOWED."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return signed_out(request)
            if not request.user.has(*roles):
                raise not_allowed("查看此页", *roles)
            return view(request, *args, **kwargs)

        guarded.roles = roles  # type: ignore[attr-defined]  # `may_open` and the tests of access read it
        return guarded

    return wrap


def public(view: View) -> View:
    """A page that everybody may open. Said of each, so that none is public because a line was forgotten."""
    view.roles = None  # type: ignore[attr-defined]
    return view


def bare(view: View) -> View:
    """An answer that is no page of its own: a file, a fragment. The tests of pages pass it by."""
    view.bare = True  # type: ignore[attr-defined]
    return view


def may_open(user: User, address: str) -> bool:
    """Whether the page at the address is for the person's roles; which rows he sees there is the page's own matter."""
    roles = getattr(resolve(address).func, "roles", ())
    return roles is None or user.has(*roles)


def home_of(user: User) -> str:
    """The name of the page on which a person's work begins."""
    if user.has(*ENTERPRISE):
        return "enterprise:home"
    if user.has(*PROVIDER):
        return "provider:home"
    return "officer:home"
