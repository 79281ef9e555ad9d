"""What a roster that waits would change, line by line, beside what is in force now: for the second person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from registry import reference
from registry.models import DishonestParty, ListedEnterprise, RosterImport
from registry.states import RosterKind


class What(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Difference:
    """One line: what is known now ("" where nothing is) and what it will be."""

    line: str
    uscc: str
    what: What
    before: str
    after: str


def differences(roster: RosterImport) -> list[Difference]:
    """Every line of the roster, in its order. One query; a roster of titles needs none: what is known is refused there."""
    known = _KNOWN[RosterKind(roster.kind)](roster)
    describe = _DESCRIBE[RosterKind(roster.kind)]
    found = []
    for row in roster.rows:
        before, after = known.get((row["uscc"], row.get(_SINCE[RosterKind(roster.kind)], "")), ""), describe(row)
        what = What.NEW if not before else What.SAME if before == after else What.CHANGED
        found.append(Difference(row["line"], row["uscc"], what, before, after))
    return found


def _listed(roster: RosterImport) -> dict[tuple[str, str], str]:
    rows = ListedEnterprise.objects.filter(uscc__in=[row["uscc"] for row in roster.rows])
    return {
        (one.uscc, str(one.listed_since)): _period(one.name, one.listed_since, one.removed_on, "退规") for one in rows
    }


def _dishonest(roster: RosterImport) -> dict[tuple[str, str], str]:
    rows = DishonestParty.objects.filter(uscc__in=[row["uscc"] for row in roster.rows])
    return {(one.uscc, str(one.since)): _period(one.source, one.since, one.until, "移出") for one in rows}


def _none(roster: RosterImport) -> dict[tuple[str, str], str]:
    return {}


def _period(name: str, since: object, until: object, end: str) -> str:
    return f"{name}，自{since}" + (f"，{until}{end}" if until else "")


def _title(row: dict[str, Any]) -> str:
    kind = reference.title_kinds().get(row["title_code"])
    return _period(kind.name if kind else row["title_code"], row["valid_from"], row["valid_to"], "到期")


_KNOWN: dict[RosterKind, Callable[[RosterImport], dict[tuple[str, str], str]]] = {
    RosterKind.LISTED: _listed,
    RosterKind.DISHONEST: _dishonest,
    RosterKind.TITLES: _none,
}
_DESCRIBE: dict[RosterKind, Callable[[dict[str, Any]], str]] = {
    RosterKind.LISTED: lambda row: _period(row["name"], row["listed_since"], row["removed_on"], "退规"),
    RosterKind.DISHONEST: lambda row: _period(row["source"], row["since"], row["until"], "移出"),
    RosterKind.TITLES: _title,
}
_SINCE = {RosterKind.LISTED: "listed_since", RosterKind.DISHONEST: "since", RosterKind.TITLES: "valid_from"}
