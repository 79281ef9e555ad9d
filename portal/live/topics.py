"""What can be watched, and how it looks now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Sum
from django.template.loader import render_to_string

from demands import selectors as demands
from engines.evidence.models import EvidenceRecord
from foundation import clock
from programmes import selectors as programmes


@dataclass(frozen=True)
class Look:
    """How a topic looks: another version when anything of it is different, and pieces of pages, ready made.

    A piece takes the place of every element that its selector finds; where there is none for an element marked
    `data-live`, the page fetches that element again by itself.
    """

    version: str
    parts: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """As it is sent."""
        return json.dumps({"version": self.version, "parts": dict(self.parts)}, ensure_ascii=False)


@dataclass(frozen=True)
class Topic:
    """`tables` are those whose changes it shows; none named: of all."""

    name: str
    look: Callable[[], Look]
    tables: frozenset[str] = frozenset()

    def concerns(self, table: str) -> bool:
        return not self.tables or table in self.tables


def budget() -> Look:
    """The year's figures, as every page has them at its head and the home page on a card."""
    figures = programmes.figures(clock.today().year)
    words = {"budget": figures}
    parts = {
        "#budget-pill": render_to_string("portal/parts/budget.html#pill", words),
        "#budget-card": render_to_string("portal/parts/budget.html#card", words),
    }
    return Look(_stamp(figures), parts)


def board() -> Look:
    """Which demands are on show; who looks at them narrowed and sorted fetches them again."""
    rows = demands.board().aggregate(Count("pk"), Max("updated_at"), Sum("answers"))
    return Look(_stamp(clock.today(), rows))


def tasks() -> Look:
    """Whether anything happened at all: what follows for whom, each person's own page says."""
    return Look(_stamp(EvidenceRecord.objects.aggregate(Max("pk"))))


TOPICS = {
    one.name: one
    for one in (
        Topic(
            "budget",
            budget,
            frozenset(
                {
                    "contracts_contract",
                    "programmes_appropriation",
                    "programmes_suspension",
                    "settlement_claim",
                    "settlement_batch",
                    "settlement_payoutorder",
                }
            ),
        ),
        Topic("board", board, frozenset({"demands_demand", "demands_response"})),
        Topic("tasks", tasks),
    )
}


def _stamp(*of: Any) -> str:
    """The same for the same; it tells nothing of what it was made of."""
    return hashlib.blake2b(repr(of).encode(), digest_size=9).hexdigest()
