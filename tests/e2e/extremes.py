"""A database as bad as it gets, to look at pages with: names as long as their fields, thousands of rows.

    python -m tests.e2e.extremes --names --rows 3000

works on the database of `make dev` (or DATABASE_URL), which keeps running. Rows are copied with what hangs on them, past
triggers and foreign keys: good for looking and for measuring, not for acting on. The ledger stays as it is.
Throw the database away afterwards (`rm -rf .dev`).
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Field, Model

FILLER = "广西壮族自治区高端装备制造与新能源汽车零部件智能化改造数字化转型综合服务示范项目"
LONGEST_TEXT = 900
UNTOUCHED = {"foundation", "ledger", "calendar", "programmes", "auth", "sessions", "contenttypes", "knox"}
ONE_OF_A_KIND = {"accounts.User", "accounts.Membership", "accreditation.Expert"}
MOST = {  # rows of what grows slower than contracts do
    "accounts.Organisation": 20_000,
    "enterprises.Enterprise": 20_000,
    "providers.Provider": 2_000,
    "providers.Product": 4_000,
    "providers.ProductVersion": 4_000,
    "demands.Demand": 6_000,  # every other one on the board
    "publicity.Publicity": 1_000,
    "registry.RosterImport": 300,
    "accreditation.Round": 300,
    "accreditation.Panel": 300,
    "settlement.Batch": 300,
}
PER_CONTRACT = 4  # rows of any other table at most
ONLY = {"evidence.EvidenceRecord": ("subject_type", "settlement_claim")}  # a claim's clock reads them; they are many
OF_DIGITS = {"contracts.Invoice.number"}
COUNTED, WAITS = "contracts.Contract", "contracts.Wait"
UNDER_WAY = "k.n %% 7 = 0"  # of a contract's copies: the others are over and wait for nothing, as most of many years do
PARTIES = {"enterprises.Enterprise", "providers.Provider"}  # among whose copies those of their rows are spread,
OWN = 50  # one in so many stays with the party itself


def main() -> None:
    """Does what the command line asks for and says what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", action="store_true", help="names and texts as long as their fields allow")
    parser.add_argument("--rows", type=int, default=0, help="so many contracts, and of the rest in proportion")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voucher_platform.settings")
    import django

    from voucher_platform.embedded import postgres

    with contextlib.ExitStack() as stack:
        if not os.environ.get("DATABASE_URL"):
            stack.enter_context(postgres.using(settings.STATE_DIR))
        django.setup()
        for line in [*(lengthen() if asked.names else []), *(multiply(asked.rows) if asked.rows else [])]:
            print(line)


def lengthen() -> list[str]:
    """Every name and text with Chinese in it fills its field. Returns the fields that refused."""
    from django.db import models

    refused = []
    for model in _models():
        if model._meta.app_label == "evidence":
            continue
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.CharField | models.TextField) or field.choices or field.unique:
                continue
            longest = min(field.max_length or LONGEST_TEXT, LONGEST_TEXT)
            column = f'"{field.column}"'
            refused += _try(
                f"""UPDATE "{model._meta.db_table}" SET {column} = left({column} || repeat(%s, 30), %s)
                     WHERE {column} ~ '[一-龥]' AND length({column}) < %s""",
                [FILLER, longest, longest],
                f"{model._meta.label}.{field.name}",
            )
    return refused


def multiply(contracts: int) -> list[str]:
    """At least so many contracts, and of the rest in proportion, up to `MOST`. Returns the tables that refused."""
    from django.apps import apps
    from django.db import connection

    more = contracts / max(apps.get_model(COUNTED)._default_manager.count(), 1)

    def copies(label: str, rows: int) -> int:
        return math.ceil(min(rows * more, MOST.get(label, PER_CONTRACT * contracts)) / rows) - 1

    refused = _copy(copies)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return refused


def copy_rows(copies: int) -> list[str]:
    """So many copies of every row there is. Returns the tables that refused."""
    return _copy(lambda label, rows: copies)


def _copy(copies: Callable[[str, int], int]) -> list[str]:
    copied: dict[type[Model], int] = {}
    refused = []
    for model in _parents_first([one for one in _models() if one._meta.label not in ONE_OF_A_KIND]):
        label = model._meta.label
        only = [ONLY[label]] if label in ONLY else []
        rows = max(model._default_manager.filter(**dict(only)).count(), 1)
        times = copies(label, rows)
        if label in PARTIES:  # no more than there are organisations for
            times = min(times, *(copied[one] for one in _unique_parents(model).values() if one in copied))
        failed = _try(*_copies(model, copied, times, only), label)
        refused += failed
        if not failed:
            copied[model] = times
    return refused


def _models() -> list[type[Model]]:
    from django.apps import apps

    return [one for one in apps.get_models() if one._meta.app_label not in UNTOUCHED and one._meta.managed]


