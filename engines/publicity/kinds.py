"""What is put on public show: each upper room registers its kind of list and what becomes of its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foundation.actors import Actor
from foundation.errors import Invalid

if TYPE_CHECKING:
    from engines.publicity.models import Publicity, PublicityItem


@dataclass(frozen=True)
class Kind:
    """One kind of list. The callbacks run in the engine's transaction, with the publicity and its items locked.

    A reason is what an officer wrote or what the engine says in Chinese; it may go on the subject's own chain.
    """

    code: str
    label: str
    hold: Callable[[PublicityItem, Actor, str], None]  # the subject waits for an objection against it
    release: Callable[[PublicityItem, Actor, str], None]  # nothing holds it any more; item.state: on_show or cleared
    remove: Callable[[PublicityItem, Actor, str], None]  # an objection was upheld: the subject leaves the list
    close: Callable[[Publicity, Sequence[PublicityItem], Actor], None]  # the period is over: these items are cleared
    withdraw: Callable[[Publicity, Actor, str], None]  # the list is void; a new one runs its full time


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """The kind may be put on show. Called once, in AppConfig.ready()."""
    _kinds[kind.code] = kind


def of(code: str) -> Kind:
    """The kind `code`. Raises PUBLICITY_KIND naming the known ones."""
    if code not in _kinds:
        raise Invalid("PUBLICITY_KIND", f"没有公示类别“{code}”。", known=sorted(_kinds))
    return _kinds[code]


def known() -> dict[str, str]:
    """Every registered kind with its Chinese label."""
    return {code: kind.label for code, kind in sorted(_kinds.items())}
