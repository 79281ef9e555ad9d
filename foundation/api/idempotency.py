"""Idempotency-Key: the effect and the answer kept for it commit together, so a retry finds both or neither."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from foundation import clock
from foundation.errors import Invalid, Refused
from foundation.models import KeptAnswer


def once(request: Request, act: Callable[[], Response]) -> Response:
    """Run `act` in one transaction, once per caller and key.

    Same key and body: the first answer again. Other body: 409 IDEMPOTENCY_KEY_REUSED (of a caller who has not
    signed in: another request). While the first is running: 409 IDEMPOTENCY_KEY_RUNNING. A refusal (4xx) is not
    kept: it may be tried again.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not (1 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        raise Invalid("IDEMPOTENCY_KEY_MISSING", "请在请求头 Idempotency-Key 中给出1至128个可见字符的唯一值。")
    digest = _digest(request)
    caller = str(request.user.pk or _nobody(digest))
    with transaction.atomic():
        _only_one_at_a_time(caller, key)
        kept = KeptAnswer.objects.filter(caller=caller, key=key).first()
        if kept is not None:
            return _again(kept, digest)
        response = act()
        if response.status_code < 300:
            plain = json.loads(json.dumps(response.data, cls=JSONEncoder))
            KeptAnswer.objects.create(
                caller=caller, key=key, digest=digest, status=response.status_code, body=plain, created_at=clock.now()
            )
        else:
            transaction.set_rollback(True)
        return response


def _nobody(digest: str) -> str:
    """Who has not signed in is known by what he sends alone: one stranger's key says nothing of another's."""
    return f"anonymous:{digest}"[:64]


def _only_one_at_a_time(caller: str, key: str) -> None:
    """An advisory lock to the end of the transaction: it needs no row, so a crash leaves nothing behind."""
    number = int.from_bytes(hashlib.blake2b(f"{caller}:{key}".encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise Refused("IDEMPOTENCY_KEY_RUNNING", "同一幂等键的请求正在处理，请稍后用同样内容重试。")


def _again(kept: KeptAnswer, digest: str) -> Response:
    if kept.digest != digest:
        raise Refused("IDEMPOTENCY_KEY_REUSED", "该幂等键已用于另一请求，请换一个新的幂等键。")
    return Response(kept.body, status=kept.status, headers={"Idempotency-Replayed": "true"})


def _digest(request: Request) -> str:
    """Of method, path and what was sent. A file counts by its content, a JSON body by its value."""
    hasher = hashlib.blake2b(f"{request.method} {request.path}\n".encode(), digest_size=32)
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
