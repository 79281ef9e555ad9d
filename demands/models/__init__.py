"""Tables of the room."""

from demands.models.demand import Demand
from demands.models.response import DemandMessage, DemandMessageFile, Response, ThreadMark
from demands.models.words import CutText, MissedSearch, Synonym

__all__ = [
    "CutText",
    "Demand",
    "DemandMessage",
    "DemandMessageFile",
    "MissedSearch",
    "Response",
    "Synonym",
    "ThreadMark",
]
