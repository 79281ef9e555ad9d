"""Large files in parts: begun, continued where they were cut, and at the end kept like any other file.

A part is written to disk and synced before the row says it was received: after a crash the row tells how much is
safe, and whatever lies beyond on disk is overwritten.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SM3, Hash
from django.conf import settings
from django.db import OperationalError, models, transaction

from engines.files import services
from engines.files.models import PartialUpload, StoredFile
from engines.files.sniff import KINDS
from engines.files.uploads import limit_of, too_large
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_found
from foundation.ids import new_id

BLOCK = 256 * 1024


def begin(*, name: str, size: int, by: Actor, organisation_id: UUID, purpose: str) -> PartialUpload:
    """There is an upload of `size` bytes to send parts to, for UPLOAD_HOURS.

    Raises FILE_EMPTY, FILE_TOO_LARGE (413) by the purpose's limit, FILE_TYPE_UNKNOWN for an extension that is never
    kept, UPLOADS_TOO_MANY.
    """
    if size <= 0:
        raise Invalid("FILE_EMPTY", "文件为空，请重新选择。")
    if size > (limit := limit_of(purpose)):
        raise too_large(limit)
    cleaned = services.clean_name(name)
    if cleaned.rpartition(".")[2].lower() not in KINDS:
        raise Invalid("FILE_TYPE_UNKNOWN", "只接受 PDF、OFD、XML、JPG、PNG、MP4 文件。", allowed=sorted(KINDS))
    under_way = unfinished().filter(organisation_id=organisation_id).count()
    if under_way >= settings.UPLOADS_AT_ONCE:
        raise Refused(
            "UPLOADS_TOO_MANY",
            f"本单位还有{under_way}个文件没有传完，请先继续或取消其中的上传（每单位最多{settings.UPLOADS_AT_ONCE}个）。",
            limit=settings.UPLOADS_AT_ONCE,
        )
    return PartialUpload.objects.create(
        id=new_id(),
        name=cleaned,
        size=size,
        purpose=purpose,
        organisation_id=organisation_id,
        uploaded_by=by.actor_id,
        expires_at=clock.now() + timedelta(hours=settings.UPLOAD_HOURS),
    )


def unfinished() -> models.QuerySet[PartialUpload]:
    """Uploads that may still be continued."""
    return PartialUpload.objects.filter(file=None, expires_at__gt=clock.now())


def own(upload_id: UUID, by: Actor) -> PartialUpload:
    """The upload as it stands. Raises NOT_FOUND for another person's, or one that has expired."""
    rows = PartialUpload.objects.filter(uploaded_by=by.actor_id, expires_at__gt=clock.now())
    found = rows.select_related("file").filter(pk=upload_id).first()
    if found is None:
        raise not_found("上传")
    return found


def append(*, upload_id: UUID, by: Actor, offset: int, read: Callable[[int], bytes]) -> PartialUpload:
    """What `read` gives follows the first `offset` bytes; with the last of them the file is kept.

    A sender who is cut off keeps what arrived. Raises NOT_FOUND, UPLOAD_OFFSET when `offset` is not what was received,
    UPLOAD_BUSY while another part is being written, UPLOAD_TOO_LONG for more than was announced; of a whole file what
    `services.type_of` raises, and then nothing of it is kept.
    """
    upload = own(upload_id, by)
    _require_offset(upload, offset)
    root = upload.path.parent
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=root) as part:
        length = _receive(read, part, upload.size - offset)
        if length:
            upload = _write(upload.pk, offset, part, length)
    return finish(upload_id=upload.pk, by=by) if upload.received == upload.size else upload


def finish(*, upload_id: UUID, by: Actor) -> PartialUpload:
    """The whole upload is a stored file, once however often it is asked for."""
    own(upload_id, by)
    try:
        with transaction.atomic():
            upload = _locked(upload_id)
            if upload.file is not None or upload.received < upload.size:
                return upload
            upload.file = _keep(upload, by)
            upload.save(update_fields=["file"])
            transaction.on_commit(lambda: upload.path.unlink(missing_ok=True))
    except Invalid:  # of another kind than it says: nothing of it stays
        drop(upload_id=upload_id, by=by)
        raise
    return upload


