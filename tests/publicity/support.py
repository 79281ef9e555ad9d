"""Refusals, asked in one way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from engines.publicity.models import Objection, ObjectionFile, ObjectionFiler, Publicity, PublicityItem
from foundation.errors import DomainError

TABLES = (Publicity, PublicityItem, Objection, ObjectionFile, ObjectionFiler)


def at(*moment: int) -> datetime:
    """An instant in UTC."""
    return datetime(*moment, tzinfo=UTC)


def picture() -> list[Any]:
    """Every row of the engine, as it stands."""
    return [list(table.objects.order_by("pk").values_list()) for table in TABLES]


def refused(code: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> DomainError:
    """The call is refused with the code, and nothing has changed."""
    before = picture()
    with pytest.raises(DomainError) as caught, transaction.atomic():
        call(*args, **kwargs)
    assert caught.value.code == code, caught.value
    assert picture() == before
    return caught.value
