"""The outbox relay."""

from __future__ import annotations

from datetime import date
from typing import Any

from engines.notifications import services
from foundation.jobs import job


@job("relay_outbox", "送达待发通知")
def relay_outbox(day: date) -> dict[str, Any]:
    """Every unsent event is delivered."""
    return {"sent": services.relay()}
