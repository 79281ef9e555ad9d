import io

import pytest
from rest_framework.exceptions import ParseError

from foundation.api.parsers import MAX_DEPTH, StrictJSONParser
from foundation.errors import TooLarge


def parse(raw: bytes):
    return StrictJSONParser().parse(io.BytesIO(raw))


def test_plain_json_is_read():
    assert parse('{"名称": ["甲", 1, null]}'.encode()) == {"名称": ["甲", 1, None]}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xff", "UTF-8"),
        (b"{", "JSON"),
        (b'{"a": 1, "a": 2}', "重复"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a": "\\ud800"}', "代理"),
        (b'{"\\u0000": 1}', "NUL"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "嵌套"),
        (b"[" * 100_000, "嵌套"),
    ],
)
def test_what_breaks_things_later_is_refused_now(raw, says):
    with pytest.raises(ParseError, match=says):
        parse(raw)


def test_brackets_inside_text_do_not_count_as_depth():
    text = "[" * 100
    assert parse(f'{{"a": "{text}"}}'.encode()) == {"a": text}


def test_a_body_past_the_limit_is_too_large(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    with pytest.raises(TooLarge):
        parse(b'{"a": "0123456789"}')
