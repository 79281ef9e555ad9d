"""Every write to the credit file: `commitment`, `complaints`, `records`; and the question everybody asks."""

from credit.services.commitment import commit
from credit.services.records import refuse_restricted

__all__ = ["commit", "refuse_restricted"]
