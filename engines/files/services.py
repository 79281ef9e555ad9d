"""Keeping a file, and letting others read it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SM3, Hash
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from engines.files.models import FileReader, StoredFile
from engines.files.sniff import KINDS, sniff
from engines.files.uploads import too_large
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid
from foundation.ids import new_id


def store(*, upload: UploadedFile[Any], by: Actor, organisation_id: UUID, purpose: str) -> StoredFile:
    """The bytes are on disk under their SM3 and the row names them.

    Raises FILE_TOO_LARGE (413), FILE_EMPTY, FILE_TYPE_UNKNOWN or FILE_TYPE_MISMATCH (400).
    """
    name = clean_name(upload.name or "")
    content_type = checked_type(upload, name)
    digest = _keep(upload)
    with transaction.atomic():
        return StoredFile.objects.create(
            id=new_id(),
            name=name,
            content_type=content_type,
            size=upload.size or 0,
            sm3=digest,
            purpose=purpose,
            organisation_id=organisation_id,
            uploaded_by=by.actor_id,
            uploaded_at=clock.now(),
        )


def share(*, files: Iterable[StoredFile], organisation_ids: Iterable[UUID]) -> None:
    """Each of the organisations may read each of the files."""
    organisations = list(organisation_ids)
    FileReader.objects.bulk_create(
        [FileReader(file=file, organisation_id=one) for file in files for one in organisations],
        ignore_conflicts=True,
    )


def unshare(*, files: Iterable[StoredFile], organisation_ids: Iterable[UUID]) -> None:
    """None of the organisations reads any of the files any more, unless it uploaded it."""
    FileReader.objects.filter(file__in=[file.pk for file in files], organisation_id__in=list(organisation_ids)).delete()


def clean_name(name: str) -> str:
    """The last path part without control and direction characters, at most 120 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        char for char in last if char.isprintable() and char not in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
    )
    stem, dot, extension = kept.rpartition(".")
    return f"{stem[:100]}{dot}{extension[:10]}" or "file"


def checked_type(upload: UploadedFile[Any], name: str) -> str:
    """What the file is, by its content. Raises FILE_TOO_LARGE (413), FILE_EMPTY, FILE_TYPE_UNKNOWN, FILE_TYPE_MISMATCH."""
    if not upload.size:
        raise Invalid("FILE_EMPTY", "文件为空，请重新选择。")
    if upload.size > settings.FILE_MAX_BYTES:
        raise too_large()
    if upload.file is None:
        raise Invalid("FILE_EMPTY", "没有收到文件内容。")
    return type_of(upload.file, name)


def type_of(stream: IO[bytes], name: str) -> str:
    """What the bytes are. Raises FILE_TYPE_UNKNOWN, or FILE_TYPE_MISMATCH where the extension says otherwise."""
    found = sniff(stream)
    if found is None:
        raise Invalid(
            "FILE_TYPE_UNKNOWN", "只接受 PDF、OFD、XML、JPG、PNG、MP4 文件（按内容判断）。", allowed=sorted(KINDS)
        )
    extension = name.rpartition(".")[2].lower()
    if KINDS.get(extension) != found:
        raise Invalid(
            "FILE_TYPE_MISMATCH", f"扩展名“.{extension}”与文件内容（{found}）不符。", extension=extension, found=found
        )
    return found


def _keep(upload: UploadedFile[Any]) -> str:
    """Write beside the goal, sync, rename: a crash leaves either nothing or the whole file."""
    root = Path(settings.FILES_DIR)
    root.mkdir(parents=True, exist_ok=True)
    hasher = Hash(SM3())
    handle, temporary = tempfile.mkstemp(dir=root, prefix=".upload-")
    try:
        with os.fdopen(handle, "wb") as target:
            for chunk in upload.chunks():
                hasher.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        digest = hasher.finalize().hex()
        goal = root / digest[:2] / digest
        goal.parent.mkdir(exist_ok=True)
        Path(temporary).replace(goal)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return digest
