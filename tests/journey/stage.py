"""The journey's own instance: a throwaway PostgreSQL, a real HTTP server, and a clock that can be moved.

Importing this module prepares the environment before Django reads it, so that nothing of the calling shell
(a real DATABASE_URL, pytest's worker variables) reaches the journey. Production code has no time switch:
the clock of this whole process, server included, is moved from outside.
"""

from __future__ import annotations

import os
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

for name in ("TEST_DATABASE_URL", "PYTEST_XDIST_WORKER"):
    os.environ.pop(name, None)
os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "WARNING"}

import django  # noqa: E402 - only once the environment is ready
from django.conf import settings  # noqa: E402

from tests import database  # noqa: E402

settings.DATABASES["default"]["NAME"] = database.MIGRATED  # the server starts with every migration applied to it
django.setup()

import time_machine  # noqa: E402

from foundation import clock, jobs  # noqa: E402
from tests.server import serving  # noqa: E402

__all__ = ["AT_THE_END", "BEAT", "Clock", "at", "serving"]
SHANGHAI = ZoneInfo("Asia/Shanghai")
# What beat runs by day and night, all of it; these read everything and are asked for by name at the end.
AT_THE_END = ("verify_evidence", "recompute_ledger")
BEAT = tuple(name for name in settings.CELERY_BEAT_SCHEDULE if name not in AT_THE_END)


class Clock:
    """The time at which everything happens. It only goes forward."""

    def __init__(self) -> None:
        self._travel = time_machine.travel(at(date(2025, 12, 20)), tick=True)
        self._now = self._travel.start()

    def to(self, day: str, hour: str = "09:00:00", *, still: bool = False) -> None:
        """It is that moment in Shanghai, and beat has run its jobs. `still`: the clock stands there, beat waits."""
        moment = at(date.fromisoformat(day), time.fromisoformat(hour))
        if moment < clock.now():
            raise ValueError(f"{moment} is in the past of the journey")
        self._now.move_to(moment, tick=not still)
        if not still:
            for job in BEAT:
                self.run(job)

    def run(self, job: str) -> dict[str, Any]:
        """One job as beat would run it now."""
        return jobs.run(job, clock.today())

    def today(self) -> date:
        """The civil date on the stage."""
        return clock.today()

    def stop(self) -> None:
        self._travel.stop()


def at(day: date, hour: time = time(9)) -> datetime:
    """The instant of a Shanghai wall clock."""
    return datetime.combine(day, hour, SHANGHAI)
