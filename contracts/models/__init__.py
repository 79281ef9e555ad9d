"""A contract and what belongs to it."""

from contracts.models.contract import Contract
from contracts.models.papers import ServiceConfirmation, Supplement, Termination
from contracts.models.parts import Milestone, MilestoneEvidence, Signature
from contracts.models.payment import PaymentOrder

__all__ = [
    "Contract",
    "Milestone",
    "MilestoneEvidence",
    "PaymentOrder",
    "ServiceConfirmation",
    "Signature",
    "Supplement",
    "Termination",
]
