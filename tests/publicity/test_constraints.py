"""What the tables refuse, whoever writes: every constraint by its name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, models, transaction

from engines.publicity.models import Objection, ObjectionFile, ObjectionFiler, Publicity, PublicityItem, Reminder
from programmes.services import objections
from tests.factories.publicity import items, make_case, make_publicity, upload

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


def violates(constraint: str, row: models.Model, /, **values: Any) -> None:
    """The columns as given are refused by the constraint; arcs and frozen columns are set aside to get there."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        table = row._meta.db_table
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is pending would keep the table from being altered
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        places = ", ".join(f"{column} = %s" for column in values)
        cursor.execute(f"UPDATE {table} SET {places} WHERE {row._meta.pk.column} = %s", [*values.values(), row.pk])
    assert caught.value.__cause__.diag.constraint_name == constraint


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("publicity_order", {"last": "2026-03-01"}),
        ("publicity_order", {"days": 0}),
        ("publicity_not_empty", {"item_count": 0}),
        ("publicity_named", {"reference": ""}),
        ("publicity_named", {"digest": "x"}),
        ("publicity_close_both", {"closed_by": "user:1"}),
        ("publicity_withdraw_both", {"withdrawn_by": "user:1"}),
        ("publicity_closed_state", {"state": "closed_clear"}),
        ("publicity_closed_state", {"closed_by": "user:1", "closed_at": NOW}),
        ("publicity_withdrawn_state", {"state": "withdrawn"}),
        ("publicity_withdrawn_state", {"state": "withdrawn", "withdrawn_by": "user:1", "withdrawn_at": NOW}),
    ],
)
def test_a_list(name, values):
    violates(name, make_publicity(1), **values)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("publicity_item_named", {"position": 0}),
        ("publicity_item_named", {"label": ""}),
        ("publicity_item_named", {"hash": "x"}),
        ("publicity_item_position_once", {"position": 2}),
    ],
)
def test_an_item(name, values):
    violates(name, items(make_publicity(2))[0], **values)


def test_a_subject_stands_once_on_a_list_and_on_one_list():
    one, other = items(make_publicity(2))
    elsewhere = items(make_publicity(1))[0]
    subject = {"subject_id": other.subject_id}
    violates("publicity_item_on_one_list", elsewhere, **subject)
    violates("publicity_item_once", one, **subject, state="cleared")


@pytest.mark.parametrize(
    ("name", "step", "values"),
    [
        ("objection_hands_differ", "reported", {"accepted_by": "user:1", "investigated_by": "user:1"}),
        ("objection_hands_differ", "decided", {"accepted_by": "user:1", "decided_by": "user:1"}),
        ("objection_hands_differ", "notified", {"decided_by": "user:1", "reviewed_by": "user:1", "reviewed_at": NOW}),
        ("objection_accept_both", None, {"accepted_by": "user:1"}),
        ("objection_extend_both", None, {"extended_by": "user:1"}),
        ("objection_investigate_both", None, {"investigated_by": "user:1"}),
        ("objection_decide_both", None, {"decided_by": "user:1"}),
        ("objection_notify_all", "decided", {"notified_by": "user:1", "notified_at": NOW}),
        ("objection_review_asked_both", "notified", {"review_asked_at": NOW}),
        ("objection_review_both", "notified", {"reviewed_by": "user:1"}),
        ("objection_has_grounds", None, {"grounds": ""}),
        ("objection_unaccepted_state", None, {"unaccepted": "late"}),
        ("objection_unaccepted_state", None, {"state": "not_accepted"}),
        ("objection_accepted_state", None, {"state": "accepted"}),
        ("objection_decided_state", "investigating", {"state": "upheld"}),
        ("objection_decided_state", "decided", {"findings": ""}),
        ("objection_outcome_state", "investigating", {"outcome": "upheld"}),
        ("objection_told_state", "decided", {"state": "notified"}),
        ("objection_review_state", "notified", {"state": "review"}),
    ],
)
def test_an_objection(name, step, values):
    violates(name, make_case(step=step).at, **values)


def test_a_paper_has_its_name_once_and_a_case_one_letter():
    case = make_case(kind="unit")
    objections.attach(receipt=case.at.number, secret=case.receipt.secret, upload=upload())
    letter, paper = case.at.files.get(role="letter"), case.at.files.get(role="evidence")
    violates("objection_one_letter", paper, role="letter")
    violates("objection_file_name_once", paper, name=letter.name)


def test_a_reminder_is_there_once():
    case = make_case()
    for day in ("2026-03-09", "2026-03-10"):
        Reminder.objects.create(subject_id=case.row.pk, what="soon", due=day, told_at=NOW)
    violates("publicity_reminder_once", Reminder.objects.get(due="2026-03-10"), due="2026-03-09")


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [(Objection, "grounds", "改"), (Objection, "filer_kind", "unit"), (Objection, "accept_due", "2026-04-09")],
)
def test_what_was_filed_stays_as_it_was_filed(model, field, value):
    case = make_case()
    with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
        model.objects.filter(pk=case.row.pk).update(**{field: value})


@pytest.mark.parametrize("model", [ObjectionFiler, ObjectionFile])
def test_filer_and_papers_are_neither_changed_nor_deleted(model):
    make_case(kind="unit")
    field = {ObjectionFiler: "secret", ObjectionFile: "name"}[model]
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        model.objects.update(**{field: "x"})
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        model.objects.all().delete()


@pytest.mark.parametrize("model", [Publicity, PublicityItem, Objection])
def test_nothing_that_was_shown_or_filed_is_deleted(model):
    row = make_case().at
    pk = {Publicity: row.item.publicity_id, PublicityItem: row.item_id, Objection: row.pk}[model]
    with (
        pytest.raises(ProgrammingError, match="Cannot delete rows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id = %s", [pk])
