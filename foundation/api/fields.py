"""Serializer fields shared by every room."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from foundation import clock
from foundation.errors import Invalid
from foundation.money import FEN

_WHOLE = re.compile(r"-?[0-9]{1,10}")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


class Money(serializers.DecimalField):
    """元 as a string with at most two decimals, ASCII digits. JSON floats are refused: 0.1 + 0.2 is not 0.3."""

    default_error_messages = {
        "not_text": '金额须为字符串，例如 "12500.00"。',
        "shape": "金额须为不超过12位整数、2位小数的非负数，例如 12500.00。",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, int) and not isinstance(data, bool):
            data = str(data)
        if not isinstance(data, str):
            self.fail("not_text")
        if not _AMOUNT.fullmatch(data):
            self.fail("shape")
        return Decimal(data).quantize(FEN)


class Positive(Money):
    """Money above zero."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", FEN)
        super().__init__(**kwargs)


class Whole(serializers.IntegerField):
    """A whole number: a JSON integer, or ASCII digits. What Python's int() also reads (１, ٣, 1.0) is refused."""

    def to_internal_value(self, data: Any) -> int:
        if not (type(data) is int or (isinstance(data, str) and _WHOLE.fullmatch(data))):
            self.fail("invalid")
        return super().to_internal_value(data)


class Versioned(serializers.Serializer[Any]):
    """The body of an act on an existing record: the version the caller saw."""

    version = Whole(min_value=1, max_value=2**31 - 1, help_text="您看到的版本号；不一致时返回 409 VERSION_CONFLICT")


class ErrorBody(serializers.Serializer[Any]):
    """Every refusal."""

    code = serializers.CharField(help_text="稳定的错误代码")
    message = serializers.CharField(help_text="中文说明，含具体数字和办法")
    details = serializers.DictField(help_text="同样的数字，供程序使用")


class BoundBody(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF's own `label` is the field's, not the class's
    amount = serializers.CharField()


class ExplanationBody(serializers.Serializer[Any]):
    """foundation.explain.Explanation."""

    figure = serializers.CharField()
    rule = serializers.CharField()
    article = serializers.CharField()
    notice = serializers.CharField()
    inputs = serializers.DictField()
    formula = serializers.CharField()
    result = serializers.CharField()
    bounds = BoundBody(many=True)
    smallest_bound = BoundBody(allow_null=True)


def asked_year(request: Request) -> int:
    """`?year=`, by default this year. Raises YEAR_INVALID."""
    text = request.query_params.get("year", str(clock.today().year))
    if not (len(text) == 4 and text.isascii() and text.isdigit() and text[:2] == "20"):
        raise Invalid("YEAR_INVALID", "年度须为四位数字，例如 2026。", year=text[:20])
    return int(text)
