"""Interleaved rounds: every cell once, then every cell again, so that a slow minute hits them all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

Cell = Callable[[float], float]  # seconds to run -> operations per second
BUSY = 0.25  # of one core, by others, before a round: it is then run once more


class Rounds:
    """Medians of the cells over `rounds` rounds; up to `more` rounds that began under other load are repeated."""

    def __init__(self, rounds: int, seconds: float, more: int) -> None:
        self.rounds, self.seconds, self.more = rounds, seconds, more
        self.seen: dict[str, list[float]] = {}
        self.repeated = 0

    def run(self, cells: dict[str, Cell]) -> dict[str, float]:
        """The median of each cell's operations per second."""
        done = 0
        while done < self.rounds:
            busy = others_busy() > BUSY and self.repeated < self.more
            for name, cell in cells.items():
                self.seen.setdefault(name, []).append(cell(self.seconds))
            self.repeated += busy
            done += not busy
        return {name: statistics.median(self.seen[name]) for name in cells}


def others_busy(seconds: float = 0.2) -> float:
    """How many cores others use while we are idle."""
    before, start = _busy_ticks(), time.monotonic()
    time.sleep(seconds)
    return (_busy_ticks() - before) / 100 / (time.monotonic() - start)


def _busy_ticks() -> int:
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return user + nice + system + irq + softirq + steal
