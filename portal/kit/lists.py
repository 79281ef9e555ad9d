"""Lists: filtered, sorted, paged by keyset, exported. One page costs the same for three rows and three hundred thousand."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render

from foundation import clock
from foundation.api.fields import day_of
from foundation.errors import Invalid
from portal.kit.sheets import spreadsheet

PER_PAGE = 20
COUNTED = 1000  # rows up to which “共 N 条” is exact; counting more would cost more than the page
MOST_EXPORTED = 20_000  # rows of one spreadsheet
YEARS = range(1900, 2200)  # of days one may ask for: beyond, a day has no start in every zone of the world
WIDE_SPACE = "\u3000"  # what the space bar gives while one types Chinese; Python calls it unprintable


class Marks(tuple[tuple[str, bool], ...]):
    """Small checks of one row, each with what it came to; as text in a spreadsheet."""

    __slots__ = ()

    def __str__(self) -> str:
        return " ".join(f"{'✓' if ok else '✕'}{label}" for label, ok in self)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `show` is an attribute path (`enterprise.name`) or a function of the row."""

    name: str
    label: str
    show: str | Callable[[Any], Any]
    kind: str = "text"  # text, money, date, moment, chip, number, percent, checks (Marks)
    link: Callable[[Any], str] | None = None
    second: str | Callable[[Any], Any] | None = None  # a smaller line below
    second_label: str = ""  # of that line as a column of its own in the spreadsheet; "": it is not in it
    sort: str = ""  # the column of the database, which must never be null
    place: str = (
        ""  # on phones: title, corner, wide; else one line with its label; kind: never squeezed on wide screens
    )
    tone: Callable[[Any], str] | None = None  # of a chip

    def value(self, row: Any) -> Any:
        return _of(row, self.show)

    def below(self, row: Any) -> Any:
        return _of(row, self.second) if self.second is not None else ""

    def exported(self) -> list[tuple[str, Callable[[Any], Any]]]:
        """Its columns in a spreadsheet, each with its head."""
        cells: list[tuple[str, Callable[[Any], Any]]] = [(self.label, self.value)]
        if self.second_label:
            cells.append((self.second_label, self.below))
        return cells


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One question that narrows a list. `narrow` gets rows and the checked value."""

    name: str
    label: str
    narrow: str | Callable[[models.QuerySet[Any], Any], models.QuerySet[Any]]  # a lookup, or a function
    choices: Sequence[tuple[str, str]] | Callable[[], Sequence[tuple[str, str]]] | None = None
    kind: str = "choice"  # choice, text, date, year
    hint: str = ""

    def known(self) -> Sequence[tuple[str, str]]:
        found = self.choices() if callable(self.choices) else self.choices
        return [(str(code), str(label)) for code, label in found or ()]

    def checked(self, text: str) -> Any:
        """The value that was typed. Raises Invalid FILTER_INVALID in words."""
        if self.kind == "choice" and text not in dict(self.known()):
            raise _invalid(self.label, text, "请从列表中选择。")
        if self.kind == "date":
            day = day_of(text)
            if day is None or day.year not in YEARS:
                raise _invalid(self.label, text, "请写成 2026-03-01 这样的日期。")
            return day
        if self.kind == "year" and not (len(text) == 4 and text.isascii() and text.isdigit()):
            raise _invalid(self.label, text, "请写成四位数字，例如 2026。")
        if len(text) > 80 or not text.replace(WIDE_SPACE, "").isprintable():
            raise _invalid(self.label, text, "请写80字以内的文字。")
        return text

    def apply(self, rows: models.QuerySet[Any], value: Any) -> models.QuerySet[Any]:
        return self.narrow(rows, value) if callable(self.narrow) else rows.filter(**{self.narrow: value})


@dataclass(frozen=True)
class Shown:
    """One page of a list, ready for its template."""

    listing: Listing
    rows: list[Any]
    sort: str
    asked: dict[str, str]
    count: str
    query: str  # the filters and the sort as an address goes on
    older: str  # cursor of the next page, "" at the end
    newer: str
    problem: str = ""
    filtered: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The filters with what was asked."""
        return [
            {"filter": one, "value": self.asked.get(one.name, ""), "choices": one.known()}
            for one in self.listing.filters
        ]

    @property
    def heads(self) -> list[dict[str, Any]]:
        """The columns with how a click on their head sorts."""
        current, down = self.sort.lstrip("-"), self.sort.startswith("-")
        return [
            {
                "column": one,
                "next": f"-{one.name}" if one.name == current and not down else one.name,
                "order": ("descending" if down else "ascending") if one.name == current else "",
            }
            for one in self.listing.columns
        ]

    @property
    def cells(self) -> list[dict[str, Any]]:
        """Every row with its cells."""
        return [
            {
                "row": row,
                "flag": self.listing.flag(row),
                "cells": [
                    {
                        "column": one,
                        "value": one.value(row),
                        "below": one.below(row),
                        "link": one.link(row) if one.link is not None else "",
                        "tone": one.tone(row) if one.tone is not None else "",
                    }
                    for one in self.listing.columns
                ],
                "acts": self.listing.acts(row),
            }
            for row in self.rows
        ]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list of records: which columns and filters it has, and what an empty one says."""

    name: str  # id of the fragment on the page, and of the file that is exported
    caption: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    per_page: int = PER_PAGE
    sort: str = ""  # name of the column sorted by at first, "-" before it for the greatest first; "": newest first
    empty: str = "还没有记录。"  # what to do when there is nothing at all
    empty_link: tuple[str, str] | None = None  # words and address of what to do next
    export: bool = True
    acts: Callable[[Any], Sequence[tuple[str, str]]] = field(default=lambda row: ())  # words and addresses
    flag: Callable[[Any], bool] = field(default=lambda row: False)  # a row to look at first
    prepare: Callable[[list[Any]], list[Any]] | None = None  # e.g. one query for something of all rows shown
    pick: str = (
        ""  # name of the tick box of each row, which goes with the page's form <form id="{pick}-form">; "": none
    )

    def answer(
        self, request: HttpRequest, rows: models.QuerySet[Any], template: str, context: dict[str, Any]
    ) -> HttpResponseBase:
        """The page with its list, the list alone when htmx asks for it, or the spreadsheet (`?export=xlsx`)."""
        if request.GET.get("export") == "xlsx" and self.export:
            return self.sheet(request.GET, rows)
        shown = self.page(request.GET, rows)
        status = 400 if shown.problem else 200
        htmx = getattr(request, "htmx", None)
        if htmx and htmx.target == self.name:
            return render(request, "portal/kit/list.html", {**context, "list": shown}, status=status)
        return render(request, template, {**context, "list": shown}, status=status)

    def page(self, query: QueryDict, rows: models.QuerySet[Any]) -> Shown:
        """The page asked for. What cannot be read is said in `problem`, with no rows."""
        asked = {one.name: text for one in self.filters if (text := query.get(one.name, "").strip())}
        sort = query.get("sort", self.sort)
        try:
            narrowed = self.narrowed(asked, rows)
            ordered = _Order.of(self, rows.model, sort)
            found, older, newer = ordered.page(narrowed, query, self.per_page)
        except Invalid as error:
            return Shown(self, [], self.sort, asked, "", _query(asked, ""), "", "", error.message, bool(asked))
        if self.prepare is not None:
            found = self.prepare(found)
        only_page = not older and not newer
        count = str(len(found)) if only_page else _counted(narrowed)
        return Shown(self, found, sort, asked, count, _query(asked, sort), older, newer, "", bool(asked))

    def narrowed(self, asked: dict[str, str], rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows that every filter lets through. Raises FILTER_INVALID."""
        for one in self.filters:
            if one.name in asked:
                rows = one.apply(rows, one.checked(asked[one.name]))
        return rows

    def sheet(self, query: QueryDict, rows: models.QuerySet[Any]) -> FileResponse:
        """Every row that the filters let through, in text cells. Raises EXPORT_TOO_LARGE, FILTER_INVALID."""
        asked = {one.name: text for one in self.filters if (text := query.get(one.name, "").strip())}
        narrowed = self.narrowed(asked, rows)
        ordered = _Order.of(self, rows.model, query.get("sort", self.sort)).sorted(narrowed)
        found = list(ordered[: MOST_EXPORTED + 1])
        if len(found) > MOST_EXPORTED:
            raise Invalid(
                "EXPORT_TOO_LARGE",
                f"符合条件的超过{MOST_EXPORTED:,}条，一张表导不下，请先用筛选条件缩小范围。",
                limit=MOST_EXPORTED,
            )
        if self.prepare is not None:
            found = self.prepare(found)
        cells = [cell for one in self.columns for cell in one.exported()]
        lines = ([plain(value(row)) for _, value in cells] for row in found)
        return spreadsheet(self.caption, [label for label, _ in cells], lines)


