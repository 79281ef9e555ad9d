"""Calling the SQL functions of `sql/`, and turning what they refuse into errors for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from engines.ledger.errors import refusal

REFUSED = "LG001"  # the SQLSTATE of ledger_refuse in sql/accounts.sql

# One cursor a connection, which sends parameters apart from the text. With `prepare_threshold` among the
# database's OPTIONS the calls are then prepared statements. Parsing the text each time and looking up anew how
# each parameter is written would cost half as much again as the call itself.
_cursors: WeakKeyDictionary[BaseDatabaseWrapper, psycopg.Cursor[Any]] = WeakKeyDictionary()


def call(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of one statement, in one round trip, by itself or in the caller's transaction.

    A refusal is raised inside the function, so the database has already undone all of it. The caller's
    transaction can then only be left.
    """
    cursor = _cursor()
    try:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    except DatabaseError as error:
        diagnosis: Any = getattr(error.__cause__, "diag", None)
        if diagnosis is None or diagnosis.sqlstate != REFUSED:
            raise
        details = json.loads(diagnosis.message_detail, parse_float=Decimal)
        raise refusal(diagnosis.message_primary, details) from None
    return rows


def _cursor() -> CursorWrapper:
    """Our cursor of Django's connection, in Django's wrapper: its errors, its log of queries, its checks."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw: Any = connection.connection
    cursor: Any = _cursors.get(connection)
    if cursor is None or cursor.connection is not raw:
        cursor = _cursors[connection] = psycopg.Cursor(raw)
    return connection.make_debug_cursor(cursor) if connection.queries_logged else connection.make_cursor(cursor)
