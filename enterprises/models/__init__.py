"""The enterprises' records; one file for each subject."""

from enterprises.models.disputes import DisputeFile, PassportDispute
from enterprises.models.enterprise import Enterprise
from enterprises.models.quota import QuotaAdjustment, QuotaGrant
from enterprises.models.relations import Relation, RelationDeclaration

__all__ = [
    "DisputeFile",
    "Enterprise",
    "PassportDispute",
    "QuotaAdjustment",
    "QuotaGrant",
    "Relation",
    "RelationDeclaration",
]
