"""The papers of an objection: sealed on disk beside the common files, bound to their row."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from engines import strangers
from engines.evidence import chain
from engines.files.services import checked_type, clean_name
from engines.files.sniff import KINDS
from engines.publicity.models import ObjectionFile
from engines.publicity.states import FileRole
from foundation import clock, sealed

PURPOSE = "objection"
_EXTENSION = {kind: extension for extension, kind in KINDS.items()}


def keep(upload: UploadedFile[Any], role: FileRole) -> ObjectionFile:
    """The sealed bytes are on disk; the row, still to be inserted, names them by number and not as they came.

    Raises FILE_TOO_LARGE (413), FILE_EMPTY, FILE_TYPE_UNKNOWN or FILE_TYPE_MISMATCH (400).
    """
    content_type = checked_type(upload, clean_name(upload.name or ""))
    plain = b"".join(upload.chunks())
    paper = ObjectionFile(
        role=role, content_type=content_type, size=len(plain), sm3=chain.sm3(plain), added_at=clock.now()
    )
    _write(paper.path, sealed.seal(PURPOSE, plain, about=f"file:{paper.pk}"))
    return paper


def drop(paper: ObjectionFile) -> None:
    """Nothing was made of it."""
    paper.path.unlink(missing_ok=True)


def read(paper: ObjectionFile) -> bytes:
    """What was sent. Raises SEAL_BROKEN when the bytes on disk are not those that were kept."""
    return strangers.opened(PURPOSE, paper.path.read_bytes(), about=f"file:{paper.pk}")


def name_of(paper: ObjectionFile, number: int) -> str:
    """What the paper is called: its role, its number, its type."""
    label = FileRole(paper.role).label
    counted = label if paper.role == FileRole.LETTER else f"{label}{number}"
    return f"{counted}.{_EXTENSION[paper.content_type]}"


def _write(goal: Path, content: bytes) -> None:
    """Beside the goal, synced, renamed: a crash leaves either nothing or the whole file."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=goal.parent, prefix=".upload-")
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        Path(temporary).replace(goal)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
