"""A row as data that can be read in thirty years: every column with its Chinese name, every code with its words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import TextField, Value
from django.db.models.functions import Concat

from accounts.models import Organisation, User
from engines.evidence import chain
from enterprises.models import Enterprise
from foundation.names import last_four
from programmes.models import Notice
from providers.models import Product, Provider

# By which of its own words a row is called that other rows refer to. A key alone says nothing in thirty years.
NAMES: dict[Any, Any] = {
    User: "name",
    Organisation: "name",
    Enterprise: "organisation__name",
    Provider: "organisation__name",
    Notice: Concat("doc_no", Value("·"), "year", Value("年度·第"), "revision", Value("版"), output_field=TextField()),
    Product: "name",
}
PERSON = "user:"  # how a chain and the ledger name a person
ACCOUNTS = {"account", "corrected_account"}  # JSON columns that hold a bank account
NUMBERS = {"account_number"}


def names(rows: Iterable[models.Model], actors: Iterable[str] = ()) -> dict[UUID, str]:
    """How whatever the rows name is called: people, houses, notices, products; one query for each kind there is.

    `actors` are further people as a chain or the ledger names them.
    """
    named: dict[type[models.Model], set[UUID]] = {}
    for row in rows:
        for one in row._meta.concrete_fields:
            model: Any = one.related_model
            if one.is_relation and model in NAMES:
                named.setdefault(model, set()).add(getattr(row, one.attname))
    people = {UUID(actor.removeprefix(PERSON)) for actor in actors if actor.startswith(PERSON)}
    if people:
        named.setdefault(User, set()).update(people)
    found: dict[UUID, str] = {}
    for model, wanted in named.items():
        rows_of = model._default_manager.filter(pk__in=wanted - {None})
        found |= dict(rows_of.annotate(called=_word(NAMES[model])).values_list("pk", "called"))
    return found


def _word(path: Any) -> Any:
    return models.F(path) if isinstance(path, str) else path


def told(row: models.Model, called: Mapping[UUID, str], *, hidden: Collection[str] = ()) -> list[dict[str, Any]]:
    """The columns in the model's order. `hidden` ones are left out; of an account only the last four digits stand."""
    return [
        _column(row, field, called)
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


def _column(row: models.Model, field: Any, called: Mapping[UUID, str]) -> dict[str, Any]:
    value = getattr(row, field.attname)
    said: dict[str, Any] = {"name": field.name, "label": str(field.verbose_name), "value": _shown(field, value)}
    if field.choices and value not in (None, ""):
        said["text"] = str(dict(field.flatchoices).get(value, value))
    if field.is_relation and field.related_model in NAMES and value is not None:
        said["text"] = called.get(value, "")
    return said


def _shown(field: Any, value: Any) -> Any:
    if field.name in NUMBERS and value:
        return last_four(value)
    if field.name in ACCOUNTS and value:
        return {**value, "number": last_four(value["number"])}
    return value
