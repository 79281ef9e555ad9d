"""Drawing experts: seeded, so that anyone may draw again and find the same people. No ORM, no clock, no chance.

The order is that of SM3(seed, expert): whoever knows seed and pool can compute it in any language.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from engines.evidence import chain


@dataclass(frozen=True)
class Tied:
    """A body the expert is tied to: by name of its code; `until` is the last day on which it keeps him away."""

    uscc: str
    why: str
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it keeps him away on `day`."""
        return self.until is None or self.until >= day


@dataclass(frozen=True)
class Candidate:
    """An expert as the draw sees him."""

    id: UUID
    fields: frozenset[str]
    unit_uscc: str
    ties: tuple[Tied, ...] = ()
    recused_from: frozenset[str] = frozenset()  # bodies from which he stepped back in this round


@dataclass(frozen=True)
class Body:
    """A case as the draw sees it: who applies, whose parent, in which categories, who sits on it already."""

    id: UUID
    uscc: str
    categories: frozenset[str]
    parent_uscc: str = ""
    seats: int = 0
    taken: frozenset[UUID] = frozenset()  # experts who have, or had, a sheet of it

    @property
    def codes(self) -> frozenset[str]:
        """The applicant's own code and its parent's."""
        return frozenset({self.uscc, self.parent_uscc}) - {""}


@dataclass(frozen=True)
class Result:
    """Who was drawn for each case, in the order of the draw; who was kept away from which, and why; who is short."""

    order: tuple[UUID, ...]
    seats: Mapping[UUID, tuple[UUID, ...]]
    excluded: tuple[tuple[UUID, UUID, str], ...] = field(default_factory=tuple)

    def short(self, wanted: Mapping[UUID, int]) -> dict[UUID, int]:
        """How many experts each case still lacks."""
        return {case: n - len(self.seats[case]) for case, n in wanted.items() if len(self.seats[case]) < n}


def order(seed: str, pool: Iterable[UUID]) -> list[UUID]:
    """The pool in the order that the seed gives it."""
    return sorted(pool, key=lambda one: chain.sm3(f"{seed}:{one}".encode()))


def conflict(candidate: Candidate, body: Body, day: date) -> str:
    """What ties the expert to this body on `day` (DOMAIN section 4, rule 2); empty when nothing does."""
    if candidate.unit_uscc in body.codes:
        return "所在单位即申请机构或其母公司"
    for tie in candidate.ties:
        if tie.uscc in body.codes and tie.holds(day):
            return tie.why
    if body.uscc in candidate.recused_from:
        return "本批次已对该机构声明回避"
    return ""


def why_not(candidate: Candidate, body: Body, day: date) -> str:
    """Why the expert is not drawn for this body on `day`; empty when he may be."""
    if why := conflict(candidate, body, day):
        return why
    if candidate.id in body.taken:
        return "已抽取过"
    if body.categories and not candidate.fields & body.categories:
        return "专业领域不符"
    return ""


def draw(seed: str, pool: Collection[Candidate], bodies: Sequence[Body], day: date) -> Result:
    """For each body the first `seats` experts of the seeded order whom nothing keeps away."""
    known = {one.id: one for one in pool}
    listed = order(seed, known)
    seats: dict[UUID, tuple[UUID, ...]] = {}
    excluded: list[tuple[UUID, UUID, str]] = []
    for body in bodies:
        reasons = {one: why_not(known[one], body, day) for one in listed}
        excluded += [(one, body.id, reason) for one, reason in reasons.items() if reason]
        seats[body.id] = tuple([one for one in listed if not reasons[one]][: body.seats])
    return Result(tuple(listed), seats, tuple(excluded))
