"""Lists on public show, and the objections against what stands in them."""

from engines.publicity.models.objection import Objection, ObjectionFile, ObjectionFiler
from engines.publicity.models.publicity import Publicity, PublicityItem
from engines.publicity.models.reminder import Reminder

__all__ = ["Objection", "ObjectionFile", "ObjectionFiler", "Publicity", "PublicityItem", "Reminder"]
