"""A private PostgreSQL for development and tests, used only when DATABASE_URL is unset.

Everything about its life is here, so a killed client, a killed server or two processes starting at
once all end well. It listens on a unix socket in its own 0700 directory and on no port.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from voucher_platform.embedded import binaries, places

SOCKET = ".s.PGSQL.5432"
DATABASE = "voucher"
OPTIONS = (
    "listen_addresses=",
    "max_connections=200",
    "timezone=UTC",
    "unix_socket_permissions=0700",
    "log_min_duration_statement=500",
)
THROWAWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_wal_size=2GB")
STARTING = "the database system is starting up"
START_TRIES = 40  # half a second each: after a kill -9 the old backends need a moment to leave
_held: dict[Path, IO[str]] = {}  # shared locks this process keeps until it ends
_daemons: dict[Path, subprocess.Popen[bytes]] = {}  # started by this process, to be reaped by `stop`


def url(state_dir: Path) -> str:
    """DATABASE_URL of the embedded server of `state_dir`. Pure: it may be neither made nor running."""
    return _url(state_dir / "postgres", DATABASE)


def ensure(state_dir: Path) -> str:
    """The server of `state_dir` runs and has our database; stays up after this process. Returns its URL.

    Safe to call from many processes at once. Raises RuntimeError with PostgreSQL's own words.
    """
    data = state_dir / "postgres"
    _count_in(state_dir)
    with _lock(state_dir):
        _prepare(data)
        if not alive(data):
            _reap(data)
            _daemons[data] = _started(data, OPTIONS, data / "server.log", dies_with_us=False)
        _create_database(data)
    return url(state_dir)


@contextlib.contextmanager
def using(state_dir: Path) -> Iterator[str]:
    """As `ensure`, and the last user of the server stops it. For one-off commands."""
    try:
        yield ensure(state_dir)
    finally:
        with _count_out(state_dir) as last:
            if last:
                stop(state_dir)


@contextlib.contextmanager
def serving(state_dir: Path) -> Iterator[str]:
    """The server runs as our child for as long as the block does, and dies with us even on kill -9.

    A server that `ensure` left running is taken over; at the end it is stopped in either case.
    """
    data = state_dir / "postgres"
    with contextlib.ExitStack() as stack:
        _count_in(state_dir)
        stack.callback(_forget_use, state_dir)
        with _lock(state_dir):
            _prepare(data)
            if alive(data):
                stack.callback(stop, state_dir)
            else:
                stack.enter_context(_child(data, OPTIONS, log=data / "server.log"))
            _create_database(data)
        yield url(state_dir)


def stop(state_dir: Path) -> None:
    """The server of `state_dir` does not run. Open transactions are rolled back."""
    data = state_dir / "postgres"
    _forget_use(state_dir)
    if not data.exists():
        return
    with _lock(state_dir):
        if alive(data):
            binaries.run("pg_ctl", "-D", str(data.resolve()), "-w", "-m", "fast", "stop")
        _reap(data)


def remove(state_dir: Path) -> None:
    """The server is stopped and its data are gone, also where they lie outside `state_dir`."""
    stop(state_dir)
    data = state_dir / "postgres"
    places.forget(data, SOCKET)
    if data.is_symlink():
        shutil.rmtree(data.readlink().parent, ignore_errors=True)
        data.unlink()
    shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def throwaway(copy_of: Path | None = None) -> Iterator[str]:
    """A server for one test run: nothing is synced, and it dies with this process even on kill -9. Yields its URL.

    With `copy_of`, the state directory of a stopped server, it starts with that server's databases.
    """
    root = _memory()
    _sweep(root)
    top = Path(tempfile.mkdtemp(prefix="voucher-test-", dir=root))
    top.chmod(0o711)
    data = top / "postgres"
    try:
        if copy_of is None:
            _initdb(data, durable=False)
        else:  # keeps the owner, who may be `nobody`
            subprocess.run(["cp", "-a", (copy_of / "postgres").resolve(), data], check=True)
        with _child(data, (*OPTIONS, *THROWAWAY), log=top / "server.log"):
            yield _url(data, "postgres")
    finally:
        shutil.rmtree(top, ignore_errors=True)


def alive(data: Path) -> bool:
    """Ask the server itself: a test of the pid is fooled by zombies and by reused pids."""
    return _refusal(data) in (None, STARTING)


def _refusal(data: Path) -> str | None:
    """Why the server takes no connection; None when it does."""
    try:
        _connect(data).close()
    except psycopg.OperationalError as error:
        return STARTING if STARTING in str(error) else str(error)
    return None


def _url(data: Path, database: str) -> str:
    return f"postgresql://postgres@{quote(str(places.name_of(data, SOCKET)), safe='')}/{database}"


def _connect(data: Path) -> psycopg.Connection[tuple[int]]:
    host = str(places.name_of(data, SOCKET))
    return psycopg.connect(host=host, user="postgres", dbname="postgres", connect_timeout=5, autocommit=True)


@contextlib.contextmanager
def _lock(state_dir: Path) -> Iterator[None]:
    """One process at a time makes, starts or stops the server."""
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _count_in(state_dir: Path) -> None:
    """This process is a user of the server until it ends: a shared lock, which a killed process cannot leave behind."""
    if state_dir not in _held:
        state_dir.mkdir(parents=True, exist_ok=True)
        file = (state_dir / "postgres.users").open("w")
        fcntl.flock(file, fcntl.LOCK_SH)
        _held[state_dir] = file


@contextlib.contextmanager
def _count_out(state_dir: Path) -> Iterator[bool]:
    """This process is no user any more; True when nobody else is, and nobody becomes one during the block."""
    file = _held.pop(state_dir, None)
    if file is None:
        yield True
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def _forget_use(state_dir: Path) -> None:
    """This process is no user any more."""
    if file := _held.pop(state_dir, None):
        file.close()


def _prepare(data: Path) -> None:
    """The data directory exists and fits the programs; the socket has a name short enough."""
    made = data / "PG_VERSION"
    if not made.exists():
        if data.exists():  # left half-made by an interrupted initdb
            shutil.rmtree(data.resolve())
        data.unlink(missing_ok=True)
        _initdb(data, durable=True)
    version = made.read_text().strip()
    if version != str(binaries.major()):
        raise RuntimeError(f"{data} was made by PostgreSQL {version}, installed is {binaries.major()}: `make reset`")
    places.reach(data, SOCKET)


def _initdb(data: Path, *, durable: bool) -> None:
    """LC_CTYPE stays C.UTF-8 for trigrams of Chinese; the builtin provider's order never changes with the system."""
    options = ["--locale=C.UTF-8"]
    if binaries.major() >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        options.append("--no-sync")
    target = _reachable(data)
    binaries.run("initdb", "-D", str(target), "-U", "postgres", "-A", "trust", "-E", "UTF8", *options)


