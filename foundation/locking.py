"""One pattern for every write: open the unit of work, lock, read what was locked, check, write, settle what is due."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from foundation.errors import Refused, not_found
from foundation.statements import Given, Prepared

M = TypeVar("M", bound=models.Model)
AtEnd = Callable[[frozenset[UUID]], object]


class _Units:
    """The units of work open on one connection, one in another, and what is to be done before the outermost ends."""

    def __init__(self) -> None:
        self.depth = 0
        self.due: dict[AtEnd, set[UUID]] = {}

    def settle(self) -> None:
        while self.due:
            act, keys = self.due.popitem()
            act(frozenset(keys))


_open: WeakKeyDictionary[BaseDatabaseWrapper, _Units] = WeakKeyDictionary()


def _units() -> _Units:
    return _open.setdefault(connections[DEFAULT_DB_ALIAS], _Units())


class _UnitOfWork(transaction.Atomic):
    """A transaction that does what is due (`at_end`) when the outermost of its kind ends well."""

    def __enter__(self) -> None:
        super().__enter__()
        _units().depth += 1

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        units = _units()
        units.depth -= 1
        try:
            if units.depth == 0 and kind is None:
                units.settle()
        except BaseException:
            kind, error, trace = sys.exc_info()
            raise
        finally:
            if units.depth == 0:
                units.due.clear()
            super().__exit__(kind, error, trace)


def unit_of_work() -> Any:
    """One transaction. Joining an outer one costs no savepoint: a refusal undoes the whole act anyway."""
    return _UnitOfWork(using=None, savepoint=False, durable=False)


def at_end(act: AtEnd, key: UUID) -> None:
    """`act` is called before the unit of work ends, once for all the keys it was asked for; if it fails nothing stays.

    For what follows from several rows of one act and is read from them when all are written. Outside a unit of work
    it is called at once.
    """
    units = _units()
    units.due.setdefault(act, set()).add(key)
    if units.depth == 0:
        units.settle()


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
