"""Who acts. Engines know an actor only by this shape; accounts.User has it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class Actor(Protocol):
    """Somebody or something a record can name as its doer."""

    @property
    def actor_id(self) -> str:
        """Stable for ever: `user:<uuid>` or `system:<job>`."""

    @property
    def actor_label(self) -> str:
        """What people read; copied into evidence, so a later change of name does not change the record."""


@dataclass(frozen=True)
class SystemActor:
    """A job acting by itself, named so that the trail says which."""

    job: str

    @property
    def actor_id(self) -> str:
        return f"system:{self.job}"

    @property
    def actor_label(self) -> str:
        return f"系统任务（{self.job}）"
