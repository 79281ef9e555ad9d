"""Two at once: the same query, a query and a delivery, the same reminder. One of them happens."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import transaction

from contracts import waiting
from contracts.models import Contract, EvidenceQuery, MilestoneEvidence, Reminder
from contracts.services import common, performance, queries, reminding
from contracts.states import QueryState, State
from engines.evidence.selectors import verify
from engines.notifications.models import OutboxEvent
from foundation import clock
from foundation.actors import SystemActor
from tests.contracts.test_storms import at_once
from tests.factories.contracts import make_contract, make_query, reached, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_ten_queries_on_one_material_make_one():
    deal = make_contract("performing")
    material, version = MilestoneEvidence.objects.get(), deal.at.version

    def ask():
        queries.ask(by=deal.parties.eo, contract_id=deal.pk, version=version, evidence_id=material.pk, reason="x")

    ends = at_once([ask] * 10)
    assert ends == {"done": 1, "VERSION_CONFLICT": 9}
    assert EvidenceQuery.objects.count() == 1


def test_delivery_and_query_at_once_leave_no_delivery_under_an_open_query_unseen():
    deal = make_contract("performing")
    material, version, said = MilestoneEvidence.objects.get(), deal.at.version, reached(deal.at)
    ends = at_once(
        [
            lambda: queries.ask(
                by=deal.parties.eo, contract_id=deal.pk, version=version, evidence_id=material.pk, reason="x"
            ),
            lambda: performance.deliver(
                by=deal.parties.po, contract_id=deal.pk, version=version, note="", indicators=said
            ),
        ]
    )
    assert ends == {"done": 1, "VERSION_CONFLICT": 1}
    assert (deal.at.state == State.DELIVERED) != EvidenceQuery.objects.exists()


def test_supplement_and_withdrawal_at_once_end_the_query_once():
    deal = make_contract("performing")
    query, file = make_query(deal), upload(deal.parties.po)
    ends = at_once(
        [
            lambda: queries.supplement(by=deal.parties.po, query_id=query.pk, version=1, file_ids=[file.pk]),
            lambda: queries.withdraw(by=deal.parties.eo, query_id=query.pk, version=1, reason="x"),
        ]
    )
    assert ends == {"done": 1, "VERSION_CONFLICT": 1}
    supplemented = EvidenceQuery.objects.get().state == QueryState.SUPPLEMENTED
    assert MilestoneEvidence.objects.count() == 1 + supplemented
    assert verify()[1] == []


BY = SystemActor("tests")


def test_ten_runs_at_once_send_one_reminder():
    deal = make_contract("delivered")
    day = clock.today() + timedelta(days=5)
    ends = at_once([lambda: reminding.remind(deal.pk, day, by=BY)] * 10)
    assert ends == {"done": 10}
    assert (Reminder.objects.count(), OutboxEvent.objects.filter(topic="contract.reminder").count()) == (1, 1)


def test_without_the_lock_runs_collide(monkeypatch):
    """Negative control: what keeps the runs from each other is the contract's lock, and the constraint behind it."""
    deal = make_contract("delivered")
    day = clock.today() + timedelta(days=5)
    both_have_looked, create = threading.Barrier(2, timeout=30), Reminder.objects.create

    def create_together(**fields):
        both_have_looked.wait()
        return create(**fields)

    monkeypatch.setattr(common, "lock_contract", lambda pk: Contract.objects.get(pk=pk))
    monkeypatch.setattr(Reminder.objects, "create", create_together)
    assert at_once([lambda: reminding.remind(deal.pk, day, by=BY)] * 2) == {"done": 1, "IntegrityError": 1}
    assert Reminder.objects.count() == 1


def test_reading_what_waits_locks_nothing():
    deal = make_contract("delivered")

    def read():
        with transaction.atomic():
            assert waiting.of(deal.pk) is not None

    with transaction.atomic():
        common.lock_contract(deal.pk)
        assert at_once([read] * 3) == {"done": 3}
