"""What was shown is what was recorded; whoever alters it past the guards is found."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from engines.evidence.selectors import verify
from engines.publicity.models import PublicityItem
from tests.factories.publicity import items, make_case, make_publicity

pytestmark = pytest.mark.django_db


def past_the_guards(sql: str, params: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET session_replication_role = DEFAULT")


def faults() -> list[str]:
    return sorted(f"{fault.kind}: {fault.subject_type} {fault.subject_id}" for fault in verify()[1])


def test_lists_in_every_state_hold():
    make_publicity(3)
    make_case(step="decided")
    assert faults() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("label", "改名"), ("body", '{"金额": "999"}'), ("subject_id", "0198c0de-0000-7000-8000-000000000000")],
)
def test_an_altered_item_is_found(column, value):
    item = items(make_publicity(3))[1]
    past_the_guards(f"UPDATE publicity_publicityitem SET {column} = %s WHERE id = %s", [value, item.pk])
    assert faults() == [f"altered: publicity_publicityitem {item.pk}"]


def test_an_item_altered_with_its_hash_is_found_by_its_record_and_by_the_list():
    publicity = make_publicity(2)
    item = items(publicity)[0]
    past_the_guards("UPDATE publicity_publicityitem SET hash = %s WHERE id = %s", ["0" * 64, item.pk])
    assert faults() == sorted(
        [f"altered: publicity_publicityitem {item.pk}", f"altered: publicity_publicity {publicity.pk}"]
    )


def test_an_item_cleared_by_nobody_is_found():
    item = items(make_publicity(1))[0]
    past_the_guards("UPDATE publicity_publicityitem SET state = 'cleared' WHERE id = %s", [item.pk])
    assert faults() == [f"altered: publicity_publicityitem {item.pk}"]


def test_an_item_that_is_gone_is_found():
    publicity = make_publicity(2)
    item = items(publicity)[1]
    past_the_guards("DELETE FROM publicity_publicityitem WHERE id = %s", [item.pk])
    assert faults() == sorted(
        [f"orphaned: publicity_publicityitem {item.pk}", f"altered: publicity_publicity {publicity.pk}"]
    )
    assert PublicityItem.objects.count() == 1


def test_a_list_of_another_period_is_found():
    publicity = make_publicity(1)
    past_the_guards("UPDATE publicity_publicity SET last = '2026-03-04' WHERE id = %s", [publicity.pk])
    assert faults() == [f"altered: publicity_publicity {publicity.pk}"]


def test_the_command_names_it_and_fails(capsys):
    item = items(make_publicity(1))[0]
    past_the_guards("UPDATE publicity_publicityitem SET label = '改名' WHERE id = %s", [item.pk])
    with pytest.raises((CommandError, SystemExit)):
        call_command("verify_evidence")