def _reachable(data: Path) -> Path:
    """Where initdb may write: `data` itself, or when the server's user cannot get there, a place it links to."""
    launcher = binaries.launcher()
    if launcher.uid is None:
        return data
    target = data
    if not launcher.can_pass(data.parent):
        target = places.elsewhere(data) / "postgres"
        shutil.rmtree(target, ignore_errors=True)
        data.symlink_to(target)
    target.mkdir(mode=0o700)
    os.chown(target, launcher.uid, -1)
    return target


def _server_options(data: Path, options: tuple[str, ...]) -> list[str]:
    real = data.resolve()
    sockets = places.reach(real, SOCKET)
    return [*options, f"unix_socket_directories={_listed(sockets)}"]


def _listed(path: Path) -> str:
    """One entry of a comma-separated PostgreSQL list, quoted: a blank or comma in the path is part of it."""
    return '"' + str(path).replace('"', '""') + '"'


@contextlib.contextmanager
def _child(data: Path, options: tuple[str, ...], *, log: Path) -> Iterator[None]:
    """The server runs for the length of the block."""
    process = _started(data, options, log)
    try:
        yield
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _started(data: Path, options: tuple[str, ...], log: Path, *, dies_with_us: bool = True) -> subprocess.Popen[bytes]:
    for _ in range(START_TRIES):
        _clear_stale_pid(data)
        process = _spawn(data, options, log, dies_with_us=dies_with_us)
        while process.poll() is None:
            if _refusal(data) is None:
                return process
            time.sleep(0.05)
        time.sleep(0.5)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")


def _spawn(data: Path, options: tuple[str, ...], log: Path, *, dies_with_us: bool) -> subprocess.Popen[bytes]:
    settings = [word for option in _server_options(data, options) for word in ("-c", option)]
    tie = ("setpriv", "--pdeathsig", "INT") if dies_with_us else ()  # SIGINT is its fast shutdown
    with log.open("ab") as output:
        return subprocess.Popen(
            [*binaries.launcher().prefix, *tie, binaries.folder() / "postgres", "-D", data.resolve(), *settings],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # a Ctrl-C at the terminal is ours to pass on
            env=binaries.environment(),
            cwd="/",
        )


def _clear_stale_pid(data: Path) -> None:
    """A killed postmaster that init has not reaped (docker without --init) would block a restart for ever."""
    for file in (data / "postmaster.pid", data / f"{SOCKET}.lock"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            status = Path(f"/proc/{int(file.read_text().split()[0])}/stat")
            if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                file.unlink()


def _reap(data: Path) -> None:
    """A server that this process started and that has ended is no zombie any more."""
    if daemon := _daemons.pop(data, None):
        daemon.wait(30)


def _create_database(data: Path) -> None:
    """Our database is there. Waits for a server that somebody else has just started."""
    while _refusal(data) == STARTING:
        time.sleep(0.05)
    with _connect(data) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f'CREATE DATABASE "{DATABASE}"')


def _memory() -> Path:
    shared = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private directory in it
    roomy = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2**30
    return shared if roomy else Path(tempfile.gettempdir())


def _sweep(root: Path) -> None:
    """Remove what a killed test run left: ours, old enough, and nobody answers there."""
    for old in root.glob("voucher-test-*"):
        with contextlib.suppress(OSError):
            status = old.stat()
            if status.st_uid == os.geteuid() and time.time() - status.st_mtime > 60 and not alive(old / "postgres"):
                shutil.rmtree(old, ignore_errors=True)
