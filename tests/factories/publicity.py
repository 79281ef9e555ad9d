"""A kind of list for tests that notes what it is told, and lists on public show."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.models import Organisation
from accounts.states import Role
from engines.publicity import kinds
from engines.publicity.kinds import Kind
from engines.publicity.models import Publicity, PublicityItem
from engines.publicity.services import Entry
from foundation import clock
from programmes.services import publicities
from tests.factories.accounts import make_organisation, officer
from tests.factories.programmes import open_year

_numbers = itertools.count(1)


@dataclass
class Notes:
    """What an upper room was told: (what, label of the item or number of items)."""

    said: list[tuple[str, Any]] = field(default_factory=list)

    def kind(self, code: str = "test") -> Kind:
        """A kind that writes everything here, with the state it found."""
        return Kind(
            code=code,
            label="测试名单公示",
            hold=lambda item, by, reason: self.said.append(("hold", item.label)),
            release=lambda item, by, reason: self.said.append(("release", item.label, str(item.state))),
            remove=lambda item, by, reason: self.said.append(("remove", item.label)),
            close=lambda publicity, items, by: self.said.append(("close", [item.label for item in items])),
            withdraw=lambda publicity, by, reason: self.said.append(("withdraw", publicity.item_count)),
        )


@contextmanager
def known_kind(code: str = "test") -> Iterator[Notes]:
    """The kind is known inside; what was registered before is as it was afterwards."""
    notes, before = Notes(), dict(kinds._kinds)
    kinds.register(notes.kind(code))
    try:
        yield notes
    finally:
        kinds._kinds.clear()
        kinds._kinds.update(before)


def make_entry(subject: Organisation | None = None, **body: str) -> Entry:
    """One thing to be shown."""
    row = subject or make_organisation()
    number = next(_numbers)
    return Entry(row, f"事项{number}", body or {"单位名称": row.name, "统一社会信用代码": row.uscc or ""})


def make_publicity(
    count: int = 3, *, kind: str = "test", entries: list[Entry] | None = None, **fields: Any
) -> Publicity:
    """A list of `count` things, shown from today by the rules of this year's notice."""
    today = clock.today()
    values: dict[str, Any] = {
        "by": officer(Role.DEPARTMENT),
        "kind": kind,
        "notice": open_year(today.year),
        "title": "测试名单",
        "reference": f"桂工信测公示〔{today.year}〕{next(_numbers)}号",
        "first": today,
        "last": None,
        "decided": date(2000, 1, 1),
        "entries": entries or [make_entry() for _ in range(count)],
    }
    return publicities.open_period(**{**values, **fields})


def items(publicity: Publicity) -> list[PublicityItem]:
    """Its items in their order, as they stand."""
    return list(publicity.items.order_by("position"))