def _parents_first(models: list[type[Model]]) -> list[type[Model]]:
    waiting, order = list(models), []
    while waiting:
        ready = [
            one for one in waiting if not any(parent in waiting and parent is not one for parent in _before(one))
        ] or waiting
        order += ready
        waiting = [one for one in waiting if one not in ready]
    return order


def _rules(model: type[Model]) -> list[set[str]]:
    """The sets of fields that are unique together."""
    alone = [{field.name} for field in model._meta.concrete_fields if field.unique]
    return alone + [set(names) for rule in model._meta.constraints if (names := getattr(rule, "fields", ()))]


def _unique_parents(model: type[Model]) -> dict[str, type[Model]]:
    fields = {field.name: field.related_model for field in model._meta.concrete_fields if field.related_model}
    return {name: parent for name, parent in fields.items() if any(name in one for one in _rules(model))}


def _before(model: type[Model]) -> list[type[Model]]:
    """Whose copies must be there when the model's are made: to be the only one of them, or one of theirs."""
    every = (field.related_model for field in model._meta.concrete_fields)
    return [*_unique_parents(model).values(), *(one for one in every if one and one._meta.label in PARTIES)]


def _copies(
    model: type[Model], copied: dict[type[Model], int], copies: int, only: list[tuple[str, str]]
) -> tuple[str, list[Any]]:
    """The statement that copies every row so often; a row hangs on its parent's copy where it must be the only one."""
    columns, values = [], []
    wanted = ["true", *(f"t.\"{column}\" = '{value}'" for column, value in only)]
    parents = {name: one for name, one in _unique_parents(model).items() if one in copied}
    # what must differ by itself: of each rule the field that differs most easily
    own = {min(rule, key=lambda name: _ease(model, name)) for rule in _rules(model) if not rule & parents.keys()}
    if model._meta.label == WAITS:
        wanted.append(UNDER_WAY)
    for field in model._meta.concrete_fields:
        value = f't."{field.column}"'
        another = _another(field, value)
        if parent := parents.get(field.name):
            table, key = parent._meta.db_table, parent._meta.pk.column
            wanted.append(f'({value} IS NULL OR EXISTS (SELECT 1 FROM "{table}" p WHERE p."{key}" = {another}))')
            value = another
        elif field.name in own or field.name == "subject_id":
            value = another
        elif (party := field.related_model) in copied and party._meta.label in PARTIES and copied[party]:
            among = _another(field, value, f"((k.n - 1) %% {copied[party]} + 1)")
            value = f"CASE WHEN k.n %% {OWN} = 0 THEN {value} ELSE {among} END"
        elif model._meta.label == COUNTED and field.name == "state":
            over = "CASE WHEN t.confirmed_at IS NULL THEN 'terminated' ELSE 'archived' END"
            value = f"CASE WHEN {UNDER_WAY} THEN {value} ELSE {over} END"
        columns.append(f'"{field.column}"')
        values.append(value)
    return (
        f"""INSERT INTO "{model._meta.db_table}" ({", ".join(columns)})
            SELECT {", ".join(values)} FROM "{model._meta.db_table}" t, generate_series(1, %s) AS k(n)
             WHERE {" AND ".join(wanted)} ON CONFLICT DO NOTHING""",
        [copies],
    )


def _ease(model: type[Model], name: str) -> tuple[int, str]:
    """Lower for what a copy can have another of more easily."""
    from django.db import models

    field = model._meta.get_field(name)
    if name == "uscc":  # of another party, rather than much of one
        return -1, name
    if getattr(field, "choices", None):
        return 9, name
    order = (models.UUIDField, models.AutoField, models.CharField, models.TextField)
    return next((place for place, kind in enumerate(order) if isinstance(field, kind)), 3 if name == "seq" else 9), name


def _another(field: Field[Any, Any], value: str, copy: str = "k.n") -> str:
    """What a copy has there instead; the same for each row that names it."""
    from django.db import models

    while field.related_model:
        field = field.related_model._meta.pk
    digest = f"md5({value}::text || '-' || {copy})"
    if isinstance(field, models.UUIDField):
        return f"{digest}::uuid"
    if isinstance(field, models.AutoField):
        return f"('x' || left({digest}, 15))::bit(60)::bigint"
    if str(field) in OF_DIGITS:
        return f"lpad((('x' || left({digest}, 15))::bit(60)::bigint)::text, {field.max_length}, '0')"
    if field.name == "uscc":
        return f"upper(left({digest}, 18))"
    if isinstance(field, models.CharField) and not field.choices:
        short = f"left({value}, {(field.max_length or LONGEST_TEXT) - 8})"
        return f"CASE {value} WHEN '' THEN '' ELSE {short} || '-' || {copy} END"
    return f"{value} + {copy} * 10" if field.name == "seq" else value


def _try(statement: str, values: list[Any], name: str) -> list[str]:
    """Runs it past the triggers; what the database said where it refused."""
    from django.db import DatabaseError, connection, transaction

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, values)
    except DatabaseError as refusal:
        return [f"{name}: {str(refusal).splitlines()[0]}"]
    return []


if __name__ == "__main__":
    main()
