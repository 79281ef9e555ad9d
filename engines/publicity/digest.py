"""SM3 over what is shown. No ORM, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from engines.evidence import chain


def of_item(position: int, subject_type: str, subject_id: UUID, label: str, body: Mapping[str, Any]) -> str:
    """One line of the list with its place and whom it is about."""
    return chain.sm3(
        chain.canonical(
            {"position": position, "subject": [subject_type, str(subject_id)], "label": label, "body": dict(body)}
        )
    )


def of_list(*, kind: str, title: str, reference: str, first: date, last: date, hashes: Iterable[str]) -> str:
    """The whole list in its order, with its name and its period."""
    return chain.sm3(
        chain.canonical(
            {
                "kind": kind,
                "title": title,
                "reference": reference,
                "first": first.isoformat(),
                "last": last.isoformat(),
                "items": list(hashes),
            }
        )
    )
