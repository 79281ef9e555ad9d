"""Statements kept as text answer as the ORM does."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from contracts.models import Contract
from contracts.services import common
from engines.evidence import services as evidence
from engines.evidence.models import EvidenceRecord, Subject
from engines.notifications.models import OutboxEvent
from enterprises.models import Enterprise
from foundation import clock
from foundation.ids import new_id
from foundation.locking import lock, locked
from foundation.statements import Given, Prepared, Text, insert, run
from tests.factories.accounts import TESTER
from tests.factories.contracts import make_contract
from tests.factories.enterprises import EnterpriseFactory

pytestmark = pytest.mark.django_db


def columns(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_prepared_row_equals_the_row_the_orm_reads() -> None:
    deal = make_contract("effective")
    prepared = lock(common.LOCKED, deal.pk)
    assert columns(prepared) == columns(Contract.objects.get(pk=deal.pk))
    assert prepared.created_at.tzinfo is UTC
    with CaptureQueriesContext(connection) as queries:
        assert prepared.enterprise.uscc == deal.parties.enterprise.uscc
        assert prepared.provider.name == deal.parties.provider.name
        assert prepared.product.state == "on_shelf"
        assert prepared.notice.state == "published"
    assert queries.captured_queries == []


def test_parameters_are_filled_in_anew_each_time() -> None:
    ones = [EnterpriseFactory(), EnterpriseFactory()]
    by_code = Prepared(
        lambda: Enterprise.objects.filter(uscc=Given("uscc", models.CharField())).annotate(
            half=models.F("version") / 2
        ),
        Enterprise,
    )
    assert [by_code.first(uscc=one.uscc) for one in ones] == ones
    assert by_code.first(uscc="nobody") is None
    found: Any = by_code.first(uscc=ones[0].uscc)
    assert found.half == ones[0].version // 2


def test_prepared_by_the_server_and_not_prepared_answer_alike() -> None:
    enterprise = EnterpriseFactory()
    rows = locked(Enterprise.objects.all())
    for _ in range(4):
        assert columns(lock(rows, enterprise.pk)) == columns(enterprise)
    with CaptureQueriesContext(connection) as queries:
        assert columns(lock(rows, enterprise.pk)) == columns(enterprise)
    assert "FOR NO KEY UPDATE" in queries[0]["sql"]


@pytest.mark.django_db(transaction=True)
def test_locking_outside_a_transaction_is_refused() -> None:
    enterprise = EnterpriseFactory()
    rows = locked(Enterprise.objects.all())
    with transaction.atomic():
        lock(rows, enterprise.pk)
    with pytest.raises(TransactionManagementError):
        lock(rows, enterprise.pk)


def test_nothing_runs_in_a_transaction_that_is_broken() -> None:
    with pytest.raises(TransactionManagementError), transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic(savepoint=False):
            run("INSERT INTO ledger_account (book) VALUES (%s) RETURNING id", [None])
        run("SELECT 1", [])


def test_insert_gives_the_key_and_keeps_every_type() -> None:
    ids = [new_id(), new_id()]
    event = insert(OutboxEvent(topic="t", organisation_ids=ids, title="标题%", body="", created_at=clock.now()))
    assert not event._state.adding
    assert columns(OutboxEvent.objects.get(pk=event.pk)) == columns(event)


def test_a_change_writes_only_the_columns_named() -> None:
    enterprise = EnterpriseFactory()
    enterprise.contact_name, enterprise.contact_phone = "甲", "乙"
    before = Enterprise.objects.get(pk=enterprise.pk)
    evidence.record(enterprise, act="edit", by=TESTER, fields=["contact_name"])
    after = Enterprise.objects.get(pk=enterprise.pk)
    assert after.contact_name == "甲"
    assert after.contact_phone == before.contact_phone
    assert (after.version, after.head) == (before.version + 1, EvidenceRecord.objects.latest("pk").hash)


def test_a_change_leaves_alone_what_was_not_read() -> None:
    organisation = EnterpriseFactory().organisation
    seen = Organisation.objects.only("id", "version", "head", "name").get(pk=organisation.pk)
    seen.name = "新名称"
    with CaptureQueriesContext(connection) as queries:
        evidence.record(seen, act="rename", by=TESTER)
    assert len(queries) == 1
    assert '"uscc"' not in queries[0]["sql"]
    assert Organisation.objects.get(pk=organisation.pk).name == "新名称"


def test_a_row_that_is_gone_is_told() -> None:
    enterprise = EnterpriseFactory()
    enterprise.pk = new_id()
    with pytest.raises(DatabaseError, match="not there to be changed"):
        evidence.record(enterprise, act="edit", by=TESTER)


@pytest.mark.parametrize("subject", Subject.__subclasses__(), ids=lambda model: model.__name__)
def test_no_subject_has_a_field_that_saving_would_fill_in(subject: type[Subject]) -> None:
    """`evidence.record` writes what the instance has; pre_save (auto_now, files) is not asked."""
    fields = subject._meta.concrete_fields
    filled = [f.name for f in fields if getattr(f, "auto_now", False) or getattr(f, "auto_now_add", False)]
    assert filled == []
    assert not any(isinstance(f, models.FileField) for f in fields)


def test_a_text_writes_what_never_changes_into_itself() -> None:
    enterprise = EnterpriseFactory()
    said = "100% of 'it'"

    def rows() -> Any:
        told = Enterprise.objects.filter(pk=Given("pk", models.UUIDField()))
        return told.annotate(said=models.Value(said)).values("id", "said")

    text = Text("SELECT f.said, f.id FROM ({found}) f", rows)
    assert text.run(pk=enterprise.pk) == [(said, enterprise.pk)]
    assert text.run(pk=new_id()) == []
