"""Signed posts after the Standard Webhooks convention (docs/webhooks.md has test vectors).

What is signed is "id.timestamp.body" with HMAC-SHA256; the receiver knows a repetition by the id, an old or
a forged post by timestamp and signature.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engines.notifications import topics
from engines.notifications.models import Delivery, OutboxEvent
from engines.notifications.states import Content
from foundation import clock

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret nobody has seen, as it is shown: whsec_ and base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, *, number: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, f"{number}.{timestamp}.".encode() + body, "sha256")).decode()


def headers(*, number: str, at: datetime, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers; one signature for each secret that is valid now, the newest first."""
    timestamp = int(at.timestamp())
    signatures = [signature(secret, number=number, timestamp=timestamp, body=body) for secret in secrets]
    return {"webhook-id": number, "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signatures)}


def payload(delivery: Delivery) -> bytes:
    """What is posted: the same bytes at every try."""
    if delivery.content == Content.PING or delivery.event is None:
        said: dict[str, Any] = {"type": "ping", "timestamp": _instant(delivery.created_at), "data": {}}
    else:
        said = {
            "type": delivery.event.topic,
            "timestamp": _instant(delivery.event.created_at),
            "data": _of(delivery.event, delivery),
        }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _of(event: OutboxEvent, delivery: Delivery) -> dict[str, Any]:
    return {
        "organisation_id": str(delivery.organisation_id),
        "title": event.title,
        "body": event.body,
        "must_read": event.must_read,
        "subject_type": event.subject_type,
        "subject_id": str(event.subject_id) if event.subject_id else None,
        "link": topics.link(event),
        "figures": event.data,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).isoformat(timespec="milliseconds")
