"""Serializer fields shared by every room."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from foundation import clock
from foundation.errors import Invalid
from foundation.money import FEN

_WHOLE = re.compile(r"-?[0-9]{1,10}")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
FIRST_YEAR, LAST_YEAR = 2000, 2099  # what the platform deals with; only what was long before it asks for more
OLDEST_YEAR = 1900
MOST_SHOWN = 40  # characters of what was sent, in the refusal of it
MOST_TOLD = 20  # codes in a sentence; a longer list stands in the API documents


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


class Choice(serializers.ChoiceField):
    """One of a list of codes. Whoever sends another reads which there are, each with what it means."""

    default_error_messages = {"invalid_choice": "“{given}”不在可选之列，可选：{codes}。"}

    def to_internal_value(self, data: Any) -> Any:
        if data == "" and self.allow_blank:
            return ""
        known: dict[str, Any] = self.choice_strings_to_values
        if not (isinstance(data, str | int) and str(data) in known):
            shown = str(data)[:MOST_SHOWN] if str(data).isprintable() else "不可见字符"
            self.fail("invalid_choice", given=shown, codes=choices_told(self.choices.items()))
        return known[str(data)]


class Whole(serializers.IntegerField):
    """A whole number: a JSON integer, or ASCII digits. What Python's int() also reads (１, ٣, 1.0) is refused."""

    def to_internal_value(self, data: Any) -> int:
        if not (type(data) is int or (isinstance(data, str) and _WHOLE.fullmatch(data))):
            self.fail("invalid")
        return super().to_internal_value(data)


class CivilDate(serializers.DateField):
    """A day as YYYY-MM-DD in ASCII digits, in the years 2000 to 2099.

    With `past=True` a day that has been, from 1900 to today: when a firm was founded or registered.
    """

    default_error_messages = {
        "invalid": "日期须为存在的一天，写成 YYYY-MM-DD（半角数字），例如 2026-03-01。",
        "years": "日期的年份须在{first}至{last}之间。",
        "past": "日期须在{first}年至今天（{today}）之间。",
    }

    def __init__(self, *, past: bool = False, **kwargs: Any) -> None:
        self.past = past
        super().__init__(**kwargs)

    def to_internal_value(self, value: Any) -> date:
        day = day_of(value)
        if day is None:
            self.fail("invalid")
        today = clock.today()
        if self.past:
            if not (day.year >= OLDEST_YEAR and day <= today):
                self.fail("past", first=OLDEST_YEAR, today=today)
        elif not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail("years", first=FIRST_YEAR, last=LAST_YEAR)
        return day


class Instant(serializers.DateTimeField):
    """A moment in ISO 8601, in the years 2000 to 2099; without a zone it is Shanghai's."""

    default_error_messages = {
        "invalid": "时间须为 ISO 8601 格式（半角数字），例如 2026-03-01T10:00:00+08:00。",
        "years": "时间的年份须在{first}至{last}之间。",
    }

    def to_internal_value(self, value: Any) -> datetime:
        moment = moment_of(value)
        if moment is None:
            self.fail("invalid")
        # before any arithmetic with zones: year 1 or 9999 leaves the calendar there
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            self.fail("years", first=FIRST_YEAR, last=LAST_YEAR)
        return self.enforce_timezone(moment)


class Shaped(serializers.RegexField):
    """Text of one shape. `says` is what a person reads who got it wrong: which characters, how many."""

    def __init__(self, regex: str, *, says: str, **kwargs: Any) -> None:
        super().__init__(regex, error_messages={"invalid": says}, **kwargs)


class Phone(Shaped):
    """A telephone number, with extension and country code if need be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[0-9+() -]{5,32}$", says="电话须为5至32位，只用半角数字、+、-、括号和空格。", **kwargs)


class AccountNumber(Shaped):
    """The number of a bank account."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[0-9]{6,32}$", says="银行账号须为6至32位半角数字，不含空格。", **kwargs)


class RegionCode(Shaped):
    """Six digits of GB/T 2260; whether there is such a county is the room's to check."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"^[0-9]{6}$", says="行政区划代码须为6位半角数字，例如 450103，见 registry/regions/。", **kwargs
        )


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


def choices_told(choices: Iterable[tuple[Any, Any]]) -> str:
    """The codes with their labels for a sentence: ok（符合）、fail（不符合）; a long list is cut."""
    told = [f"{code}（{label}）" if str(label) not in ("", str(code)) else str(code) for code, label in choices]
    rest = f"等，共{len(told)}项，全部见接口文档" if len(told) > MOST_TOLD else ""
    return "、".join(told[:MOST_TOLD]) + rest


def asked_year(request: Request) -> int:
    """`?year=`, by default this year. Raises YEAR_INVALID."""
    return year_of(request.query_params.get("year"))


def year_of(text: str | None) -> int:
    """The year that was asked for, by default this year. Raises YEAR_INVALID."""
    if text is None:
        return clock.today().year
    if not (len(text) == 4 and text.isascii() and text.isdigit() and text[:2] == "20"):
        raise Invalid("YEAR_INVALID", "年度须为四位数字，例如 2026。", year=text[:20])
    return int(text)


def day_of(value: Any) -> date | None:
    """The day that `value` writes as YYYY-MM-DD, if it does."""
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def moment_of(value: Any) -> datetime | None:
    """The moment that `value` writes in ISO 8601, if it does; naive when it names no zone."""
    if not (isinstance(value, str) and _MOMENT.fullmatch(value)):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
