"""Calling the SQL functions of `sql/`, and turning what they refuse into errors for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import DatabaseError

from engines.ledger.errors import refusal
from foundation.statements import run

REFUSED = "LG001"  # the SQLSTATE of ledger_refuse in sql/accounts.sql


def call(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of one statement, in one round trip, by itself or in the caller's transaction.

    A refusal is raised inside the function, so the database has already undone all of it. The caller's
    transaction can then only be left.
    """
    try:
        return run(sql, params)
    except DatabaseError as error:
        diagnosis: Any = getattr(error.__cause__, "diag", None)
        if diagnosis is None or diagnosis.sqlstate != REFUSED:
            raise
        details = json.loads(diagnosis.message_detail, parse_float=Decimal)
        raise refusal(diagnosis.message_primary, details) from None
