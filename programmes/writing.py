"""A kept notice written out again as the file people edit, and its main figures changed one by one. No ORM, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date
from typing import Any

import yaml

# the order in which people read a notice; the database keeps none
_SECTIONS = (
    "tiers", "newly_listed_years", "categories", "provider_cap", "cap_warning", "deposit_rate", "smallest_voucher",
    "max_rectifications", "max_returns", "batch_rounds", "call_rounds", "admission", "review", "treasury", "budget",
    "publicity", "limits", "year_end", "ratings", "reporting", "articles",
)  # fmt: skip
_KEYS = (
    "code",
    "label",
    "name",
    "doc_no",
    "title",
    "quota",
    "rate",
    "cap",
    "length",
    "unit",
    "points",
    "value",
    "text",
)
_LAST = ("article", "basis")
MAIN = (
    "provider_cap", "cap_warning", "deposit_rate", "smallest_voucher", "newly_listed_years", "max_rectifications",
    "max_returns", "batch_rounds", "call_rounds",
)  # fmt: skip
HEADING = ("doc_no", "title", "issued_on", "valid_from", "valid_to")
ROWS = {"tiers": ("name", "quota"), "categories": ("name", "rate", "cap"), "limits": ("label", "length", "unit")}


def as_yaml(heading: Mapping[str, Any], rules: Mapping[str, Any]) -> str:
    """The file: `heading` (kind, year and HEADING), then the rules; what is read from it is what was written."""
    order = [key for key in _SECTIONS if key in rules] + sorted(set(rules) - set(_SECTIONS))
    whole = {"notice": {key: _plain(value) for key, value in heading.items()}}
    whole |= {key: _ordered(rules[key]) for key in order}
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=1000)


def with_changes(rules: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The rules with the main figures and the rows of `changes` in place of their own; all else as it was.

    A row is known by its code: what `changes` says of it replaces that alone, a row that it leaves out is gone.
    """
    made = deepcopy(dict(rules))
    for key in MAIN:
        if key in changes:
            made[key] = _plain(changes[key])
    if "publicity_days" in changes:
        made["publicity"] = {**made["publicity"], "days": _plain(changes["publicity_days"])}
    for key in ROWS:
        if key in changes:
            made[key] = _merged(made[key], changes[key])
    return made


def _merged(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    known = {row["code"]: row for row in old}
    return [{**known.get(str(row["code"]), {}), **{key: _plain(value) for key, value in row.items()}} for row in new]


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        keys = [key for key in _KEYS if key in value]
        keys += sorted(key for key in value if key not in _KEYS and key not in _LAST)
        keys += [key for key in _LAST if key in value]
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list):
        return [_ordered(one) for one in value]
    return value


def _plain(value: Any) -> Any:
    """As JSON keeps it: numbers and days as text."""
    return value.isoformat() if isinstance(value, date) else value if isinstance(value, bool) else str(value)
