"""The effect and the answer kept for it commit together, so a retry finds both or neither. For the API and the pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from foundation import clock
from foundation.errors import Refused
from foundation.models import KeptAnswer

FIRST_ERROR = 400  # what is refused is not kept: it may be tried again


@dataclass(frozen=True)
class Answer:
    """A status of HTTP and a JSON-ready body. `again` when it was given before and nothing was done now."""

    status: int
    body: Any
    again: bool = False


def once(*, caller: str, key: str, digest: str, act: Callable[[], Answer]) -> Answer:
    """`act` has run in one transaction, once per caller and key.

    Same key and digest: the first answer again. Other digest: 409 IDEMPOTENCY_KEY_REUSED. While the first is
    running: 409 IDEMPOTENCY_KEY_RUNNING. An answer from 400 on is undone and not kept.
    """
    with transaction.atomic():
        _only_one_at_a_time(caller, key)
        kept = KeptAnswer.objects.filter(caller=caller, key=key).first()
        if kept is not None:
            if kept.digest != digest:
                raise Refused("IDEMPOTENCY_KEY_REUSED", "该幂等键已用于另一请求，请换一个新的幂等键。")
            return Answer(kept.status, kept.body, again=True)
        answer = act()
        if answer.status < FIRST_ERROR:
            KeptAnswer.objects.create(
                caller=caller, key=key, digest=digest, status=answer.status, body=answer.body, created_at=clock.now()
            )
        else:
            transaction.set_rollback(True)
        return answer


def hasher(start: bytes) -> hashlib.blake2b:
    """For the digest of a request. Keyed: of one with a password in it the table gives nothing to guess against."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32).digest()
    return hashlib.blake2b(start, digest_size=32, key=key)


def _only_one_at_a_time(caller: str, key: str) -> None:
    """An advisory lock to the end of the transaction: it needs no row, so a crash leaves nothing behind."""
    number = int.from_bytes(hashlib.blake2b(f"{caller}:{key}".encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise Refused("IDEMPOTENCY_KEY_RUNNING", "同一幂等键的请求正在处理，请稍后用同样内容重试。")
