import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.models import Organisation
from engines.evidence import chain, selectors
from engines.evidence import services as evidence
from engines.evidence.models import EvidenceRecord
from foundation.actors import SystemActor
from tests.factories.accounts import TESTER, make_organisation

pytestmark = pytest.mark.django_db


def change(organisation: Organisation, name: str) -> None:
    organisation.name = name
    evidence.record(organisation, act="rename", by=TESTER, reason="改名", facts={"name": name})


def as_superuser(sql: str, *parameters: object) -> None:
    """What a database superuser can do: set the triggers aside."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def commit() -> None:
    """Run the deferred checks now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def organisation() -> Organisation:
    organisation = make_organisation()
    for name in ("甲", "乙", "丙"):
        change(organisation, name)
    commit()
    return organisation


def test_sm3_of_the_standards_vector():
    assert chain.sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_canonical_json_does_not_depend_on_order():
    assert chain.canonical({"乙": 1, "a": [1, "2"]}) == chain.canonical({"a": [1, "2"], "乙": 1})


def test_each_change_is_a_record_linked_to_the_one_before(organisation):
    records = list(selectors.of_subject(organisation))
    assert [record.seq for record in records] == [1, 2, 3, 4]
    assert [record.previous for record in records] == ["", *(record.hash for record in records[:-1])]
    assert (organisation.version, organisation.head) == (4, records[-1].hash)


def test_untouched_chains_verify(organisation):
    assert selectors.verify() == (4, [])


@pytest.mark.parametrize(
    "sql", ["UPDATE evidence_evidencerecord SET reason = 'x'", "DELETE FROM evidence_evidencerecord"]
)
def test_update_and_delete_are_refused(organisation, sql):
    with (
        pytest.raises(ProgrammingError, match="pgtrigger: Cannot"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert EvidenceRecord.objects.count() == 4


def test_truncate_is_refused(organisation):
    with pytest.raises(ProgrammingError, match="TRUNCATE refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE evidence_evidencerecord CASCADE")


def test_a_change_without_a_record_does_not_commit(organisation):
    with pytest.raises(IntegrityError, match="without a new version"), transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).update(name="丁")
        commit()


def test_a_new_version_without_a_record_does_not_commit(organisation):
    with pytest.raises(IntegrityError, match="has no record"), transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).update(name="丁", version=5)
        commit()


def test_a_subject_is_never_deleted(organisation):
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).delete()


@pytest.mark.parametrize("column", ["reason", "act", "actor", "actor_label"])
def test_an_altered_record_is_named(organisation, column):
    as_superuser(
        f"UPDATE evidence_evidencerecord SET {column} = 'x' WHERE seq = 2 AND subject_id = %s", organisation.pk
    )
    assert [(fault.kind, fault.seq) for fault in selectors.verify()[1]] == [("altered", 2)]


def test_altered_facts_are_named(organisation):
    as_superuser("UPDATE evidence_evidencerecord SET facts = '{}' WHERE seq = 3 AND subject_id = %s", organisation.pk)
    assert [(fault.kind, fault.seq) for fault in selectors.verify()[1]] == [("altered", 3)]


def test_a_missing_record_is_named(organisation):
    as_superuser("DELETE FROM evidence_evidencerecord WHERE seq = 2 AND subject_id = %s", organisation.pk)
    assert [(fault.kind, fault.seq) for fault in selectors.verify()[1]] == [("missing", 2)]


def test_a_cut_tail_is_named(organisation):
    as_superuser("DELETE FROM evidence_evidencerecord WHERE seq = 4 AND subject_id = %s", organisation.pk)
    assert [(fault.kind, fault.seq) for fault in selectors.verify()[1]] == [("truncated", 4)]


def test_a_chain_that_vanished_whole_is_named(organisation):
    as_superuser("DELETE FROM evidence_evidencerecord WHERE subject_id = %s", organisation.pk)
    assert [(fault.kind, fault.seq) for fault in selectors.verify()[1]] == [("missing", 1)]


def test_swapped_records_are_named(organisation):
    for old, new in ((2, 90), (3, 2), (90, 3)):
        as_superuser(
            "UPDATE evidence_evidencerecord SET seq = %s WHERE seq = %s AND subject_id = %s", new, old, organisation.pk
        )
    faults = selectors.verify()[1]
    assert [(fault.subject_id, fault.seq) for fault in faults] == [(organisation.pk, 2)]


def test_a_subject_that_vanished_leaves_an_orphaned_chain(organisation):
    as_superuser("DELETE FROM accounts_organisation WHERE id = %s", organisation.pk)
    assert [fault.kind for fault in selectors.verify()[1]] == ["orphaned"]


def test_only_the_broken_chain_is_named(organisation):
    other = make_organisation()
    as_superuser("UPDATE evidence_evidencerecord SET act = 'x' WHERE subject_id = %s", organisation.pk)
    assert {fault.subject_id for fault in selectors.verify()[1]} == {organisation.pk}
    assert other.version == 1


def test_the_stages_a_person_took_are_told_by_the_chain():
    one, other, organisation = SystemActor("one"), SystemActor("other"), make_organisation()
    for by, facts in ((one, {"stage": "check"}), (other, {"stage": "decide"}), (one, {}), (one, {"stage": "check"})):
        evidence.record(organisation, act="x", by=by, facts=facts)
    assert selectors.stages_done([organisation], one) == {"check"}
    assert selectors.stages_done([organisation], other) == {"decide"}
    assert selectors.stages_done([make_organisation()], one) == frozenset()


def test_the_stages_of_a_case_are_those_after_it_began_anew():
    one, organisations = SystemActor("one"), [make_organisation(), make_organisation()]
    for organisation in organisations:
        evidence.record(organisation, act="x", by=one, facts={"stage": "check"})
    since = ("register", "reopen")
    assert selectors.stages_done(organisations, one, since=since) == {"check"}
    evidence.record(organisations[0], act="reopen", by=TESTER)
    assert selectors.stages_done(organisations[:1], one, since=since) == frozenset()
    assert selectors.stages_done(organisations, one, since=since) == {"check"}  # the other's case goes on


def test_no_number_of_a_chain_is_given_twice(organisation):
    last = selectors.of_subject(organisation).last()
    last.pk = None
    with pytest.raises(IntegrityError, match="evidence_one_per_seq"), transaction.atomic():
        last.save(force_insert=True)
    assert EvidenceRecord.objects.count() == 4
