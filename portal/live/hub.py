"""One thread that listens to PostgreSQL on one connection, and the frames that all browsers of a process share."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

import psycopg
from django.db import DatabaseError, connection

from foundation.live import CHANNEL
from portal.live.topics import TOPICS

log = logging.getLogger(__name__)

GAP = 0.25  # seconds between two looks at a topic, however often it changes
AGAIN = 1.2  # seconds after a change at which it is looked at once more: for what was left unsaid meanwhile
ANYHOW = 20.0  # seconds after which every topic is looked at without having heard anything
RETRY = 2.0  # seconds before the database is asked again after it was gone


class Schedule:
    """When to look at what. Times are of a monotonic clock, in seconds."""

    def __init__(self, now: float) -> None:
        self.last: dict[str, float] = {}
        self.due: dict[str, float] = dict.fromkeys(TOPICS, now)

    def heard(self, table: str, now: float) -> None:
        """Something changed: look soon, but never twice within GAP."""
        for topic in TOPICS.values():
            if topic.concerns(table):
                soon = max(now, self.last.get(topic.name, now - GAP) + GAP)
                self.due[topic.name] = min(self.due[topic.name], soon)

    def looked(self, topic: str, now: float, *, heard: bool) -> None:
        """Looked just now. After a change once more a little later; else only when nothing was heard for long."""
        self.last[topic] = now
        self.due[topic] = now + (AGAIN if heard else ANYHOW)

    def ready(self, now: float) -> list[str]:
        """The topics to look at now."""
        return [name for name, at in self.due.items() if at <= now]

    def wait(self, now: float) -> float:
        """How long there is nothing to do."""
        return max(0.0, min(self.due.values()) - now)


class Frames:
    """How each topic looks, as it goes over the line: made once, whoever takes it."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.bytes: dict[str, bytes] = {}
        self.versions: dict[str, str] = {}
        self.waiting: set[asyncio.Queue[None]] = set()

    def put(self, topic: str, version: str, frame: bytes) -> None:
        """From now on the topic looks so. Every browser's queue gets a nudge; one that is slow already has one."""
        self.versions[topic], self.bytes[topic] = version, frame
        for queue in self.waiting:
            if queue.empty():
                queue.put_nowait(None)

    def put_from_thread(self, topic: str, version: str, frame: bytes) -> None:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.put, topic, version, frame)


class Listener(threading.Thread):
    """Looks at the topics when PostgreSQL says that something changed. Everything on its own one connection."""

    def __init__(self, frames: Frames) -> None:
        super().__init__(name="live", daemon=True)
        self.frames = frames
        self.ended = threading.Event()
        self.versions: dict[str, str] = {}

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                self._listen()
            except (DatabaseError, psycopg.Error) as error:
                log.warning("live: the database is gone (%s), asking again", error)
                self.ended.wait(RETRY)
            finally:
                connection.close()

    def stop(self) -> None:
        self.ended.set()
        self.join(RETRY + 5)

    def _listen(self) -> None:
        connection.ensure_connection()
        raw: Any = connection.connection
        raw.execute(f"LISTEN {CHANNEL}")
        schedule, changed = Schedule(time.monotonic()), set[str]()
        while not self.ended.is_set():
            wait = min(schedule.wait(time.monotonic()), 1.0)
            for notice in raw.notifies(timeout=wait, stop_after=1):
                changed |= self._note(schedule, [notice.payload])
            for name in schedule.ready(time.monotonic()):
                self._look(name)
                schedule.looked(name, time.monotonic(), heard=name in changed)
                changed.discard(name)

    def _note(self, schedule: Schedule, tables: Iterable[str]) -> set[str]:
        now, found = time.monotonic(), set[str]()
        for table in tables:
            schedule.heard(table, now)
            found |= {topic.name for topic in TOPICS.values() if topic.concerns(table)}
        return found

    def _look(self, name: str) -> None:
        """The frame is made anew when the topic looks different."""
        look = TOPICS[name].look()
        if self.versions.get(name) != look.version:
            self.versions[name] = look.version
            self.frames.put_from_thread(name, look.version, f"event: {name}\ndata: {look.text()}\n\n".encode())
