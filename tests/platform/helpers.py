"""Running the project's code in processes of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    "DJANGO_SETTINGS_MODULE",
    "VOUCHER_ENV",
    "DATABASE_URL",
    "REDIS_URL",
    "STATE_DIR",
    "FILES_DIR",
    "SECRET_KEY",
    "IDENTITY_KEY",
    "OBJECTION_KEY",
    "ALLOWED_HOSTS",
    "PORT",
    "HOST",
    "STATIC_FROM_SOURCE",
    "LIVE_URL",
)


def environment(**given: str) -> dict[str, str]:
    """The environment of a shell in which nothing of ours is set but what is given."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("PYTEST")}
    return {**kept, "PYTHONPATH": str(ROOT), **given}


def python(code: str, *args: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run `code` to its end."""
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        capture_output=True,
        text=True,
        check=False,
        env=environment(**given),
        cwd=ROOT,
        timeout=60,
    )


@contextlib.contextmanager
def started(code: str, *args: str, **given: str) -> Iterator[subprocess.Popen[str]]:
    """`code` running by itself, past the first line it printed; killed at the end of the block."""
    command = [sys.executable, "-c", code, *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(**given), cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def soon(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """True as soon as the condition holds; False when it does not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False
