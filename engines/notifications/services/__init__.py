"""Telling and delivering. Beside these: `inbox`, `sending`, `digests`, `endpoints`, `preferences`."""

from engines.notifications.services.telling import relay, tell, tell_once

__all__ = ["relay", "tell", "tell_once"]
