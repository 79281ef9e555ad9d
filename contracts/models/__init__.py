"""A contract and what belongs to it."""

from contracts.models.contract import Contract
from contracts.models.invoice import Invoice
from contracts.models.papers import ServiceConfirmation, Supplement, Termination
from contracts.models.parts import Milestone, MilestoneEvidence, Reminder, Signature
from contracts.models.payment import PaymentOrder
from contracts.models.permit import RelatedPermit
from contracts.models.query import EvidenceQuery
from contracts.models.wait import Wait

__all__ = [
    "Contract",
    "EvidenceQuery",
    "Invoice",
    "Milestone",
    "MilestoneEvidence",
    "PaymentOrder",
    "RelatedPermit",
    "Reminder",
    "ServiceConfirmation",
    "Signature",
    "Supplement",
    "Termination",
    "Wait",
]
