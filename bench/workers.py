"""Processes that call the platform's own services, each with its own connection, started once and told what to run."""

from __future__ import annotations

import multiprocessing as mp
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from django.db import connections

# A load is made once in each worker, `make(number)`, and answers an act; the act is one operation.
Act = Callable[..., Any]
Make = Callable[[int], Act]
HEAD_START = 0.03  # seconds, for every worker to have read its order


class Pool:
    """`size` forked workers that know `loads` by name. Django must be set up and no connection open."""

    def __init__(self, size: int, loads: dict[str, Make]) -> None:
        connections.close_all()
        context = mp.get_context("fork")
        self.pipes: list[Connection] = []
        for number in range(size):
            ours, theirs = context.Pipe()
            context.Process(target=_work, args=(theirs, number, loads), daemon=True).start()
            self.pipes.append(ours)

    def rate(self, load: str, workers: int, seconds: float) -> float:
        """Operations per second over all of the first `workers` workers."""
        return self.rate_of(load, workers, seconds, None)[0]

    def rate_of(self, load: str, workers: int, seconds: float, feeds: Any) -> tuple[float, list[int]]:
        """The same for an act on an item, each worker with its own list of them; and how many each has done."""
        start = time.monotonic() + HEAD_START
        answers = self._all([(load, start, seconds, feeds and feed) for feed in feeds or [None] * workers])
        counts = [count for count, _ in answers]
        return sum(counts) / max(end - start for _, end in answers), counts

    def once(self, load: str, workers: int) -> list[Any]:
        """What one operation returned in each worker, all let go together."""
        return self._all([(load, time.monotonic() + HEAD_START, None, None)] * workers)

    def _all(self, orders: list[tuple[Any, ...]]) -> list[Any]:
        for pipe, order in zip(self.pipes, orders, strict=False):
            pipe.send(order)
        answers = [pipe.recv() for pipe in self.pipes[: len(orders)]]
        for answer in answers:
            if isinstance(answer, str):
                raise RuntimeError(answer)
        return answers

    def close(self) -> None:
        for pipe in self.pipes:
            pipe.send(None)


def _work(pipe: Connection, number: int, loads: dict[str, Make]) -> None:
    acts: dict[str, Act] = {}
    while (order := pipe.recv()) is not None:
        try:
            pipe.send(_answer(acts, number, loads, *order))
        except Exception:  # noqa: BLE001 - the parent raises it
            pipe.send(traceback.format_exc())
    connections.close_all()


def _answer(acts: dict[str, Act], number: int, loads: dict[str, Make], *order: Any) -> Any:
    load, start, seconds, feed = order
    if load not in acts:
        acts[load] = loads[load](number)
    act = acts[load]
    while time.monotonic() < start:
        pass
    if seconds is None:
        return act()
    count, end = 0, start + seconds
    items = iter(feed) if feed is not None else None
    while (now := time.monotonic()) < end:
        if items is None:
            act()
        else:
            item = next(items, None)
            if item is None:
                break
            act(item)
        count += 1
    return count, now
