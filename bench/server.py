"""A PostgreSQL of our own with full durability, and what it costs there to make a commit safe."""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from voucher_platform.embedded import postgres

SHOWN = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "commit_delay")
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@contextlib.contextmanager
def running(flush_us: int) -> Iterator[str]:
    """A new server; its URL. Its data lie on a disk, or with `flush_us` in memory where each flush takes that long.

    A shared disk's flush can swing tenfold between two rounds; the second way makes runs comparable.
    """
    top = Path(tempfile.mkdtemp(prefix="voucher-bench-", dir=_place(flush_us)))
    try:
        with postgres.serving(top) as url:
            if flush_us:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(f"ALTER SYSTEM SET commit_delay = {flush_us}")  # the flush's leader sleeps
                    connection.execute("ALTER SYSTEM SET commit_siblings = 0")  # always
                    connection.execute("SELECT pg_reload_conf()")
            yield url
    finally:
        shutil.rmtree(top, ignore_errors=True)


def _place(flush_us: int) -> str:
    """BENCH_DIR; or /var/tmp, which unlike /tmp is not kept in memory."""
    return os.environ.get("BENCH_DIR") or ("/dev/shm" if flush_us else "/var/tmp")


def described(url: str, flush_us: int) -> list[str]:
    """The settings that decide about durability. Raises RuntimeError when one of them is off."""
    with psycopg.connect(url) as connection:
        shown = {name: _setting(connection, name) for name in SHOWN}
    weak = {name: shown[name] for name, value in DURABLE.items() if shown[name] != value}
    if weak:
        raise RuntimeError(f"not durable: {weak}")
    if flush_us:
        flush = f"flush fixed at {flush_us} µs (data in memory, commit_delay)"
    else:
        median, slow = flush_cost(_place(flush_us))
        flush = f"flush (8 kB, fdatasync, {_place(flush_us)}): median {median:.0f} µs, p90 {slow:.0f} µs"
    return [" ".join(f"{name}={value}" for name, value in shown.items()), flush]


def _setting(connection: psycopg.Connection[Any], name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row
    return str(row[0])


def flush_cost(directory: str, times: int = 200) -> tuple[float, float]:
    """Median and 90th percentile in µs of writing 8 kB and having it on disk."""
    costs = []
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        for _ in range(times):
            start = time.perf_counter()
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())
            costs.append((time.perf_counter() - start) * 1e6)
    return statistics.median(costs), statistics.quantiles(costs, n=10)[-1]
