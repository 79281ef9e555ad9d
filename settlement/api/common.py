"""What the views share."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse

UUID_PATTERN = "[0-9a-f-]{36}"


def attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    """The bytes as a download under that name, kept by nobody on the way."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
