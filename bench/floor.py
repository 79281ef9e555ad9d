"""The yardsticks: plain SQL functions of `sql/`, run by pgbench with as many clients."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import psycopg

from voucher_platform.embedded import binaries

SQL = Path(__file__).parent / "sql"
SHORTEST = 0.3  # seconds: each run plans its functions anew, which our workers have done; below this it would show


class Floor:
    """One pgbench script against the server of `url`."""

    def __init__(self, url: str, script: str, **variables: int) -> None:
        self.url = url
        self.file = SQL / script
        self.variables = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
        self.pace: dict[int, float] = {}  # per second, by clients, as last seen

    def run(self, clients: int, seconds: float) -> float:
        """Operations per second. pgbench counts whole seconds, so it is given a number of operations instead."""
        pace = self.pace.get(clients, 1000 * min(clients, 4))
        each = max(20, int(pace * max(seconds, SHORTEST) / clients))
        self.prepare(each * clients)
        self.pace[clients] = self._pgbench(clients, each)
        return self.pace[clients]

    def prepare(self, operations: int) -> None:
        """What that many operations need is there."""

    def _pgbench(self, clients: int, each: int) -> float:
        done = subprocess.run(
            [
                *(str(binaries.folder() / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={clients}"),
                *(
                    f"--jobs={min(clients, 2)}",
                    f"--transactions={each}",
                    f"--file={self.file}",
                    *self.variables,
                    self.url,
                ),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=binaries.environment(),
        )
        found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        if done.returncode or not found:
            raise RuntimeError(f"pgbench {self.file.name}: {done.stderr[-2000:]}")
        return float(found[1])


def load(url: str, *names: str) -> None:
    """The functions of the yardsticks are in the database."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in names:
            connection.execute((SQL / name).read_text("utf-8").encode())


def execute(url: str, statement: str) -> None:
    """One statement outside any transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
