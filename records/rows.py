"""A row as data that can be read in thirty years: every column with its Chinese name, every code with its words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from accounts.models import User
from engines.evidence import chain
from foundation.names import last_four

ACCOUNTS = {"account", "corrected_account"}  # JSON columns that hold a bank account
NUMBERS = {"account_number"}


def people(rows: Iterable[models.Model]) -> dict[UUID, str]:
    """The names of everybody whom the rows name, in one query."""
    named = {
        getattr(row, field.attname) for row in rows for field in row._meta.concrete_fields if _names_a_person(field)
    }
    return dict(User.objects.filter(pk__in=named - {None}).values_list("pk", "name"))


def told(row: models.Model, names: Mapping[UUID, str], *, hidden: Collection[str] = ()) -> list[dict[str, Any]]:
    """The columns in the model's order. `hidden` ones are left out; of an account only the last four digits stand."""
    return [
        _column(row, field, names)
        for field in row._meta.concrete_fields
        if field.name not in hidden and field.attname not in hidden
    ]


def document(value: Any) -> bytes:
    """UTF-8 JSON for people: the same bytes for the same value."""
    return (json.dumps(value, ensure_ascii=False, indent=1, default=plain) + "\n").encode()


def plain(value: Any) -> Any:
    """What JSON has no word for."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return chain.instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _column(row: models.Model, field: Any, names: Mapping[UUID, str]) -> dict[str, Any]:
    value = getattr(row, field.attname)
    said: dict[str, Any] = {"name": field.name, "label": str(field.verbose_name), "value": _shown(field, value)}
    if field.choices and value not in (None, ""):
        said["text"] = str(dict(field.flatchoices).get(value, value))
    if _names_a_person(field) and value is not None:
        said["text"] = names.get(value, "")
    return said


def _shown(field: Any, value: Any) -> Any:
    if field.name in NUMBERS and value:
        return last_four(value)
    if field.name in ACCOUNTS and value:
        return {**value, "number": last_four(value["number"])}
    return value


def _names_a_person(field: Any) -> bool:
    return field.is_relation and field.related_model is User
