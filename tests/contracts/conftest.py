"""What this room's tests share."""

from tests.waits import waits_are_kept

__all__ = ["waits_are_kept"]
