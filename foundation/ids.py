"""Primary keys and numbers for people."""

from __future__ import annotations

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """UUIDv7: ordered by time, so lists page by key; known before the insert; not to be guessed."""
    return UUID(int=uuid_utils.compat.uuid7().int)
