"""Filters that mean what they say: a parameter nobody knows, or a value that cannot be, is refused and never ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import django_filters
from django.db import models
from django_filters import rest_framework as rest
from rest_framework.request import Request

from foundation.api.fields import FIRST_YEAR, LAST_YEAR, day_of, moment_of
from foundation.errors import Invalid

PAGING = ("page_size", "cursor")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_WHOLE = re.compile(r"[0-9]{1,10}")
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_YEAR_NAMES = re.compile(r"(^|_)year$")
# a reference is its id: an unknown one finds nothing, as somebody else's does
_BY_ID: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    model: {"filter_class": django_filters.UUIDFilter} for model in (models.ForeignKey, models.OneToOneField)
}


class Filters(rest.FilterSet):
    """Base of the filter sets: a row referred to is named by its id, and is not looked up."""

    FILTER_DEFAULTS = {**rest.FilterSet.FILTER_DEFAULTS, **_BY_ID}


class Words(django_filters.CharFilter):
    """Words that people write: any text. Every other text filter takes visible ASCII only."""


class Coded(django_filters.CharFilter):
    """One of the codes that `known` tells when asked: those that stand in data and not in the program."""

    def __init__(self, *, known: Callable[[], Iterable[str]], **kwargs: Any) -> None:
        self.known = known
        super().__init__(**kwargs)


class StrictFilters(rest.DjangoFilterBackend):
    """Filters a list. Raises FILTER_UNKNOWN with the known names, FILTER_INVALID with what is allowed."""

    filterset_base = Filters

    def filter_queryset(  # type: ignore[override]  # DRF hands in its own request
        self, request: Request, queryset: models.QuerySet[Any], view: Any
    ) -> models.QuerySet[Any]:
        """The rows asked for. A row that is addressed by its id is not filtered away."""
        if getattr(view, "detail", False):
            return queryset
        filterset = self.get_filterset(request, queryset, view)
        known = dict(filterset.filters) if filterset is not None else {}
        refuse_unknown(request, [*known, *PAGING])
        for name, one in known.items():
            for value in request.query_params.getlist(name):
                if (allowed := _refusal(one, value)) is not None:
                    raise invalid(name, value, allowed)
            if len(request.query_params.getlist(name)) > 1 and not isinstance(one, django_filters.MultipleChoiceFilter):
                raise invalid(name, request.query_params[name], "只能给出一次")
        if filterset is None:
            return queryset
        for name, errors in filterset.errors.items():
            raise invalid(name, request.query_params.get(name, ""), str(errors[0]).rstrip("。"))
        return filterset.qs


def invalid(name: str, value: str, allowed: str) -> Invalid:
    """The refusal of a parameter's value; `allowed` goes on after its name."""
    shown = value[:40] if value.isprintable() else "不可见字符"
    return Invalid(
        "FILTER_INVALID",
        f"查询参数 {name} {allowed}；收到的是“{shown}”，请更正后重试。",
        parameter=name,
        given=shown,
        allowed=allowed,
    )


def refuse_unknown(request: Request, known: list[str]) -> None:
    """Every parameter of the address is one of `known`. Raises FILTER_UNKNOWN."""
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        names = f"此地址可用：{'、'.join(known)}" if known else "此地址不用查询参数"
        shown = "、".join(name[:40] if name.isprintable() else "（不可见字符）" for name in unknown)
        raise Invalid(
            "FILTER_UNKNOWN",
            f"没有查询参数 {shown}；{names}。",
            unknown=[name[:40] for name in unknown if name.isprintable()],
            known=known,
        )


def _refusal(one: Any, value: str) -> str | None:
    """What is allowed, if `value` is not."""
    if value == "":
        return "不能为空，不筛选时请去掉该参数"
    for kind, check in _CHECKS:
        if isinstance(one, kind):
            return check(one, value)
    return _text(one, value)


def _choice(one: Any, value: str) -> str | None:
    codes = [str(code) for code, _ in one.extra["choices"]]
    return None if value in codes else f"须为其中之一：{'、'.join(codes)}"


def _coded(one: Coded, value: str) -> str | None:
    codes = sorted(one.known())
    if value in codes:
        return None
    return f"须为其中之一：{'、'.join(codes)}" if codes else "目前没有可用的值"


def _boolean(one: Any, value: str) -> str | None:
    return None if value in ("true", "false") else "须为 true 或 false"


def _number(one: Any, value: str) -> str | None:
    if _YEAR_NAMES.search(one.field_name):
        fits = _WHOLE.fullmatch(value) and FIRST_YEAR <= int(value) <= LAST_YEAR
        return None if fits else f"须为{FIRST_YEAR}至{LAST_YEAR}之间的四位年份"
    return None if _NUMBER.fullmatch(value) else "须为不超过12位整数、2位小数的半角数字，例如 12500.00"


def _id(one: Any, value: str) -> str | None:
    return None if _ID.fullmatch(value) else f"须为编号（UUID），例如 {UUID(int=0)}"


def _moment(one: Any, value: str) -> str | None:
    when = moment_of(value) or day_of(value)
    return None if when is not None and FIRST_YEAR <= when.year <= LAST_YEAR else _MOMENT_ALLOWED


_MOMENT_ALLOWED = (
    f"须为{FIRST_YEAR}至{LAST_YEAR}年的时间，例如 2026-03-01T10:00:00+08:00（网址中“+”写作 %2B）或 2026-03-01"
)


def _text(one: Any, value: str) -> str | None:
    longest = one.extra.get("max_length") or 200
    fits = len(value) <= longest and value.isascii() and value.isprintable()
    return None if fits else f"须为不超过{longest}个半角字母、数字或符号"


def _words(one: Any, value: str) -> str | None:
    longest = one.extra.get("max_length") or 200
    fits = len(value) <= longest and value.isprintable() and "\ufffd" not in value  # what was no UTF-8
    return None if fits else f"须为不超过{longest}字的文字"


# the first that fits; what is none of these is text in ASCII
_CHECKS: tuple[tuple[type[Any] | tuple[type[Any], ...], Callable[[Any, str], str | None]], ...] = (
    (Words, _words),
    (Coded, _coded),
    ((django_filters.ChoiceFilter, django_filters.MultipleChoiceFilter), _choice),
    (django_filters.BooleanFilter, _boolean),
    (django_filters.NumberFilter, _number),
    ((django_filters.UUIDFilter, django_filters.ModelChoiceFilter), _id),
    ((django_filters.IsoDateTimeFilter, django_filters.DateTimeFilter), _moment),
)
