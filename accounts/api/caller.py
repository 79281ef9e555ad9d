"""Who asks."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request

from accounts.models import User


def caller(request: Request) -> User:
    """The signed-in person; views that allow anyone do not call it."""
    return cast(User, request.user)
