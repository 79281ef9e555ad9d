"""The settlement room's tables, a file for each subject."""

from settlement.models.batch import Batch
from settlement.models.claim import Claim
from settlement.models.payout import PayoutOrder

__all__ = ["Batch", "Claim", "PayoutOrder"]
