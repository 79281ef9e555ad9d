"""Statements whose text is made once, for the few acts in which making it anew would be most of the work.

Building the SQL of a locking read over five tables costs Django ten times what PostgreSQL needs to run it
(docs/adr/0008). Here it is built at the first use, from an ordinary queryset, and kept; later uses only
fill in the parameters, and PostgreSQL keeps its plan. Answers are the same model instances.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, Generic, NamedTuple, TypeVar, cast
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models.expressions import Expression
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError
from psycopg import RawCursor
from psycopg.sql import Literal

M = TypeVar("M", bound=models.Model)

_Cursor: Any = ServerBindingCursor  # its types are those of psycopg 2

# One cursor a connection, which sends parameters apart from the text, so that the text can be prepared.
_cursors: WeakKeyDictionary[BaseDatabaseWrapper, Any] = WeakKeyDictionary()


def run(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of one statement that returns rows, by itself or in the caller's transaction.

    Errors are Django's, as with its own cursor.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_thread_sharing()
    connection.validate_no_broken_transaction()
    raw: Any = connection.connection
    cursor: Any
    if connection.queries_logged or connection.execute_wrappers:
        unprepared: Any = _Unprepared(raw)
        cursor = connection.make_debug_cursor(unprepared)  # its log, and whoever wants to see every statement
        cursor.execute(sql, params)
        return list(cursor.fetchall())
    cursor = _cursors.get(connection)
    if cursor is None or cursor.connection is not raw:
        cursor = _cursors[connection] = RawCursor(raw)
    with connection.wrap_database_errors:
        cursor.execute(_numbered(sql), params)
        return list(cursor.fetchall())


@lru_cache(maxsize=1024)
def _numbered(text: str) -> bytes:
    """The text as PostgreSQL reads it, so that psycopg need not look through it for places at each run."""
    places = itertools.count(1)
    return re.sub("%([s%])", lambda found: f"${next(places)}" if found[1] == "s" else "%", text).encode()


class _Unprepared(_Cursor):  # type: ignore[misc]
    """The log of queries cannot see the text of a prepared statement."""

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        return super().execute(*args, **kwargs, prepare=False)


class Given(Expression):
    """In the queryset of a `Prepared`: the place of the parameter `name`."""

    def __init__(self, name: str, output_field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Prepared(Generic[M]):
    """A queryset of model instances that is turned into SQL once.

    `make` builds it of `model`, with `Given` where a parameter goes. select_related, only, annotate and
    select_for_update work as ever; prefetch_related and values do not. The parameters must have the type
    the column has: nothing converts them.
    """

    def __init__(self, make: Callable[[], models.QuerySet[M]], model: type[M]) -> None:
        self.make, self.model = make, model
        self._plan: _Plan | None = None

    def all(self, **params: Any) -> list[M]:
        """The rows, in the queryset's order."""
        plan = self._plan = self._plan or _plan(self.make())
        if plan.locks and not connections[DEFAULT_DB_ALIAS].in_atomic_block:
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        return [cast(M, plan.instance(row)) for row in run(plan.sql, _filled(plan.params, params))]

    def first(self, **params: Any) -> M | None:
        """The first row, or None."""
        rows = self.all(**params)
        return rows[0] if rows else None


class Text:
    """A statement written by hand around the SQL of a queryset of values, made once.

    `{found}` stands in `around` for the queryset, in which `Given` stands where a parameter goes, as in `Prepared`.
    What never changes is written into the text: two hundred parameters cost more to send than the answer to find.
    """

    def __init__(self, around: str, make: Callable[[], Any]) -> None:
        self.around, self.make = around, make
        self._made: tuple[str, list[str]] | None = None

    def run(self, **params: Any) -> list[tuple[Any, ...]]:
        """The rows it returns."""
        text, names = self._made = self._made or self._text()
        return run(text, [params[name] for name in names])

    def _text(self) -> tuple[str, list[str]]:
        text, given = self.make().query.get_compiler(using=DEFAULT_DB_ALIAS).as_sql()
        connection = connections[DEFAULT_DB_ALIAS]
        connection.ensure_connection()
        fixed = ["%s" if isinstance(p, Given) else _written(p, connection.connection) for p in given]
        return self.around.replace("{found}", text % tuple(fixed)), [p.name for p in given if isinstance(p, Given)]


class _Plan(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, tuple[list[Any], Any]]
    model: type[models.Model]
    start: int
    end: int
    names: list[str]
    related: list[Any]
    annotations: dict[str, int]
    locks: bool

    def instance(self, row: Sequence[Any]) -> models.Model:
        """What django.db.models.query.ModelIterable makes of a row."""
        if self.converters:
            row = list(row)
            for place, (converters, expression) in self.converters.items():
                for convert in converters:
                    row[place] = convert(row[place], expression, connections[DEFAULT_DB_ALIAS])
        made = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[self.start : self.end])
        for populator in self.related:
            populator.populate(row, made)
        for name, place in self.annotations.items():
            setattr(made, name, row[place])
        return made


def _written(value: Any, raw: Any) -> str:
    return Literal(value).as_string(raw).replace("%", "%%")


def _filled(places: Sequence[Any], params: dict[str, Any]) -> list[Any]:
    return [params[p.name] if isinstance(p, Given) else p for p in places]


def _plan(rows: models.QuerySet[Any]) -> _Plan:
    compiler: Any = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    info, select = compiler.klass_info, compiler.select
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    return _Plan(
        sql=sql,
        params=tuple(params),
        converters=compiler.get_converters([column[0] for column in select[: compiler.col_count]]),
        model=info["model"],
        start=start,
        end=end,
        names=[column[0].target.attname for column in select[start:end]],
        related=cast(Any, get_related_populators)(info, select, DEFAULT_DB_ALIAS),
        annotations=compiler.annotation_col_map,
        locks=rows.query.select_for_update,
    )


class Columns(NamedTuple):
    """Some of a model's fields, and their names and places in SQL."""

    fields: tuple[Any, ...]
    names: str
    places: str

    def values(self, row: models.Model) -> list[Any]:
        """What the row has in them, as the database takes it."""
        connection = connections[DEFAULT_DB_ALIAS]
        return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in self.fields]


@cache
def columns(model: type[models.Model], names: tuple[str, ...] | None = None) -> Columns:
    """The fields of these names; or all, but for those the database fills in itself."""
    meta = model._meta
    if names is None:
        fields = [field for field in meta.concrete_fields if not field.db_returning]
    else:
        fields = [cast(Any, meta.get_field(name)) for name in names]
    quoted = ", ".join(f'"{field.column}"' for field in fields)
    return Columns(tuple(fields), quoted, ", ".join(["%s"] * len(fields)))


def insert(row: M) -> M:
    """The new row is in its table, with the key the database gave it."""
    kind = columns(type(row))
    meta = row._meta
    text = f'INSERT INTO "{meta.db_table}" ({kind.names}) VALUES ({kind.places}) RETURNING "{meta.pk.column}"'  # noqa: S608 - our own names
    row.pk = run(text, kind.values(row))[0][0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row
