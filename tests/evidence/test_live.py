"""The walk over every chain while others work: what they commit meanwhile is no fault."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from django.core.management import call_command
from django.db import connection, connections

from accounts.models import Organisation
from engines.evidence import selectors
from engines.evidence import services as evidence
from engines.evidence.jobs import verify_evidence
from engines.evidence.models import EvidenceRecord
from foundation import clock, jobs
from tests.factories.accounts import TESTER, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere_at_work(organisation: Organisation) -> None:
    """An edit and a registration are committed on a connection of their own."""

    def work() -> None:
        try:
            evidence.record(Organisation.objects.get(pk=organisation.pk), act="rename", by=TESTER)
            make_organisation()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=30)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """A subject; whenever the heads have been read and the records not yet, somebody edits it and another appears."""
    organisation = make_organisation()
    read = selectors._records

    def records() -> Iterator[EvidenceRecord]:
        elsewhere_at_work(organisation)
        return read()

    monkeypatch.setattr(selectors, "_records", records)
    return organisation


def test_what_is_committed_between_the_two_readings_is_no_fault(busy: Organisation) -> None:
    assert selectors.verify() == (1, [])
    assert EvidenceRecord.objects.count() == 3
    assert selectors.verify() == (3, [])  # and the next walk reads it


def test_withoutone_instant_for_both_readings_there_are_false_alarms(
    busy: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "one_instant", nullcontext)
    read, faults = selectors.verify()
    assert (read, sorted(fault.kind for fault in faults)) == (3, ["orphaned", "unbacked"])


def test_the_job_and_the_command_read_as_ofone_instant_too(busy: Organisation) -> None:
    assert jobs.run("verify_evidence") == {"read": 1, "faults": []}
    assert verify_evidence(clock.today()) == {"read": 3, "faults": []}
    call_command("verify_evidence")  # would exit 1


def test_the_reading_writes_nothing_and_leaves_the_connection_as_it_was() -> None:
    organisation = make_organisation()
    with selectors.one_instant(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("on",)
    evidence.record(organisation, act="rename", by=TESTER)
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("read committed",)


@pytest.mark.django_db(transaction=False)
def test_inside_a_transaction_the_reading_is_as_the_caller_sees_it() -> None:
    assert connection.in_atomic_block
    make_organisation()
    assert selectors.verify() == (1, [])
