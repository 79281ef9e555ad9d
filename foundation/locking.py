"""One pattern for every write: open the unit of work, lock, read what was locked, check, write."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction

from foundation.errors import Refused, not_found

M = TypeVar("M", bound=models.Model)


def unit_of_work() -> Any:
    """One transaction. Joining an outer one costs no savepoint: a refusal undoes the whole act anyway."""
    return transaction.atomic(savepoint=False)


def lock(rows: models.QuerySet[M], pk: UUID | int | str, *, version: int | None = None) -> M:
    """The row, locked until the transaction ends (no_key: foreign keys to it stay possible).

    Raises NOT_FOUND, or VERSION_CONFLICT when the caller saw an older `version` than the one locked.
    """
    row = rows.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if row is None:
        raise not_found(str(rows.model._meta.verbose_name))
    if version is not None and getattr(row, "version", version) != version:
        current: Any = row
        raise Refused(
            "VERSION_CONFLICT",
            f"该{rows.model._meta.verbose_name}已被他人更新（您看到第{version}版，现为第{current.version}版），请刷新后重试。",
            seen=version,
            current=current.version,
            state=getattr(current, "state", None),
        )
    return row


def lock_all(rows: models.QuerySet[M]) -> list[M]:
    """The rows, locked in primary-key order, so that two callers cannot lock each other out."""
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
