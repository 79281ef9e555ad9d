"""Where the embedded servers' directories are, and by which name their sockets are reached."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from pathlib import Path

SUN_PATH = 104  # a unix socket's path may take 107 bytes, not characters: a Chinese one takes three each
PLAIN = re.compile(r"[\w/. -]+")  # a comma is a list to libpq, a question mark ends a URL


def name_of(directory: Path, socket: str) -> Path:
    """The name by which `socket` in `directory` is reached: the directory, or an alias when it is too long or odd.

    Pure: every process of one checkout computes the same answer; `reach` makes the alias.
    """
    if len(os.fsencode(directory / socket)) < SUN_PATH and PLAIN.fullmatch(str(directory)):
        return directory
    return Path("/tmp") / _own_name(directory) / "d"  # noqa: S108 - `private` checks the owner


def reach(directory: Path, socket: str) -> Path:
    """As `name_of`, and the alias exists."""
    name = name_of(directory, socket)
    if name != directory:
        private(name.parent)
        if not name.is_symlink() or name.readlink() != directory:
            name.unlink(missing_ok=True)
            name.symlink_to(directory)
    return name


def forget(directory: Path, socket: str) -> None:
    """The alias that `reach` made is gone."""
    name = name_of(directory, socket)
    if name != directory:
        name.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            name.parent.rmdir()


def elsewhere(directory: Path) -> Path:
    """A directory of ours that every user may pass through, for what cannot stay in `directory`."""
    return private(Path("/var/tmp") / _own_name(directory), mode=0o711)  # noqa: S108 - `private` checks the owner


def private(directory: Path, *, mode: int = 0o700) -> Path:
    """The directory exists and is ours. Raises RuntimeError when somebody else made it first."""
    directory.mkdir(mode=mode, exist_ok=True)
    if directory.is_symlink() or directory.lstat().st_uid != os.geteuid():
        raise RuntimeError(f"{directory} belongs to another user: remove it, or choose another STATE_DIR")
    return directory


def _own_name(directory: Path) -> str:
    return f"voucher-{os.geteuid()}-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]}"
