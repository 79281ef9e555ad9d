"""Who tries too often is told when to come back, in the form that he sent."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

from foundation.errors import DomainError

TOO_MANY, MINUTE = 429, 60


def refuse_too_often(request: HttpRequest, throttle: BaseThrottle) -> None:
    """Counts this try together with the API's. Raises TOO_MANY_REQUESTS (429) with the time to wait."""
    if throttle.allow_request(request, None):  # type: ignore[arg-type]  # it asks for what both kinds have
        return
    seconds = max(1, int(throttle.wait() or 1))
    time = f"{seconds}秒" if seconds < MINUTE else f"{-(-seconds // MINUTE)}分钟"
    refused = DomainError("TOO_MANY_REQUESTS", f"操作过于频繁，本次未生效，请{time}后再试。", wait=seconds)
    refused.status = TOO_MANY
    raise refused
