"""Enterprises over HTTP: one view, one service call."""

from enterprises.api.enterprises import (
    REGISTRATION,
    AdjustmentViewSet,
    EnterpriseViewSet,
    RegistrationViewSet,
    RosterViewSet,
    TitleViewSet,
)
from enterprises.api.passports import DeclarationViewSet, DisputeViewSet, PassportViewSet

__all__ = [
    "REGISTRATION",
    "AdjustmentViewSet",
    "DeclarationViewSet",
    "DisputeViewSet",
    "EnterpriseViewSet",
    "PassportViewSet",
    "RegistrationViewSet",
    "RosterViewSet",
    "TitleViewSet",
]
