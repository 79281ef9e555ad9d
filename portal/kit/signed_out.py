"""What somebody meets whose session is not there, or not any more: the sign-in, and what he typed is not lost."""

from __future__ import annotations

import re

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from portal.kit.once import FIELD
from portal.kit.rows import ADD, AGAIN, DROP

GONE = 401
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_MACHINES = frozenset({FIELD, "csrfmiddlewaretoken", "version", "next", ADD, AGAIN, DROP})
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def signed_out(request: HttpRequest) -> HttpResponseBase:
    """Who wants to read is led to the sign-in and back. Who sent something (401) gets it back, to send it again.

    Nothing of it is kept on the server. Passwords are not given back.
    """
    htmx = getattr(request, "htmx", None)
    if request.method in _READS:
        if htmx:  # a fragment: the whole page goes, or the sign-in would stand in the middle of it
            here = htmx.current_url_abs_path or request.get_full_path()
            return HttpResponseClientRedirect(f"{resolve_url('sign-in')}?{urlencode({'next': here})}")
        return redirect_to_login(request.get_full_path())
    secret = any("password" in name for name in request.POST)
    sent = [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]
    context = {
        "sent": [] if secret else sent,
        "typed": [value for name, value in sent if not secret and name not in _MACHINES and _by_people(value)],
        "files": bool(request.FILES),
        "path": request.get_full_path(),
    }
    return render(request, "portal/signed_out.html", context, status=GONE)


def _by_people(value: str) -> bool:
    """Rather typed than chosen: worth showing, so that it can be copied."""
    return bool(value.strip()) and not _ID.fullmatch(value)
