"""Settlement over HTTP, a file for each subject: one view, one service call."""

from settlement.api.appeals import AppealViewSet
from settlement.api.batches import BatchViewSet
from settlement.api.claims import ClaimViewSet
from settlement.api.payouts import PayoutViewSet

__all__ = ["AppealViewSet", "BatchViewSet", "ClaimViewSet", "PayoutViewSet"]
