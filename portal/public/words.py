"""Records in words, for pages and tags alike."""

from __future__ import annotations

from demands.models import Demand
from foundation.money import yuan


def fee(demand: Demand) -> str:
    """What the enterprise would pay, in words."""
    low, high = demand.fee_low, demand.fee_high
    if low is not None and high is not None:
        return yuan(high) if low == high else f"{low:,.2f}至{yuan(high)}"
    if high is not None:
        return f"{yuan(high)}以内"
    return f"{yuan(low)}以上" if low is not None else "面议"
