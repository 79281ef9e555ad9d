"""One pattern for every write: open the unit of work, lock, read what was locked, check, write."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction

from foundation.errors import Refused, not_found
from foundation.statements import Given, Prepared

M = TypeVar("M", bound=models.Model)


def unit_of_work() -> Any:
    """One transaction. Joining an outer one costs no savepoint: a refusal undoes the whole act anyway."""
    return transaction.atomic(savepoint=False)


def locked(rows: models.QuerySet[M]) -> Prepared[M]:
    """What `lock` takes instead of `rows` where the same kind of row is locked all day long."""
    return Prepared(lambda: _for_change(rows).filter(pk=Given("pk", models.UUIDField())), rows.model)


def lock(
    rows: models.QuerySet[M] | Prepared[M], pk: UUID | int | str, *, version: int | None = None, **given: Any
) -> M:
    """The row, locked until the transaction ends (no_key: foreign keys to it stay possible).

    `given` are further parameters of rows that were `locked` in advance. Raises NOT_FOUND, or VERSION_CONFLICT when the caller saw an older `version` than the one locked.
    """
    row = rows.first(pk=pk, **given) if isinstance(rows, Prepared) else _for_change(rows).filter(pk=pk).first()
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
    return list(_for_change(rows).order_by("pk"))


def _for_change(rows: models.QuerySet[M]) -> models.QuerySet[M]:
    return rows.select_for_update(of=("self",), no_key=True)
