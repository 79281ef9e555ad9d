"""Reference data shipped with the platform: regions, industries, titles. Read once, looked up by code.

GB/T 2260 (广西, `regions.csv`), GB/T 4754-2017 divisions 13-43 (`industries.csv`), the titles of 办法 第十条
(`titles.csv`). No ORM, no clock.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

NEWLY_LISTED = "newly_listed"


@dataclass(frozen=True)
class Region:
    """One division of GB/T 2260: the region itself, a city or a county."""

    code: str
    name: str
    level: str
    parent: str

    @property
    def city_code(self) -> str:
        """The city it is or lies in; empty for the region itself."""
        return self.code if self.level == "city" else self.parent if self.level == "county" else ""


@dataclass(frozen=True)
class Industry:
    """One manufacturing division of GB/T 4754-2017."""

    code: str
    name: str


@dataclass(frozen=True)
class TitleKind:
    """A title that 办法 第十条 grades by. A `derived` one follows from a roster and is never recorded by hand."""

    code: str
    name: str
    level: str
    article: str
    derived: bool


@cache
def regions() -> Mapping[str, Region]:
    """广西 and its 14 cities and 111 counties, by six-digit code."""
    return MappingProxyType({row["code"]: Region(**row) for row in _rows("regions.csv")})


@cache
def industries() -> Mapping[str, Industry]:
    """Divisions 13 to 43, by two-digit code."""
    return MappingProxyType({row["code"]: Industry(**row) for row in _rows("industries.csv")})


@cache
def title_kinds() -> Mapping[str, TitleKind]:
    """The titles of 第十条, by code."""
    return MappingProxyType(
        {
            row["code"]: TitleKind(row["code"], row["name"], row["level"], row["article"], row["derived"] == "yes")
            for row in _rows("titles.csv")
        }
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("registry").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
