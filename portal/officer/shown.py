"""What several of the officers' pages need: one record or 404, its state as a column, an act that is one call, its trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import models

from accounts.models import User
from engines.evidence.models import EvidenceRecord
from foundation.errors import not_found
from portal.kit.lists import Column

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


def state_column(tones: Mapping[Any, str], other: str = "off") -> Column:
    """The state of each row as a chip, at the corner of a card; `other` is the tone of a state that is not named."""
    return Column(
        name="state",
        label="状态",
        show="get_state_display",
        kind="chip",
        tone=lambda row: tones.get(row.state, other),
        place="corner",
    )


def call(service: Callable[..., Any], key: str) -> Callable[[User, Any, dict[str, Any]], Any]:
    """An act's `run` that is one call: who, the record's key under this name, and what the form gave."""
    return lambda by, row, data: service(by=by, **{key: row.pk}, **data)
