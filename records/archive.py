"""Contents as one ZIP: an index first, then every part. The same contents make the same bytes.

Nothing is compressed and no time is written, so neither a library's version nor the hour of the day shows. Stored
files are read in pieces, once to be hashed and once to be copied; none is held in memory.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.hashes import SM3, Hash
from django.utils.html import format_html, format_html_join

from engines.evidence import chain
from records import rows, verify
from records.sections import Contents, Part

FORMAT = "guangxi-voucher-archive/1"
IN_MEMORY = 8 * 1024 * 1024  # bytes of a small archive that need no file on disk
PIECE = 1024 * 1024
STATES = {"ok": "完好", "missing": "缺失", "altered": "与登记的SM3不符"}


@dataclass(frozen=True)
class Archive:
    """The finished file at its beginning, its SM3 and size, how many parts it has and how many are at fault."""

    file: IO[bytes]
    name: str
    sm3: str
    size: int
    parts: int
    faults: int


@dataclass(frozen=True)
class _Entry:
    part: Part
    sm3: str
    size: int
    state: str

    def as_dict(self) -> dict[str, Any]:
        told = {"path": self.part.path, "title": self.part.title, "sm3": self.sm3, "size": self.size}
        if self.part.file is not None:
            told |= {"file": str(self.part.file.pk), "registered_sm3": self.part.file.sm3}
        return {**told, "state": self.state, "state_text": STATES[self.state]}


def build(contents: Contents) -> Archive:
    """The archive, in a temporary file that goes when it is closed."""
    parts = [*contents.parts, Part("99-verify.py", "离线核验程序", Path(verify.__file__).read_bytes())]
    entries = [_entry(part) for part in parts]
    listing = Part("00-目录.html", "目录", _listing(contents, entries))
    entries.insert(0, _entry(listing))
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    try:
        return _fill(target, contents, entries)
    except BaseException:
        target.close()
        raise


def _fill(target: IO[bytes], contents: Contents, entries: list[_Entry]) -> Archive:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        _write(archive, "00-index.json", rows.document(_index(contents, entries)))
        for entry in entries:
            if entry.state != "missing":
                _copy(archive, entry.part)
    size = target.tell()
    target.seek(0)
    digest = _digest(_pieces(target))
    target.seek(0)
    faults = sum(entry.state != "ok" for entry in entries)
    return Archive(target, f"{contents.contract.number}-档案.zip", digest, size, len(entries) + 1, faults)


def _entry(part: Part) -> _Entry:
    if part.file is None:
        return _Entry(part, chain.sm3(part.data), len(part.data), "ok")
    try:
        with part.file.path.open("rb") as source:
            digest = _digest(_pieces(source))
            size = source.tell()
    except OSError:
        return _Entry(part, "", 0, "missing")
    return _Entry(part, digest, size, "ok" if digest == part.file.sm3 else "altered")


def _index(contents: Contents, entries: list[_Entry]) -> dict[str, Any]:
    contract = contents.contract
    return {
        "format": FORMAT,
        "contract": {
            "id": str(contract.pk),
            "number": contract.number,
            "version": contract.version,
            "head": contract.head,
            "state": contract.state,
            "state_text": contract.get_state_display(),
        },
        "view": contents.view.value,
        "view_text": contents.view.label,
        "parts": [entry.as_dict() for entry in entries],
        "chains": [vars(one) for one in contents.chains],
        "faults": [f"{entry.part.path}：{STATES[entry.state]}" for entry in entries if entry.state != "ok"],
    }


def _listing(contents: Contents, entries: list[_Entry]) -> bytes:
    lines = format_html_join(
        "\n",
        "<tr><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
        (
            (number, entry.part.title, entry.part.path, entry.sm3, entry.size, STATES[entry.state])
            for number, entry in enumerate(entries, start=1)
        ),
    )
    page = format_html(
        "<!doctype html>\n<html lang='zh-Hans'><head><meta charset='utf-8'><title>{number}档案目录</title></head><body>\n"
        "<h1>{number} 档案目录</h1>\n<p>状态：{state}；查阅身份：{view}；合同存证链首：<code>{head}</code></p>\n"
        "<p>核验：python3 99-verify.py 档案.zip</p>\n"
        "<table border='1'><tr><th>序号</th><th>名称</th><th>文件</th><th>SM3</th><th>字节</th><th>状态</th></tr>\n"
        "{lines}\n</table></body></html>\n",
        number=contents.contract.number,
        state=contents.contract.get_state_display(),
        view=contents.view.label,
        head=contents.contract.head,
        lines=lines,
    )
    return str(page).encode()


def _copy(archive: zipfile.ZipFile, part: Part) -> None:
    if part.file is None:
        _write(archive, part.path, part.data)
        return
    with part.file.path.open("rb") as source, archive.open(_name(part.path), "w") as entry:
        shutil.copyfileobj(source, entry, PIECE)


def _write(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    archive.writestr(_name(path), data)


def _name(path: str) -> zipfile.ZipInfo:
    name = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
    name.external_attr = 0o644 << 16
    name.create_system = 3
    return name


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece


def _digest(pieces: Iterator[bytes]) -> str:
    hasher = Hash(SM3())
    for piece in pieces:
        hasher.update(piece)
    return hasher.finalize().hex()
