"""A computed figure that explains itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Bound:
    """One of the limits a figure may not pass, in 元."""

    code: str
    label: str
    amount: Decimal

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "label": self.label, "amount": f"{self.amount:.2f}"}


@dataclass(frozen=True)
class Explanation:
    """Rule, article, notice version, inputs, formula, result, and which bound was the smallest."""

    figure: str
    rule: str
    article: str
    notice: str
    inputs: dict[str, Any]
    formula: str
    result: Any
    bounds: Sequence[Bound] = field(default_factory=tuple)

    @property
    def smallest(self) -> Bound | None:
        """The bound that decided; the first named wins a tie, so list them in the order people expect."""
        return min(self.bounds, key=lambda b: b.amount) if self.bounds else None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; amounts as strings."""
        smallest = self.smallest
        return {
            "figure": self.figure,
            "rule": self.rule,
            "article": self.article,
            "notice": self.notice,
            "inputs": {k: _plain(v) for k, v in self.inputs.items()},
            "formula": self.formula,
            "result": _plain(self.result),
            "bounds": [b.as_dict() for b in self.bounds],
            "smallest_bound": smallest.as_dict() if smallest else None,
        }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
