"""What a file is, told by its bytes. The extension must agree."""

from __future__ import annotations

import zipfile
from typing import IO

import filetype

KINDS = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "mp4": "video/mp4",
    "ofd": "application/ofd",
    "xml": "application/xml",
}


def sniff(stream: IO[bytes]) -> str | None:
    """The MIME type by content, one of KINDS' values, or None. Signatures count at offset 0 only."""
    stream.seek(0)
    head = stream.read(262)
    stream.seek(0)
    if head.startswith(b"%PDF-"):
        return KINDS["pdf"]
    if head.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml"):
        return KINDS["xml"]
    if head.startswith(b"PK\x03\x04"):
        return KINDS["ofd"] if _is_ofd(stream) else None
    guess = filetype.guess(head)
    return guess.mime if guess is not None and guess.mime in KINDS.values() else None


def _is_ofd(stream: IO[bytes]) -> bool:
    try:
        with zipfile.ZipFile(stream) as archive:
            return "OFD.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False
    finally:
        stream.seek(0)