@dataclass(frozen=True)
class _Order:
    """By one column and, where that is the same, by the key."""

    column: str
    down: bool
    field: Any
    key: Any  # the primary key's field

    @classmethod
    def of(cls, listing: Listing, model: type[models.Model], sort: str) -> _Order:
        name, down = sort.lstrip("-"), sort.startswith("-")
        if not name:
            return cls("pk", True, model._meta.pk, model._meta.pk)
        column = next((one for one in listing.columns if one.name == name and one.sort), None)
        if column is None:
            raise _invalid("排序", sort, "请点击表头排序。")
        return cls(column.sort, down, _field(model, column.sort), model._meta.pk)

    def sorted(self, rows: models.QuerySet[Any], backwards: bool = False) -> models.QuerySet[Any]:
        sign = "-" if self.down != backwards else ""
        return rows.order_by(f"{sign}pk") if self.column == "pk" else rows.order_by(f"{sign}{self.column}", f"{sign}pk")

    def page(self, rows: models.QuerySet[Any], query: QueryDict, size: int) -> tuple[list[Any], str, str]:
        """Rows, and the cursors of the pages after and before them ("" where there is none)."""
        after, before = query.get("after", ""), query.get("before", "")
        backwards = bool(before)
        ordered = self.sorted(rows, backwards)
        if after or before:
            ordered = ordered.filter(self._beyond(before or after, backwards))
        found = list(ordered[: size + 1])
        more = len(found) > size
        found = found[:size]
        if backwards:
            found.reverse()
        older = self._cursor(found[-1]) if found and (backwards or more) else ""
        newer = self._cursor(found[0]) if found and (more if backwards else bool(after)) else ""
        return found, older, newer

    def _beyond(self, cursor: str, backwards: bool) -> Q:
        value, pk = self._read(cursor)
        side = "lt" if self.down != backwards else "gt"
        if self.column == "pk":
            return Q(**{f"pk__{side}": pk})
        return Q(**{f"{self.column}__{side}e": value}) & (
            Q(**{f"{self.column}__{side}": value}) | Q(**{f"pk__{side}": pk})
        )

    def _cursor(self, row: Any) -> str:
        value = None if self.column == "pk" else _of(row, self.column.replace("__", "."))
        text = json.dumps([None if value is None else str(value), str(row.pk)])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _read(self, cursor: str) -> tuple[Any, Any]:
        """What `_cursor` wrote. Raises FILTER_INVALID for what it cannot have written: a database would stumble over it."""
        try:
            padded = cursor[:600] + "=" * (-len(cursor[:600]) % 4)
            value, pk = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if self.column == "pk":
                return None, self.key.to_python(_storable(pk))
            return self.field.to_python(_storable(value)), self.key.to_python(_storable(pk))
        except (ValueError, binascii.Error, TypeError, ValidationError):
            raise _invalid("翻页位置", cursor, "请从第一页重新翻起。") from None


