"""Bodies made from a serializer's own fields: a good one, and every way of spoiling it that its fields allow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from rest_framework import serializers as s

from foundation.api.fields import CivilDate, Money

LONG = "长" * 30_000  # 90 kB: below the limit of a body, above that of any field
DEEP = "[" * 40 + "]" * 40
DIGITS = "9" * 4000
_MISSING = object()
NOT_TEXT = [[], ["a"], {}, {"a": 1}, True]
NOT_A_NUMBER = ["", "one", "１", "٣", "1.5", "١٢a", [], [1], {}, True, "0x10", 10**40, -(10**40)]
NOT_AN_AMOUNT = [
    -1, "-1.00", 1.5, "1.001", "1e3", "1e400", "NaN", "Infinity", "１００", "٣", "1,000.00", " 1", "", "x", [], ["1.00"], {},
    True, "9" * 13, 10**15, 10**40,
]  # fmt: skip
NOT_A_DATE = [
    "",
    "2026-02-30",
    "2026-13-01",
    "0000-01-01",
    "99999-01-01",
    "2026/03/01",
    "x",
    20260301,
    1.5,
    [],
    {},
    True,
]
NOT_OF_OUR_TIME = ["0001-01-01", "２０２６-03-01", "20260301"]
NOT_A_TIME = [
    "",
    "0001-01-01",
    "0001-01-01T00:00:00",
    "２０２６-03-01T10:00:00",
    "2026-02-30T10:00:00",
    "2026-03-01T25:00:00",
    "x",
    1.5,
    [],
    {},
    True,
    "9999-12-31T23:59:59-23:00",
]
NOT_AN_ID = ["", "7", "x", "0192…", str(uuid4())[:-1], -1, 2**128, 1.5, [], {}]


def example(serializer: s.Serializer[Any], **known: Any) -> dict[str, Any]:
    """A body with every field of a right shape. `known` gives what has a meaning: the version, ids of rows."""
    return {name: known.get(name, good(field)) for name, field in serializer.fields.items() if not field.read_only}


def good(field: s.Field[Any, Any, Any, Any]) -> Any:
    """A value of the right shape."""
    if isinstance(field, s.ListSerializer):
        return [good(field.child)]
    if isinstance(field, s.Serializer):
        return example(field)
    if isinstance(field, s.ListField):
        return [good(field.child)]
    if isinstance(field, s.DictField):
        return {"quality": good(field.child)} if isinstance(field.child, s.IntegerField) else {}
    if isinstance(field, s.ChoiceField):
        return next(iter(field.choices))
    for kind, value in _GOOD.items():
        if isinstance(field, kind):
            return value() if callable(value) else value
    return "字"


_GOOD: dict[type[Any], Any] = {
    Money: "1000.00",
    s.BooleanField: True,
    s.IntegerField: 5,
    s.UUIDField: lambda: str(uuid4()),
    s.DateTimeField: "2026-03-01T10:00:00+08:00",
    s.DateField: "2026-03-02",
    s.EmailField: "li@example.com",
    s.RegexField: "450103",
}


def fields_of(form: s.Serializer[Any]) -> Iterator[tuple[str, Any]]:
    """Every field of a body, nested ones too."""
    for name, field in form.fields.items():
        yield name, field
        child = getattr(field, "child", None)
        if isinstance(child, s.Serializer):
            yield from fields_of(child)


def spoiled(serializer: s.Serializer[Any], turns: Counter[Any], **known: Any) -> Iterator[tuple[str, str]]:
    """(what is wrong, the raw body): each has exactly one fault and must be refused by its shape alone.

    The first field of a name and kind gets the whole table; where it comes again, `turns` deals it out in parts.
    """
    body = example(serializer, **known)
    for name, field in serializer.fields.items():
        if field.read_only:
            continue
        turn = (name, type(field), field.required, getattr(field, "max_length", None))
        faults = list(_faults(name, field, body))
        yield from faults if not turns[turn] else faults[turns[turn] % 9 :: 9]
        turns[turn] += 1


def _faults(name: str, field: Any, body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for value in wrong(field):
        shown = "missing" if value is _MISSING else repr(value)[:40]
        spoilt = {key: kept for key, kept in {**body, name: value}.items() if kept is not _MISSING}
        yield f"{name}: {shown}", json.dumps(spoilt)
    raws = ["NaN", "-Infinity", DEEP]
    if isinstance(field, s.CharField):
        raws += ['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00x"']
    for raw in raws:
        yield f"{name}: {raw[:12]}", json.dumps({**body, name: "@"}).replace('"@"', raw)


def wrong(field: s.Field[Any, Any, Any, Any]) -> Iterator[Any]:
    """Values that are not of the field's type or past its limits."""
    if field.required:
        yield _MISSING
    if not field.allow_null:
        yield None
    yield from _by_kind(field)


