"""The nightly recomputation."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from engines.ledger import selectors
from engines.ledger.models import Account, Entry
from foundation.jobs import job

log = logging.getLogger(__name__)


@job("recompute_ledger", "账本重算核对")
def recompute_ledger(day: date) -> dict[str, Any]:
    """Every balance is computed again from entries and lines; differences are logged as errors and told."""
    differences = selectors.recompute()
    for difference in differences:
        log.error("ledger difference: %s", difference)
    return {
        "accounts": Account.objects.count(),
        "entries": Entry.objects.count(),
        "differences": [str(difference) for difference in differences],
    }
