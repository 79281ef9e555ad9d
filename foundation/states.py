"""Running a declared transition, with a refusal people can read when the state does not allow it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django_fsm import TransitionNotAllowed

from foundation.errors import wrong_state


def move(row: models.Model, transition: str, what: str) -> Callable[..., Any]:
    """The transition method of the locked `row`; from a wrong state it raises 409 WRONG_STATE naming `what`."""
    method: Callable[..., Any] = getattr(row, transition)

    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except TransitionNotAllowed:
            state: Any = row
            raise wrong_state(what, str(state.state), str(state.get_state_display())) from None

    return run
