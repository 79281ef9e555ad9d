"""The parsers. JSON: one that refuses what breaks things later: depth, NUL, lone surrogates, duplicate keys, NaN."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from foundation.errors import TooLarge

MAX_DEPTH = 32


class StrictJSONParser(BaseParser):
    """application/json in UTF-8: an object, at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes and 32 levels."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge("TOO_LARGE", f"请求内容超过上限 {limit} 字节。", limit=limit)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise ParseError("不是 UTF-8 编码。") from None
        _check_depth(text)
        try:
            value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
        except ValueError as error:
            raise ParseError(str(error) if isinstance(error, _Chinese) else "不是有效的 JSON。") from None
        _check_text(value)
        if not isinstance(value, dict):
            raise ParseError('请求内容须为一个 JSON 对象，例如 {"version": 1}。')
        return value


class Multipart(MultiPartParser):
    """multipart/form-data: one file with its fields; what cannot be read is refused in our words."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except (ParseError, TooManyFieldsSent):
            raise ParseError(
                f"不是有效的 multipart/form-data：每部分须有名称，字段不超过{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS}个，"
                "boundary 须与 Content-Type 中的一致（由客户端自动生成即可）。"
            ) from None


class _Chinese(ValueError):
    pass


def _check_depth(text: str) -> None:
    """Counted before json.loads recurses; brackets inside strings do not count."""
    depth, in_string, escaped = 0, False, False
    for char in text:
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ParseError(f"嵌套超过 {MAX_DEPTH} 层。")
        elif char in "]}":
            depth -= 1


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _Chinese("同一对象中有重复的字段名。")
    return result


def _no_constant(name: str) -> Any:
    raise _Chinese(f"不接受 {name}。")


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ParseError("文本含有不允许的字符（NUL 或不成对的代理码位）。")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)
