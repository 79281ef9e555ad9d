"""The credit room's tables, a file for each subject."""

from credit.models.commitment import Commitment
from credit.models.complaint import Complaint
from credit.models.filer import ComplaintFiler
from credit.models.record import CreditRecord

__all__ = ["Commitment", "Complaint", "ComplaintFiler", "CreditRecord"]
