"""The upload handler: too large is refused before a byte is kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from foundation.errors import TooLarge

MULTIPART_OVERHEAD = 16 * 1024


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Streams to a temporary file; stops at FILE_MAX_BYTES, by the declared length first, then by count."""

    received = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  Django's name, passed by position
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > settings.FILE_MAX_BYTES + MULTIPART_OVERHEAD:
            raise too_large()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.FILE_MAX_BYTES:
            self.upload_interrupted()
            raise too_large()
        super().receive_data_chunk(raw_data, start)


def limit_of(purpose: str) -> int:
    """The most bytes that a file of that purpose may have when it comes in parts."""
    return int(settings.FILE_LIMITS.get(purpose, settings.FILE_MAX_BYTES))


def too_large(limit: int | None = None) -> TooLarge:
    """413 with the limit in it, in bytes; of a whole upload unless said."""
    limit = limit or settings.FILE_MAX_BYTES
    return TooLarge("FILE_TOO_LARGE", f"文件超过上限 {limit // (1024 * 1024)} MB，请压缩或拆分后上传。", limit=limit)
