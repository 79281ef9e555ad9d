"""Uploads in parts over HTTP as tus 1.0 has it (https://tus.io): creation, HEAD, PATCH, termination.

The client is vendor/tus.min.js. `GET` on an upload that is whole gives the line of the form that carries the file's id.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from engines.files import parts
from engines.files.models import PartialUpload
from foundation.errors import DomainError, Invalid
from portal.kit.access import ANYONE, Asked, bare, pages_for
from portal.kit.files import PURPOSES

VERSION = "1.0.0"
OFFSET_TYPE = "application/offset+octet-stream"
NO_CONTENT, CREATED, WRONG_METHOD, WRONG_TYPE, WRONG_VERSION = 204, 201, 405, 415, 412
NAME = 80  # characters of a field's name


@bare
@pages_for(*ANYONE)
@require_http_methods(["OPTIONS", "POST"])
def create(request: HttpRequest) -> HttpResponseBase:
    """An upload is begun; its address is in `Location`."""
    asked: Asked = request  # type: ignore[assignment]
    if request.method == "OPTIONS":
        return _answer(NO_CONTENT, None, **{"Tus-Version": VERSION, "Tus-Extension": "creation,expiration,termination"})
    try:
        _require_version(request)
        told = _metadata(request.headers.get("Upload-Metadata", ""))
        purpose = told.get("purpose", "")
        if purpose not in PURPOSES:
            raise Invalid("UPLOAD_METADATA_INVALID", "上传缺少用途，请刷新页面后重试。")
        upload = parts.begin(
            name=told.get("filename", ""),
            size=_whole(request.headers.get("Upload-Length", "")),
            by=asked.user,
            organisation_id=asked.user.organisation_id,
            purpose=purpose,
        )
    except DomainError as error:
        return _refused(request, error)
    return _answer(CREATED, upload, Location=reverse("upload-part", kwargs={"pk": upload.pk}))


@bare
@pages_for(*ANYONE)
def part(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """How much has arrived, more of it, or the end of it. 404 for another person's upload."""
    asked: Asked = request  # type: ignore[assignment]
    try:
        if request.method == "GET":
            return _line(asked, pk)
        if request.method != "POST":
            _require_version(request)
        if request.method == "DELETE":
            parts.drop(upload_id=pk, by=asked.user)
            return _answer(NO_CONTENT)
        if request.method == "HEAD":
            return _answer(200, parts.own(pk, asked.user), **{"Cache-Control": "no-store"})
        if request.method != "PATCH":
            return _answer(WRONG_METHOD, parts.own(pk, asked.user), Allow="HEAD, GET, PATCH, DELETE")
        if request.content_type != OFFSET_TYPE:
            return _answer(WRONG_TYPE)
        offset = _whole(request.headers.get("Upload-Offset", ""))
        return _answer(NO_CONTENT, parts.append(upload_id=pk, by=asked.user, offset=offset, read=request.read))
    except DomainError as error:
        return _refused(request, error)


def _line(request: Asked, pk: UUID) -> HttpResponseBase:
    """The line of a file that is whole; asked again after a crash it is kept now."""
    upload = parts.finish(upload_id=pk, by=request.user)
    if upload.file is None:
        raise Invalid("UPLOAD_UNFINISHED", f"文件还没有传完（{upload.received}/{upload.size}字节），请继续上传。")
    context = {"file": upload.file, "name": request.GET.get("name", "files")[:NAME]}
    return render(request, "portal/kit/files.html#kept", context)


def _require_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        error = Invalid("TUS_VERSION", f"上传协议版本须为{VERSION}，请刷新页面后重试。")
        error.status = WRONG_VERSION
        raise error


def _metadata(text: str) -> dict[str, str]:
    """`key base64, key base64`. Raises UPLOAD_METADATA_INVALID."""
    found = {}
    for pair in text.split(",") if text else []:
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            raise Invalid("UPLOAD_METADATA_INVALID", "上传的文件名无法读取，请更名后重试。") from None
    return found


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Invalid("UPLOAD_HEADER_INVALID", "上传的长度或位置无法读取，请刷新页面后重试。")
    return int(text)


def _refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    answer = render(request, "portal/kit/files.html#refused", {"error": error}, status=error.status)
    answer.headers["Tus-Resumable"] = VERSION
    return answer


def _answer(status: int, upload: PartialUpload | None = None, **headers: str) -> HttpResponse:
    answer = HttpResponse(status=status, headers={"Tus-Resumable": VERSION, **headers})
    if upload is not None:
        answer.headers["Upload-Offset"] = str(upload.received)
        answer.headers["Upload-Length"] = str(upload.size)
        answer.headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return answer
