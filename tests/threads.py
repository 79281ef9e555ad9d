"""Several people at once: each act in a thread and on a connection of its own, all let go together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from foundation.errors import DomainError

Act = Callable[[], Any]


def answers_of(*acts: Act) -> list[Any]:
    """What each returned, or its refusal's code, in the order of the acts. Any other error is the test's."""
    return [one.code if isinstance(one, DomainError) else one for one in _let_go(acts)]


def outcomes_of(*acts: Act) -> list[str]:
    """`ok` or the refusal's code of each, in the order of the acts."""
    return [one.code if isinstance(one, DomainError) else "ok" for one in _let_go(acts)]


def at_once(acts: Sequence[Act]) -> list[str]:
    """The outcomes sorted, for acts that are all alike."""
    return sorted(outcomes_of(*acts))


def _let_go(acts: Sequence[Act]) -> list[Any]:
    gate = Barrier(len(acts), timeout=30)

    def run(act: Act) -> Any:
        try:
            gate.wait()
            return act()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
