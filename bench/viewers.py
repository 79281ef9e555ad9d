"""Many browsers that follow the budget at once: python -m bench.viewers [500]

Starts a throwaway database and the process of the stream, opens that many connections from this process, all on
loopback, and confirms appropriations. Prints how long after the commit the first, the median and the last browser had
the new figure, what the stream's process grew by, and how many database connections it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests import database

Change = Callable[[], float]  # the moment at which it was committed

MOST = 1000  # browsers; more would measure this script
ROUNDS = 5
WAIT = 15.0  # seconds for a change to reach everybody
STREAM = "/live/stream/?topics=budget"


class Viewer:
    """One browser: which version it shows, and since when."""

    def __init__(self) -> None:
        self.version, self.at = "", 0.0

    async def follow(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        try:
            writer.write(f"GET {STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            await writer.drain()
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self.version, self.at = json.loads(line[6:])["version"], time.perf_counter()
        finally:
            writer.close()


async def measure(port: int, process: int, number: int, changes: list[Change]) -> None:
    empty = memory(process)
    viewers = [Viewer() for _ in range(number)]
    following = [asyncio.create_task(one.follow(port)) for one in viewers]
    await until(lambda: all(one.version for one in viewers))
    print(f"browsers={number} memory={empty:.0f} MB, with them +{memory(process) - empty:.0f} MB")
    for change in changes:
        await asyncio.sleep(2)
        seen = [one.version for one in viewers]
        done = await asyncio.to_thread(change)
        await until(lambda seen=seen: all(one.version != old for one, old in zip(viewers, seen, strict=True)))
        times = sorted((one.at - done) * 1000 for one, old in zip(viewers, seen, strict=True) if one.version != old)
        told = f"first={times[0]:.0f} median={statistics.median(times):.0f} last={times[-1]:.0f} ms" if times else ""
        print(f"reached={len(times)}/{number} {told}")
    print(f"database connections of the stream: {await asyncio.to_thread(connections)}")
    for one in following:
        one.cancel()


def prepare() -> list[Change]:
    """Appropriations that wait for the second person, one for each round."""
    from accounts.states import Role
    from foundation import clock
    from programmes.services import confirm_appropriation
    from programmes.states import AppropriationState
    from tests.factories.accounts import officer
    from tests.factories.programmes import appropriate

    second = officer(Role.FINANCE)

    def confirm(entry: Any) -> float:
        confirm_appropriation(by=second, appropriation_id=entry.pk, version=entry.version)
        return time.perf_counter()

    year = clock.today().year
    entries = [appropriate(year, "1000000.00", state=AppropriationState.RECORDED) for _ in range(ROUNDS)]
    return [partial(confirm, entry) for entry in entries]


def connections() -> int:
    """Those of the stream's process to the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'stream'")
        return int(cursor.fetchone()[0])


def memory(process: int) -> float:
    """MB that the process has in memory."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


async def until(condition: Callable[[], bool]) -> None:
    """It holds, or WAIT is over."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline and not condition():  # noqa: ASYNC110 - it comes of many tasks
        await asyncio.sleep(0.005)


@contextlib.contextmanager
def streaming() -> Iterator[tuple[int, int]]:
    """The stream's process: its port and number."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    environment = {**os.environ, "PGAPPNAME": "stream"}
    process = subprocess.Popen(
        [*command, "--timeout-graceful-shutdown", "1", "voucher_platform.asgi:application"], env=environment
    )
    try:
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def main() -> None:
    number = min(int(sys.argv[1]) if len(sys.argv) > 1 else 500, MOST)
    with database.server() as url:
        os.environ |= {
            "DATABASE_URL": f"{url.rpartition('/')[0]}/{database.MIGRATED}",
            "DJANGO_SETTINGS_MODULE": "voucher_platform.settings",
            "VOUCHER_ENV": "development",
        }
        import django

        django.setup()
        with streaming() as (port, process):
            asyncio.run(measure(port, process, number, prepare()))


if __name__ == "__main__":
    main()
