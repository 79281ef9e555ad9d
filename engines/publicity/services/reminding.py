"""What the office was reminded of, so that it is told once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from engines.publicity.models import Reminder
from foundation import clock


def remind_once(*, subject_id: UUID, what: str, due: date) -> bool:
    """Whether this is the first reminder of `what` with this due day; from now on it is not.

    Call it in the transaction that tells: of two who remind at once one waits and finds it told.
    """
    _, created = Reminder.objects.get_or_create(
        subject_id=subject_id, what=what, due=due, defaults={"told_at": clock.now()}
    )
    return created