def _storable(text: Any) -> str:
    """Raises ValueError for what no column of a database can hold: no text, a NUL, half a character."""
    if not isinstance(text, str) or "\0" in text:
        raise ValueError("not storable")
    text.encode()
    return text


def plain(value: Any) -> str:
    """A cell as the text of a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def _of(row: Any, show: str | Callable[[Any], Any]) -> Any:
    if callable(show):
        return show(row)
    for step in show.split("."):
        row = getattr(row, step)
        row = row() if callable(row) and not isinstance(row, models.Manager) else row
    return row


def _field(model: type[models.Model], path: str) -> Any:
    steps = path.split("__")
    try:
        for step in steps[:-1]:
            model = model._meta.get_field(step).related_model  # type: ignore[assignment]
        return model._meta.get_field(steps[-1])
    except FieldDoesNotExist:  # an annotation: told apart by its text alone
        return models.TextField()


def _counted(rows: models.QuerySet[Any]) -> str:
    number = rows.order_by().values("pk")[: COUNTED + 1].count()
    return str(number) if number <= COUNTED else f"{COUNTED:,}以上"


def _query(asked: dict[str, str], sort: str) -> str:
    query = QueryDict(mutable=True)
    query.update(asked)
    if sort:
        query["sort"] = sort
    return query.urlencode()


def _invalid(name: str, value: str, advice: str) -> Invalid:
    shown = value[:40] if value.isprintable() else "不可见字符"
    return Invalid("FILTER_INVALID", f"筛选条件“{name}”的值“{shown}”不可用，{advice}", parameter=name, given=shown)
