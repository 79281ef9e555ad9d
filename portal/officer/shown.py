"""What several of the officers' pages need: one record or 404, its state as a column, its trail, the stepper over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models

from accounts.models import User
from engines.evidence.models import EvidenceRecord, Subject
from engines.evidence.selectors import of_subject
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


def trail_of(row: Subject) -> dict[str, Any]:
    """What `trail_part.html` shows: the latest acts of the record, and where the whole chain is."""
    return {"trail": last_of(of_subject(row)), "table": row._meta.db_table, "subject": row.pk}


def stepper(labels: Sequence[str], now: int, *, over: bool = False) -> list[dict[str, str]]:
    """What `steps_part.html` shows: done before `now`, going on at it, to come after it. `over`: all is done."""
    return [
        {"label": label, "kind": "done" if place < now or over else "now" if place == now else ""}
        for place, label in enumerate(labels)
    ]
