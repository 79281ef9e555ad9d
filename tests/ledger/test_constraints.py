"""What the tables refuse by themselves, each rule by its name, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F

from engines.ledger import services as ledger
from engines.ledger.models import Account, Balance, Entry, Line
from engines.ledger.states import ARCS, OUTSIDE, Bucket, Kind
from foundation import clock
from foundation.ids import new_id
from tests.ledger.support import account, hold

pytestmark = pytest.mark.django_db


def change(row: models.QuerySet[Any], **columns: Any) -> None:
    with transaction.atomic():
        row.update(**columns)


def check_now() -> None:
    """Foreign keys are checked here and not at the end of the test."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
def balance() -> models.QuerySet[Balance]:
    number = account(100)
    hold([number], 40)
    return Balance.objects.filter(account=number)


@pytest.fixture
def line() -> models.QuerySet[Line]:
    return Line.objects.filter(hold=hold([account(100)], 40))


@pytest.mark.parametrize("bucket", Bucket.values)
def test_no_bucket_is_negative(balance: models.QuerySet[Balance], bucket: str) -> None:
    other = Bucket.CARRIED if bucket != Bucket.CARRIED else Bucket.EXPIRED
    with pytest.raises(IntegrityError, match=f"ledger_balance_{bucket}_not_negative"):
        change(balance, **{bucket: F(bucket) - 200, other: F(other) + 200})


@pytest.mark.parametrize("column", ["issued", *Bucket.values])
def test_issued_is_the_sum_of_the_buckets(balance: models.QuerySet[Balance], column: str) -> None:
    with pytest.raises(IntegrityError, match="ledger_balance_issued_is_the_sum"):
        change(balance, **{column: F(column) + 1})


def test_a_closed_account_has_nothing_available(balance: models.QuerySet[Balance]) -> None:
    with pytest.raises(IntegrityError, match="ledger_balance_closed_has_nothing_available"):
        change(balance, closed=True)


def test_the_check_on_balances_stands_under_its_name() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'ledger_balance'::regclass AND contype = 'c'"
        )
        assert cursor.fetchall() == [("ledger_balance_sound",)]


def test_balances_are_updated_in_the_page() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'ledger_balance'")
        assert cursor.fetchone() == (["fillfactor=70"],)
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'ledger_balance'")
        assert [d.split(" USING ")[1] for (d,) in cursor.fetchall()] == ["btree (account_id, stripe)"]


def test_an_account_has_one_name() -> None:
    with pytest.raises(IntegrityError, match="ledger_account_once"):
        Account.objects.create(book="quota", owner=Account.objects.get(pk=account()).owner, period=2026)


def test_an_account_has_a_stripe() -> None:
    with pytest.raises(IntegrityError, match="ledger_account_has_a_stripe"):
        ledger.open_account(book="quota", owner="x", period=2026, stripes=0)


def test_a_line_is_positive(line: models.QuerySet[Line]) -> None:
    with pytest.raises(IntegrityError, match="ledger_line_amount_positive"):
        change(line, amount=0, step=1)


def test_a_hold_has_one_line_a_book() -> None:
    with pytest.raises(IntegrityError, match="ledger_line_pkey"):
        first = account(1)
        number = hold([first], 1)
        Line.objects.create(hold=number, book="quota", account_id=first, stripe=0, amount=1, bucket=Bucket.RESERVED)


def test_a_line_belongs_to_an_account() -> None:
    with pytest.raises(IntegrityError, match="ledger_line_account_id"), transaction.atomic():
        Line.objects.create(hold=new_id(), book="q", account_id=0, stripe=0, amount=1, bucket=Bucket.RESERVED)
        check_now()


@pytest.mark.parametrize("source", ARCS)
@pytest.mark.parametrize("target", [*ARCS, Bucket.CARRIED])
def test_a_line_moves_along_the_arcs_only(line: models.QuerySet[Line], source: str, target: str) -> None:
    way = {"due": ["committed", "due"], "consumed": ["committed", "consumed"], "reserved": []}.get(source, [source])
    for step, bucket in enumerate(way, 1):
        change(line, bucket=bucket, step=step)
    if target in ARCS[source]:
        change(line, bucket=target, step=9)
    elif source != target or not ARCS[source]:
        with pytest.raises(IntegrityError, match="may not go from"):
            change(line, bucket=target, step=9)


@pytest.mark.parametrize(
    "columns", [{"amount": 41, "step": 1}, {"book": "cap", "step": 1}, {"step": 0}, {"amount": 39}], ids=str
)
def test_a_line_is_never_raised_renamed_or_changed_without_a_step(line: models.QuerySet[Line], columns: Any) -> None:
    with pytest.raises(IntegrityError, match="may not go from"):
        change(line, **columns)


def entry(**columns: Any) -> Entry:
    """An entry of 5 from available (10 before) to reserved (0 before), but for `columns`."""
    values: dict[str, Any] = {
        "account_id": account(),
        "stripe": 0,
        "hold": new_id(),
        "step": 0,
        "kind": Kind.HOLD,
        "source": Bucket.AVAILABLE,
        "target": Bucket.RESERVED,
        "amount": 5,
        "source_before": 10,
        "source_after": 5,
        "target_before": 0,
        "target_after": 5,
        "actor": "test",
        "at": clock.now(),
    }
    return Entry.objects.create(**values | columns)


def test_a_sound_entry_is_taken() -> None:
    assert entry().pk


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("ledger_entry_amount_positive", {"amount": 0, "source_after": 10, "target_after": 0}),
        ("ledger_entry_amount_positive", {"amount": -5, "source_after": 15, "target_after": -5}),
        ("ledger_entry_moves", {"target": Bucket.AVAILABLE}),
        ("ledger_entry_source_tied", {"source_after": 6}),
        ("ledger_entry_source_tied", {"source_before": 11}),
        ("ledger_entry_target_tied", {"target_after": 6}),
        ("ledger_entry_target_tied", {"target_before": 1}),
    ],
)
def test_an_unsound_entry_is_not(rule: str, columns: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=rule):
        entry(**columns)


def test_a_step_of_a_hold_happens_once() -> None:
    first = entry()
    with pytest.raises(IntegrityError, match="ledger_entry_step_once"):
        entry(hold=first.hold, account_id=first.account_id)


@pytest.mark.parametrize("model", [Account, Balance, Line, Entry])
def test_nothing_is_deleted_or_emptied(model: type[models.Model]) -> None:
    hold([account(10)], 1)
    check_now()
    table = model._meta.db_table
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(IntegrityError, match="ledger: "), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("model", "column"),
    [(Account, "period"), (Account, "stripes"), (Entry, "reason"), (Entry, "amount"), (Balance, "stripe")],
)
def test_what_is_never_updated(model: type[models.Model], column: str) -> None:
    hold([account(10)], 1)
    with pytest.raises(IntegrityError, match="ledger: "), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {column} = {column}")


def test_the_database_knows_the_same_words() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT enum_range(NULL::ledger_bucket)::text[], enum_range(NULL::ledger_kind)::text[]")
        buckets, kinds = cursor.fetchone()
    assert buckets == [OUTSIDE, *Bucket.values]
    assert kinds == Kind.values
