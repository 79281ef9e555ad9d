"""The settlement room's tables, a file for each subject."""

from settlement.models.appeal import Appeal
from settlement.models.batch import Batch
from settlement.models.claim import Claim
from settlement.models.export import BatchExport
from settlement.models.payout import PayoutOrder

__all__ = ["Appeal", "Batch", "BatchExport", "Claim", "PayoutOrder"]
