"""What several of the officers' pages need: one record or 404, the end of its trail."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models

from engines.evidence.models import EvidenceRecord
from foundation.errors import not_found

LAST = 12  # acts of a record that its own page shows; the whole trail is a page of its own
M = TypeVar("M", bound=models.Model)


def one_of(rows: models.QuerySet[M], pk: Any, what: str) -> M:
    """The row of that key among those the person may see. Raises NOT_FOUND."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise not_found(what)
    return row


def last_of(records: models.QuerySet[EvidenceRecord]) -> list[EvidenceRecord]:
    """The latest acts, the newest first."""
    return list(records.order_by("-seq")[:LAST])
