"""What the database refuses of disputes, declarations and last days, whoever writes. Each constraint by name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.utils import ProgrammingError

from accounts.states import Role
from engines.evidence import services as record
from enterprises import services
from enterprises.models import DisputeFile, Enterprise, PassportDispute, QuotaGrant, Relation, RelationDeclaration
from enterprises.states import DisputeKind, RelationKind
from foundation import clock
from tests.enterprises.support import agent, fresh, signatory
from tests.factories.accounts import TESTER, make_uscc, officer
from tests.factories.contracts import upload
from tests.factories.enterprises import EnterpriseFactory, declare, make_dispute, tie
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db

NOW = clock.now()


def violates(row: Any, name: str, **change: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**change)


@pytest.mark.parametrize(
    ("state", "change", "name"),
    [
        ("open", {"handled_at": NOW}, "passport_dispute_handled_both"),
        ("accepted", {"decided_at": NOW}, "passport_dispute_decided_both"),
        ("upheld", {"decided_by": F("handled_by")}, "passport_dispute_two_people"),
        ("open", {"handled_by": F("filed_by"), "handled_at": NOW, "opinion": "x"}, "passport_dispute_handled"),
        ("accepted", {"opinion": ""}, "passport_dispute_handled"),
        ("upheld", {"handled_by": None, "handled_at": None}, "passport_dispute_handled"),
        ("accepted", {"decided_by": F("filed_by"), "decided_at": NOW, "decision": "x"}, "passport_dispute_decided"),
        ("rejected", {"decision": ""}, "passport_dispute_decided"),
        ("accepted", {"title": None}, "passport_dispute_corrected"),
        ("upheld", {"title": None}, "passport_dispute_corrected"),
    ],
)
def test_dispute(state: str, change: dict[str, Any], name: str) -> None:
    violates(make_dispute(EnterpriseFactory(active=True), state=state), name, **change)


def test_the_kind_other_needs_no_correction() -> None:
    row = make_dispute(EnterpriseFactory(active=True), kind=DisputeKind.OTHER)
    by = officer(Role.CENTRE_CHECKER)
    assert services.accept_dispute(by=by, dispute_id=row.pk, version=1, opinion="已更正").title is None


def test_only_what_was_upheld_moved_quota() -> None:
    row = EnterpriseFactory(active=True)
    dispute = make_dispute(row, state="rejected")
    violates(dispute, "passport_dispute_grant_when_upheld", grant=QuotaGrant.objects.get(enterprise=row))


def test_one_open_dispute_of_a_line() -> None:
    first = make_dispute(EnterpriseFactory(active=True))
    second = PassportDispute(
        enterprise=first.enterprise,
        notice=first.notice,
        line=first.line,
        kind=first.kind,
        claim="又一次",
        filed_by=first.filed_by,
    )
    with pytest.raises(IntegrityError, match="passport_dispute_one_open"), transaction.atomic():
        record.record(second, act="file_dispute", by=TESTER)


def test_a_proof_stands_once_and_for_ever() -> None:
    row = EnterpriseFactory(active=True)
    by = agent(row)
    file = upload(by)
    dispute = make_dispute(row, by=by, file_ids=[file.pk])
    with pytest.raises(IntegrityError, match="dispute_file_once"), transaction.atomic():
        DisputeFile.objects.create(dispute=dispute, file=file)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        DisputeFile.objects.all().delete()


def test_one_declaration_in_force() -> None:
    first = declare(EnterpriseFactory())
    second = RelationDeclaration(enterprise=first.enterprise, year=first.year, signed_by=first.signed_by, signed_at=NOW)
    with pytest.raises(IntegrityError, match="relation_declaration_one_in_force"), transaction.atomic():
        record.record(second, act="declare_relations", by=TESTER)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({}, "relation_once"),
        ({"kind": RelationKind.KEY_STAFF, "until": date(2014, 12, 31)}, "relation_period"),
        ({"uscc": "9145010"}, "relation_uscc_shape"),
    ],
)
def test_relation(change: dict[str, Any], name: str) -> None:
    code = make_uscc()
    declaration = declare(EnterpriseFactory(), tie(code))
    values = {"name": "某公司", "uscc": code, "kind": RelationKind.PARENT, "since": date(2015, 1, 1), **change}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Relation.objects.create(declaration=declaration, **values)


def test_a_signed_relation_is_never_altered() -> None:
    declare(EnterpriseFactory(), tie(make_uscc()))
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Relation.objects.update(name="别的公司")


def test_only_a_running_registration_has_a_last_day() -> None:
    violates(EnterpriseFactory(active=True), "enterprise_due_while_it_runs", due_on=date(2026, 3, 9))


def test_only_a_returned_one_is_reminded() -> None:
    open_year(clock.today().year)
    row = EnterpriseFactory()
    row = services.submit(by=signatory(row), enterprise_id=row.pk, version=1)
    violates(row, "enterprise_reminded_while_returned", reminded_on=clock.today())
    row = services.send_back(
        by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, version=fresh(row).version, reason="补正"
    )
    violates(row, "enterprise_reminded_while_returned", reminded_on=clock.today(), due_on=None)
    assert Enterprise.objects.get(pk=row.pk).reminded_on is None
