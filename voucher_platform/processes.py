"""Processes that live and die together: what `make run` is made of."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PORTS_TRIED = 100
GRACE = 20  # seconds a child has for its tidy end
# Killed before the child had asked for the signal, we would leave it behind: so it looks for us once it has asked.
IF_STILL_OURS = '[ "$PPID" = "$0" ] && exec "$@"'


class AlreadyRunning(Exception):
    """Somebody holds the lock; the message is what they wrote into it."""


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[Path]:
    """Nobody else is in this block for the same `lock`. Raises AlreadyRunning; a killed holder leaves nothing behind."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise AlreadyRunning(file.read().strip()) from None
        file.truncate(0)
        yield lock


@contextlib.contextmanager
def claimed_port(host: str, first: int, *, tries: int = PORTS_TRIED) -> Iterator[int]:
    """The first free port from `first` on, ours for the block. Raises OSError EADDRINUSE when `tries` ports are taken.

    Between our look and the web server's bind another copy could choose the same port, so a copy claims its
    port by an abstract socket first: no file, gone with the process, seen exactly where the port is seen.
    """
    for port in range(first, min(first + tries, 65536)):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as claim:
            try:
                claim.bind(f"\0voucher-platform:{port}")
                _try_bind(host, port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            yield port
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _try_bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        probe.listen(1)


@dataclass
class Child:
    """A running process and where its words go."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_words(self, lines: int = 20) -> str:
        """The end of its log, for a person."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@dataclass
class Family:
    """Children that end when we end, however we end."""

    logs: Path
    children: list[Child] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str | Path]) -> Child:
        """A child with a log of its own. It leads a process group, so a Ctrl-C at the terminal is ours to pass on."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "sh", "-c", IF_STILL_OURS, str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def ended(self) -> Child | None:
        """A child that ended by itself, if any did."""
        return next((child for child in self.children if child.process.poll() is not None), None)

    def stop(self) -> None:
        """None of them runs: asked first, the last started first, then killed with all they started."""
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + GRACE
        for child in self.children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
        self.children.clear()
