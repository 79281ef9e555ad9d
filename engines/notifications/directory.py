"""Who can be reached how. An upper room that knows people registers this; the engine knows ids only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Verification:
    """An address that somebody says is his, and the token that only who reads its mail can know."""

    address: str
    token: str


@dataclass(frozen=True)
class Directory:
    """`people`: (organisation, person) of everybody active with a verified address, in these organisations.

    `address`: the person's verified address, or None when he is not to be mailed. `verification`: of the
    address he has yet to verify. `operators`: the organisations that are told when something cannot be sent.
    """

    people: Callable[[Collection[UUID]], Iterable[tuple[UUID, UUID]]]
    address: Callable[[UUID], str | None]
    verification: Callable[[UUID], Verification | None]
    operators: Callable[[], list[UUID]]


NOBODY = Directory(
    people=lambda organisation_ids: [], address=lambda person: None, verification=lambda person: None, operators=list
)
_registered = [NOBODY]


def register(directory: Directory) -> None:
    """It is asked from now on."""
    _registered[0] = directory


def known() -> Directory:
    """The one registered; by itself the engine knows nobody."""
    return _registered[0]
