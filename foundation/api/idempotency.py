"""Idempotency-Key: the API's side of foundation.idempotency."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from foundation import idempotency
from foundation.errors import Invalid


def once(request: Request, act: Callable[[], Response]) -> Response:
    """Run `act` in one transaction, once per caller and key (of a caller who has not signed in: and per request).

    Raises IDEMPOTENCY_KEY_MISSING, IDEMPOTENCY_KEY_REUSED or IDEMPOTENCY_KEY_RUNNING.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not (1 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        raise Invalid("IDEMPOTENCY_KEY_MISSING", "请在请求头 Idempotency-Key 中给出1至128个可见字符的唯一值。")
    digest = _digest(request)
    given: list[Response] = []

    def run() -> idempotency.Answer:
        response = act()
        given.append(response)
        return idempotency.Answer(response.status_code, json.loads(json.dumps(response.data, cls=JSONEncoder)))

    caller = str(request.user.pk or _nobody(digest))
    answer = idempotency.once(caller=caller, key=key, digest=digest, act=run)
    if answer.again:
        return Response(answer.body, status=answer.status, headers={"Idempotency-Replayed": "true"})
    return given[0]


def _nobody(digest: str) -> str:
    """Who has not signed in is known by what he sends alone: one stranger's key says nothing of another's."""
    return f"anonymous:{digest}"[:64]


def _digest(request: Request) -> str:
    """Of method, path and what was sent. A file counts by its content, a JSON body by its value."""
    hasher = idempotency.hasher(f"{request.method} {request.path}\n".encode())
    data: Any = request.data
    if request.FILES:
        for name in sorted(request.FILES):
            for upload in request.FILES.getlist(name):
                hasher.update(f"{name}:{upload.name}:{upload.size}\n".encode())
                for chunk in upload.chunks():
                    hasher.update(chunk)
                upload.seek(0)
        data = {name: data.getlist(name) for name in sorted(data) if name not in request.FILES}
    hasher.update(json.dumps(data, sort_keys=True, ensure_ascii=False, default=str).encode())
    return hasher.hexdigest()