def _by_kind(field: Any) -> Iterator[Any]:
    if isinstance(field, s.ListSerializer | s.ListField):
        yield from _wrong_list(field)
    elif isinstance(field, s.Serializer | s.DictField):
        yield from ("x", 7, [], [{}], True)
    elif isinstance(field, Money):
        yield from NOT_AN_AMOUNT
    elif isinstance(field, s.BooleanField):
        yield from ("x", 7, [], {}, "")
    elif isinstance(field, s.ChoiceField):
        yield from ("no such", 7, [], {}, [next(iter(field.choices))], True, LONG)
    elif isinstance(field, s.IntegerField):
        yield from NOT_A_NUMBER
        yield from (field.min_value - 1, field.max_value + 1, 2**63)
    elif isinstance(field, s.UUIDField):
        yield from NOT_AN_ID
    elif isinstance(field, s.DateTimeField):
        yield from NOT_A_TIME
    elif isinstance(field, s.DateField):
        yield from NOT_A_DATE
        if isinstance(field, CivilDate):
            yield from NOT_OF_OUR_TIME
    else:
        yield from _wrong_text(field)


def _wrong_text(field: s.CharField) -> Iterator[Any]:
    yield from NOT_TEXT
    yield LONG
    if not field.allow_blank:
        yield from ("", "   ")
    if field.max_length:
        yield "长" * (field.max_length + 1)


def _wrong_list(field: Any) -> Iterator[Any]:
    yield from ("x", 7, {}, {"0": 1}, True)
    if not field.allow_empty:
        yield []
    first = good(field.child)
    yield [first] * ((field.max_length or 500) + 1)
    yield [[first]]
    for value in wrong(field.child):
        yield [first, None if value is _MISSING else value]
    if isinstance(field.child, s.Serializer):
        for name, inner in field.child.fields.items():
            for value in wrong(inner):
                yield [{key: kept for key, kept in {**first, name: value}.items() if kept is not _MISSING}]


def edges(serializer: s.Serializer[Any], **known: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(what is odd, the body): of the right shape but at the edge of sense. A service may take or refuse it."""
    body = example(serializer, **known)
    yield "as it is", body
    for name, field in serializer.fields.items():
        if not field.required:
            yield f"{name}: left out", {key: value for key, value in body.items() if key != name}
        if name == "version":
            continue
        for value in _odd(field):
            yield f"{name}: {str(value)[:40]}", {**body, name: value}


def _odd(field: Any) -> Iterator[Any]:
    if isinstance(field, Money):
        yield from ("0.01", "999999999999.99", 7)
    elif isinstance(field, s.DateField):
        yield from ("0001-01-01", "9999-12-31", "2028-02-29")
    elif isinstance(field, s.DateTimeField):
        yield from ("0001-01-02T00:00:00Z", "9999-12-30T23:59:59Z", "2026-03-01T10:00:00")
    elif isinstance(field, s.IntegerField):
        yield from (field.min_value, field.max_value)
    elif isinstance(field, s.UUIDField):
        yield from (0, 2**128 - 1, str(uuid4()).upper().replace("-", ""))
    elif isinstance(field, s.DictField):
        yield from ({}, {"x" * 1000: 5}, {str(number): 5 for number in range(300)}, {"": 5})
    elif isinstance(field, s.RegexField | s.ChoiceField):
        yield from ()
    elif isinstance(field, s.CharField):
        longest = field.max_length or 200
        yield from ("𠮷" * longest, "\u202e' OR 1=1 --"[:longest], "%s{0}\\"[:longest], "\u200b\u0301", 7, 10**50)
    elif isinstance(field, s.ListField) and isinstance(field.child, s.UUIDField):
        same = str(uuid4())
        yield from ([same, same], [0])
