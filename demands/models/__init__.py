"""Tables of the room."""

from demands.models.demand import Demand
from demands.models.response import DemandMessage, Response, ThreadMark
from demands.models.words import MissedSearch, Synonym

__all__ = ["Demand", "DemandMessage", "MissedSearch", "Response", "Synonym", "ThreadMark"]