def drop(*, upload_id: UUID, by: Actor) -> None:
    """The sender gives up: bytes and row are gone. A file already kept stays."""
    _remove(own(upload_id, by))


def purge() -> int:
    """How many uploads whose time is over were thrown away, with their bytes."""
    gone = 0
    for upload in PartialUpload.objects.filter(expires_at__lte=clock.now()).order_by("pk").iterator(chunk_size=500):
        _remove(upload)
        gone += 1
    return gone


def _remove(upload: PartialUpload) -> None:
    with transaction.atomic():
        PartialUpload.objects.filter(pk=upload.pk).delete()
        transaction.on_commit(lambda: upload.path.unlink(missing_ok=True))


def _require_offset(upload: PartialUpload, offset: int) -> None:
    if offset != upload.received:
        raise Refused(
            "UPLOAD_OFFSET",
            f"已收到{upload.received}字节，不能从第{offset}字节继续，请从已收到处继续。",
            received=upload.received,
            offset=offset,
        )


def _receive(read: Callable[[int], bytes], part: IO[bytes], most: int) -> int:
    """The bytes that came before the end or the cut. Raises UPLOAD_TOO_LONG."""
    length = 0
    while True:
        try:
            block = read(BLOCK)
        except OSError:  # the line was cut: Django's UnreadablePostError is one too
            return length
        if not block:
            return length
        length += len(block)
        if length > most:
            raise Invalid("UPLOAD_TOO_LONG", "收到的内容多于所报的文件大小，请重新上传。", most=most)
        part.write(block)


def _write(upload_id: UUID, offset: int, part: IO[bytes], length: int) -> PartialUpload:
    with transaction.atomic():
        upload = _locked(upload_id)
        _require_offset(upload, offset)
        part.seek(0)
        handle = os.open(upload.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as target:
            target.truncate(offset)
            target.seek(offset)
            shutil.copyfileobj(part, target, BLOCK)
            target.flush()
            os.fsync(target.fileno())
        upload.received = offset + length
        upload.save(update_fields=["received"])
    return upload


def _locked(upload_id: UUID) -> PartialUpload:
    """The row, for this part alone. Raises UPLOAD_BUSY at once: who sends the same part twice should not wait."""
    try:
        found = PartialUpload.objects.select_for_update(of=("self",), nowait=True).filter(pk=upload_id).first()
    except OperationalError as error:
        raise Refused("UPLOAD_BUSY", "该文件的另一段正在写入，请稍后继续。") from error
    if found is None:
        raise not_found("上传")
    return found


def _keep(upload: PartialUpload, by: Actor) -> StoredFile:
    """The bytes stand under their SM3 too; their old name goes when this is committed."""
    with upload.path.open("rb") as source:
        if os.fstat(source.fileno()).st_size != upload.size:
            raise Invalid("UPLOAD_DAMAGED", "文件内容不完整，请重新上传。")
        content_type = services.type_of(source, upload.name)
        source.seek(0)
        hasher = Hash(SM3())
        while block := source.read(BLOCK):
            hasher.update(block)
    digest = hasher.finalize().hex()
    _also_at(upload.path, Path(settings.FILES_DIR) / digest[:2] / digest)
    return StoredFile.objects.create(
        id=new_id(),
        name=upload.name,
        content_type=content_type,
        size=upload.size,
        sm3=digest,
        purpose=upload.purpose,
        organisation_id=upload.organisation_id,
        uploaded_by=by.actor_id,
        uploaded_at=clock.now(),
    )


def _also_at(path: Path, goal: Path) -> None:
    """A second name for the bytes, put there in one step; a copy where the disk knows no second names."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    beside = goal.with_name(f".{path.name}")
    beside.unlink(missing_ok=True)
    try:
        beside.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, beside)
    beside.replace(goal)
