"""The test suite's PostgreSQL: a throwaway server in memory that starts with every migration applied.

Applying them takes seconds, so it is done once and kept under .dev until a migration changes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

from voucher_platform.embedded import binaries, postgres
from voucher_platform.processes import AlreadyRunning, only_one

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".dev" / "migrated"
MIGRATED = postgres.DATABASE  # the name of the database to clone


def server() -> AbstractContextManager[str]:
    """A throwaway server that has the database MIGRATED."""
    return postgres.throwaway(copy_of=migrated())


def migrated() -> Path:
    """The state directory of a stopped server on which the present migrations are applied."""
    state_dir = KEPT / _fingerprint()
    done = state_dir / "done"
    while not done.exists():
        try:
            with only_one(KEPT / "lock"):
                for old in KEPT.glob("*/"):
                    postgres.remove(old)
                    shutil.rmtree(old)
                with postgres.serving(state_dir) as url:
                    _migrate(url)
                done.touch()
        except AlreadyRunning:  # another test run is at it
            time.sleep(0.5)
    return state_dir


def _migrate(url: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "voucher_platform.settings", "VOUCHER_ENV": "development"}
    command = [sys.executable, ROOT / "manage.py", "migrate", "--noinput", "--verbosity", "0"]
    subprocess.run(command, env={**environment, "DATABASE_URL": url}, check=True)


def _fingerprint() -> str:
    """Changes when a migration, or SQL that one loads, or the server's version changes."""
    digest = hashlib.sha256(str(binaries.major()).encode())
    for path in sorted([*ROOT.glob("[a-z]*/**/migrations/*.py"), *ROOT.glob("[a-z]*/**/*.sql")]):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
