"""Signing in by session, with refusals in our own words."""

from __future__ import annotations

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from foundation.errors import csrf_failed


class Session(SessionAuthentication):
    """A person's session; what moves something carries the CSRF token. Raises CSRF_FAILED."""

    def enforce_csrf(self, request: Request) -> None:
        """The token fits the cookie, or the request is refused before anything is done."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise csrf_failed() from None
