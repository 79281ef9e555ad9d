"""What the library finds wrong with a field, in the words of the house: with the field's name, its bound and what to do.

Sentences that the body gives itself stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

LIBRARY = "rest_framework."
Asked = serializers.Field[Any, Any, Any, Any]


def sentences(asked: Asked | None, said: Any, label: str, verb: str = "填写") -> list[str]:
    """Every sentence of a serializer's errors about one field, however nested. `verb`: what one does to answer it."""
    if isinstance(said, dict):
        return [one for key, inner in said.items() for one in sentences(_within(asked, key), inner, label, verb)]
    if isinstance(said, list):
        nested = isinstance(asked, serializers.ListSerializer) and any(isinstance(one, dict) for one in said)
        inner_asked = asked.child if nested and isinstance(asked, serializers.ListSerializer) else asked
        return [one for inner in said for one in sentences(inner_asked, inner, label, verb)]
    return [_sentence(asked, said, label, verb)]


def _within(asked: Asked | None, key: Any) -> Asked | None:
    if isinstance(asked, serializers.Serializer):
        return asked.fields.get(str(key))
    child = getattr(asked, "child", None)
    return child if isinstance(child, serializers.Field) else None


def _sentence(asked: Asked | None, said: Any, label: str, verb: str) -> str:
    code = getattr(said, "code", "")
    if asked is None or not _is_the_librarys(asked, code):
        return str(said)
    for kind, words in _WORDS:
        if isinstance(asked, kind) and code in words:
            return words[code](asked, f"“{label}”", verb)
    return str(said)


def _is_the_librarys(asked: Asked, code: str) -> bool:
    """Whether the field says of this fault what the library says of every field."""
    for kind in type(asked).__mro__:
        own = vars(kind).get("default_error_messages", {})
        if code in own:
            return kind.__module__.startswith(LIBRARY) and asked.error_messages.get(code) == own[code]
    return False


_Words = dict[str, Callable[[Any, str, str], str]]
_MANY: _Words = {
    "empty": lambda asked, label, verb: f"请至少{verb}一项{label}。",
    "min_length": lambda asked, label, verb: f"请至少{verb}{asked.min_length}项{label}。",
    "max_length": lambda asked, label, verb: f"{label}最多{asked.max_length}项，请减少。",
}
_NUMBER: _Words = {
    "invalid": lambda asked, label, verb: f"{label}须为数字，请改正。",
    "min_value": lambda asked, label, verb: f"{label}不能小于{asked.min_value}，请改正。",
    "max_value": lambda asked, label, verb: f"{label}不能大于{asked.max_value}，请改正。",
}
_MISSING: _Words = {code: lambda asked, label, verb: f"请{verb}{label}。" for code in ("required", "null", "blank")}
_WORDS: tuple[tuple[type[Any], _Words], ...] = (
    (serializers.ListField, _MANY),
    (serializers.ListSerializer, _MANY),
    (serializers.IntegerField, _NUMBER),
    (serializers.DecimalField, _NUMBER),
    (serializers.ChoiceField, {"invalid_choice": lambda asked, label, verb: f"请从列出的选项中选择{label}。"}),
    (serializers.UUIDField, {"invalid": lambda asked, label, verb: f"没有找到所选的{label}，请重新选择。"}),
    (serializers.EmailField, {"invalid": lambda asked, label, verb: f"{label}须为邮箱地址，例如 name@example.com。"}),
    (
        serializers.CharField,
        {
            "max_length": lambda asked, label, verb: f"{label}不能超过{asked.max_length}个字，请缩短。",
            "min_length": lambda asked, label, verb: f"{label}不能少于{asked.min_length}个字，请补充。",
        },
    ),
    (serializers.Field, _MISSING),
)
