"""The chain's arithmetic: canonical JSON, SM3 over the previous hash. No ORM, no clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.hashes import SM3, Hash

ROOT = ""


def canonical(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: the same bytes for the same value, everywhere."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def sm3(data: bytes) -> str:
    """SM3 (GB/T 32905) as 64 hex digits."""
    hasher = Hash(SM3())
    hasher.update(data)
    return hasher.finalize().hex()


def instant(at: datetime) -> str:
    """UTC to the microsecond, always written the same way."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def link(previous: str, body: dict[str, Any]) -> str:
    """The hash of one record: over the previous hash and the record's canonical body."""
    return sm3(previous.encode() + b"\n" + canonical(body))
