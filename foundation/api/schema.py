"""The API documents: Chinese only, a summary for every operation, an example for every body."""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django_filters import filters
from django_filters.utils import get_model_field
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_view_model
from rest_framework import serializers as s

from foundation.api.fields import AccountNumber, Money, Phone, Shaped
from foundation.money import MoneyField

CHINESE = re.compile(r"[\u4e00-\u9fff]")
AN_ID = "0198c0de-0000-7000-8000-000000000000"
_PATH = {"id": "编号", "year": "年度，四位数字", "code": "统一社会信用代码，18位"}
_KINDS = {"list": "列表", "retrieve": "详情"}
_ANSWERS = {
    "200": "成功", "201": "已建立", "204": "成功，应答没有内容", "400": "填写有误", "401": "未登录", "403": "不允许",
    "404": "不存在，或无权查看", "409": "当前状态或限额不允许", "413": "超过大小上限",
}  # fmt: skip
# the first kind that fits; a field's own name says more than its kind
_NAMED = {
    "version": 1,
    "reason": "情况有变化，详见附件说明。",
    "username": "lisi",
    "password": "Choose-your-own-1",
    "year": 2026,
}
_MADE: dict[type[s.Field[Any, Any, Any, Any]], Any] = {
    Money: "1000.00",
    s.BooleanField: True,
    s.IntegerField: 1,
    s.UUIDField: AN_ID,
    s.DateTimeField: "2026-03-01T10:00:00+08:00",
    s.DateField: "2026-06-30",
    s.EmailField: "lisi@example.com",
    s.FileField: "（文件）",
    Phone: "10012345678",
    AccountNumber: "6222000000000000",
    Shaped: "450103",
    s.DictField: {},
}

_IN_TIME = {"gte": "不早于（含）", "gt": "晚于（不含）", "lte": "不晚于（含）", "lt": "早于（不含）"}
_IN_NUMBER = {"gte": "不低于（含）", "gt": "高于（不含）", "lte": "不高于（含）", "lt": "低于（不含）"}
_IN_WORDS = {"icontains": "包含的文字", "startswith": "的前几位"}
# the first kind that fits
_UNITS: tuple[tuple[type[filters.Filter] | tuple[type[filters.Filter], ...], str], ...] = (
    ((filters.IsoDateTimeFilter, filters.DateTimeFilter), "，ISO 8601，未写时区的按北京时间"),
    (filters.DateFilter, "，YYYY-MM-DD（北京时间）"),
    ((filters.UUIDFilter, filters.ModelChoiceFilter), "的编号（UUID）"),
    (filters.BooleanFilter, "：true 是，false 否"),
)


class Documented(AutoSchema):
    """Docstrings are for who reads the code; a description in the documents is given in so many words or not at all."""

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular's own
        """Nothing unless `extend_schema(description=…)` says it."""
        return ""

    def get_tags(self) -> list[str]:
        """The room, by its Chinese name."""
        room = apps.get_containing_app_config(self.view.__module__)
        return [str(room.verbose_name)] if room else super().get_tags()

    def get_summary(self) -> str | None:
        """Of a list or a row, by the name of its model."""
        kind = _KINDS.get(getattr(self.view, "action", None) or "")
        model = get_view_model(self.view, emit_warnings=False) if kind else None  # type: ignore[no-untyped-call]
        return f"{model._meta.verbose_name}{kind}" if model else None

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """With words for each answer and an example for each body that was given none."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        for status, answer in operation["responses"].items():
            answer["description"] = _ANSWERS[str(status)]
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["description"] = _PATH.get(parameter["name"], parameter["name"])
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if "examples" not in content:
                asked: Any = self.get_request_serializer()
                form = asked[media_type] if isinstance(asked, dict) else asked
                form = form() if isinstance(form, type) else form
                content["examples"] = {"示例": {"value": example_of(form)}}
        return operation


class SessionDocumented(SessionScheme):  # type: ignore[no-untyped-call]
    """Our session as DRF's own is shown."""

    target_class = "foundation.api.authentication.Session"
    priority = 1


class FiltersDocumented(DjangoFilterExtension):  # type: ignore[no-untyped-call]
    """Every query parameter of a list says what it asks, in which unit: by `help_text`, or by its model's field."""

    target_class = "foundation.api.filters.StrictFilters"
    priority = 1

    def resolve_filter_field(
        self, auto_schema: Any, model: Any, filterset_class: Any, field_name: str, filter_field: Any
    ) -> list[dict[str, Any]]:
        """One parameter, described."""
        if not filter_field.extra.get("help_text"):
            filter_field.extra["help_text"] = asked_of(model, filter_field)
        found: list[dict[str, Any]] = super().resolve_filter_field(
            auto_schema, model, filterset_class, field_name, filter_field
        )  # type: ignore[no-untyped-call]
        return found


def asked_of(model: Any, one: Any) -> str:
    """What a filter without words of its own asks: the name of its field, how it compares, and the unit."""
    field: Any = get_model_field(model, one.field_name)
    given = getattr(one, "_label", None)  # the property makes up an English one
    name = str(given or (field.verbose_name if field is not None else ""))
    if not name:
        return ""
    of_time = isinstance(one, filters.IsoDateTimeFilter | filters.DateTimeFilter | filters.DateFilter)
    compared = _IN_WORDS | (_IN_TIME if of_time else _IN_NUMBER)
    return f"{name}{compared.get(one.lookup_expr, '')}{_unit(field, one)}"


def _unit(field: Any, one: Any) -> str:
    if isinstance(one, filters.MultipleChoiceFilter):
        return "；可给出多次，符合其一即可"
    for kind, unit in _UNITS:
        if isinstance(one, kind):
            return unit
    if one.field_name.split("_")[-1] == "year":
        return "，四位数字"
    return "，元" if isinstance(field, MoneyField) else ""


def example_of(form: s.Serializer[Any]) -> dict[str, Any]:
    """A body with what the form requires."""
    return {name: _value(name, field) for name, field in form.fields.items() if field.required and not field.read_only}


def in_chinese(result: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Postprocessing hook: what a docstring or a library says in English is not shown."""
    for component in result.get("components", {}).get("schemas", {}).values():
        if "enum" not in component:  # its description tells what each code means
            component.pop("description", None)  # a serializer's docstring
    _translate(result)
    return result


def _translate(node: Any) -> None:
    if isinstance(node, list):
        for inner in node:
            _translate(inner)
    elif isinstance(node, dict):
        if isinstance(node.get("description"), str | Promise) and not CHINESE.search(str(node["description"])):
            del node["description"]
        for inner in node.values():
            _translate(inner)


def _value(name: str, field: Any) -> Any:
    if name in _NAMED:
        return _NAMED[name]
    if isinstance(field, s.ListSerializer | s.ListField):
        return [_value(name, field.child)]
    if isinstance(field, s.Serializer):
        return example_of(field)
    if isinstance(field, s.ChoiceField):
        return next(iter(field.choices))
    for kind, value in _MADE.items():
        if isinstance(field, kind):
            return value
    return str(field.help_text or field.label or "文字")[: field.max_length]
