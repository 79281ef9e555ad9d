"""The words of the 信用承诺书, by version; they ship with the platform."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from accounts.states import OrganisationKind
from engines.evidence import chain
from foundation import strict_yaml


@dataclass(frozen=True)
class Words:
    """What one kind of party commits itself to."""

    version: int
    kind: str
    title: str
    clauses: tuple[str, ...]

    @property
    def sm3(self) -> str:
        """The digest of exactly these words."""
        return chain.sm3(chain.canonical({"title": self.title, "clauses": list(self.clauses)}))


def current(kind: str) -> Words:
    """The newest words for 企业 or 服务商."""
    return max(_all(), key=lambda words: (words.kind == kind, words.version))


def versions(kind: str) -> list[Words]:
    """Every version for this kind of party, oldest first."""
    return [words for words in _all() if words.kind == kind]


@cache
def _all() -> tuple[Words, ...]:
    raw = resources.files("credit").joinpath("data", "commitments.yaml").read_text("utf-8")
    return tuple(
        Words(one["version"], kind, one[kind]["title"], tuple(one[kind]["clauses"]))
        for one in strict_yaml.load(raw)
        for kind in (OrganisationKind.ENTERPRISE.value, OrganisationKind.PROVIDER.value)
    )
