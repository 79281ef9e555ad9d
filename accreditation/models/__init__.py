"""The accreditation room's tables, a file for each subject."""

from accreditation.models.application import Application
from accreditation.models.expert import Expert, Panel, ScoreSheet, Tie
from accreditation.models.parts import Ask, Client, ConditionCheck, Material
from accreditation.models.round import Round

__all__ = [
    "Application",
    "Ask",
    "Client",
    "ConditionCheck",
    "Expert",
    "Material",
    "Panel",
    "Round",
    "ScoreSheet",
    "Tie",
]
