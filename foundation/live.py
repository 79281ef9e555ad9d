"""Telling those who watch that something changed: a hint, never the news itself.

The hint is sent after the commit and not inside it. PostgreSQL lets only one transaction at a time commit with a
NOTIFY in it, flush of the log included, and signing is where many commit at once. A hint that is lost costs nothing
but time: whoever listens looks again by itself (portal.live), and every page is right without it.
"""

from __future__ import annotations

import time

from django.db import connection, transaction

CHANNEL = "live"
EVERY = 0.2  # seconds: what is said within is covered by whoever listens looking once more after a second

_said: dict[str, float] = {}


def changed(table: str) -> None:
    """Once the transaction is over, listeners hear that a row of that table changed. Nothing is said of one undone."""
    transaction.on_commit(lambda: _say(table), robust=True)  # what is committed does not fail because of a hint


def _say(table: str) -> None:
    now = time.monotonic()
    if now - _said.get(table, -EVERY) < EVERY:
        return
    _said[table] = now
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, table])
