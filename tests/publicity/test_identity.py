"""Who filed stands apart and sealed, and is opened by few, each time on record (DOMAIN 10.12)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.states import Role
from engines.evidence.models import EvidenceRecord
from engines.publicity.models import ObjectionFiler
from engines.publicity.states import FilerKind
from foundation.models import KeptAnswer
from programmes.services import objections
from tests.factories.accounts import Caller, make_identity, make_uscc, officer
from tests.factories.publicity import PDF, items, make_case, make_publicity
from tests.house.routes import routes
from tests.publicity.support import refused

pytestmark = pytest.mark.django_db
NAME = "欧阳不留名"


def everything_stored() -> str:
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.django_table_names(only_existing=True)
        cursor.execute(
            " UNION ALL ".join(f"SELECT coalesce(string_agg(t::text, '|'), '') FROM {table} t" for table in tables)
        )
        return "|".join(text for (text,) in cursor.fetchall())


@pytest.fixture
def case():
    return make_case(name=NAME, identity_number="459900198501010037", phone="10098765432")


def test_no_table_has_it_in_the_clear(case):
    stored = everything_stored()
    assert case.at.number in stored
    for word in (NAME, "459900198501010037", "10098765432", case.receipt.secret):
        assert word not in stored


def test_no_file_has_it_in_the_clear():
    case = make_case(kind=FilerKind.UNIT)
    letter = case.at.files.get()
    assert letter.path.is_relative_to(Path(settings.FILES_DIR) / "sealed")
    assert PDF not in letter.path.read_bytes()


def test_no_list_and_no_row_of_any_officer_names_the_filer(case):
    for role in (Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER, Role.SUPERVISOR, Role.AUDITOR):
        client = Caller(officer(role))
        for route in routes():
            if route.is_list:
                assert NAME not in client.get(route.url()).content.decode(), route
        shown = client.get(f"/api/v1/objections/{case.row.pk}/").content.decode()
        trail = client.get(f"/api/v1/objections/{case.row.pk}/trail/").content.decode()
        assert NAME not in shown + trail
        assert "10098765432" not in shown + trail


def test_it_is_opened_for_a_reason_and_the_chain_says_by_whom(case):
    person = officer(Role.DEPARTMENT)
    answer = Caller(person).act(f"objections/{case.row.pk}/identity/", {"version": 1, "reason": "核实附件来源"})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["identity"]) == (NAME, "459900198501010037")
    record = EvidenceRecord.objects.filter(subject_id=case.row.pk).latest("seq")
    assert (record.act, record.actor, record.reason) == ("open_identity", person.actor_id, "核实附件来源")
    assert NAME not in json.dumps(record.facts, ensure_ascii=False)


def test_a_retry_shows_it_no_second_time_and_nothing_keeps_it(case):
    client, body = Caller(officer(Role.APPROVER)), {"version": 1, "reason": "核实"}
    client.act(f"objections/{case.row.pk}/identity/", body, key="same")
    again = client.act(f"objections/{case.row.pk}/identity/", body, key="same")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == {"number": case.at.number, "version": 2}
    assert NAME not in str(KeptAnswer.objects.values_list("body", flat=True))


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.SUPERVISOR])
def test_nobody_else_opens_it(case, role):
    answer = Caller(officer(role)).act(f"objections/{case.row.pk}/identity/", {"version": 1, "reason": "看看"})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
    assert NAME not in answer.content.decode()


def test_without_a_reason_it_is_not_opened(case):
    refused("REASON_MISSING", case.do, objections.open_identity, officer(Role.DEPARTMENT), reason=" ")


def test_the_letter_of_a_unit_is_downloaded_on_record():
    case = make_case(kind=FilerKind.UNIT, identity_number=make_uscc())
    client = Caller(officer(Role.DEPARTMENT))
    assert client.get(f"/api/v1/objections/{case.row.pk}/").json()["files"] == []
    answer = client.act(f"objections/{case.row.pk}/letter/", {"version": 1, "reason": "核对公章"})
    assert (answer.content, answer.headers["Content-Type"]) == (PDF, "application/pdf")
    assert EvidenceRecord.objects.filter(subject_id=case.row.pk, act="open_letter").count() == 1


def test_a_person_has_no_letter():
    case = make_case()
    refused("NOT_FOUND", case.do, objections.open_letter, officer(Role.DEPARTMENT), reason="核对")


def test_a_letter_has_no_other_address():
    case = make_case(kind=FilerKind.UNIT)
    letter = case.at.files.get()
    answer = Caller(officer(Role.DEPARTMENT)).get(f"/api/v1/objection-files/{letter.pk}/content/")
    assert answer.status_code == 404


def test_one_filers_seal_does_not_open_on_another_objection(case):
    other = make_case(items(make_publicity(1))[0], identity_number=make_identity())
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE publicity_objectionfiler SET sealed = %s WHERE objection_id = %s",
            [bytes(ObjectionFiler.objects.get(pk=case.row.pk).sealed), other.row.pk],
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    refused("SEAL_BROKEN", other.do, objections.open_identity, officer(Role.DEPARTMENT), reason="核实")
