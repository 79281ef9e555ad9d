"""Telling and delivering. Beside these: `inbox`, `sending`, `digests`, `endpoints`, `preferences`."""

from engines.notifications.services.telling import relay, tell

__all__ = ["relay", "tell"]
