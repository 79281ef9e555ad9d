"""Senders: once claimed nobody else has it, a dead sender's work is taken up, tries are spaced and end."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction

from accounts.states import Role
from engines.notifications import services
from engines.notifications.models import Attempt, Delivery, Message, OutboxEvent
from engines.notifications.services import sending
from engines.notifications.services.sending import LEASE, RETRIES, TRIES, Outcome
from engines.notifications.states import DELIVERY_ARCS, Channel, DeliveryState
from foundation import clock
from foundation.errors import Refused
from tests.factories.accounts import make_organisation, make_user
from tests.factories.notifications import make_delivery, make_endpoint, reachable, say

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
FAILED = Outcome(DeliveryState.FAILED, "应答 500", status=500)


def claim() -> Delivery | None:
    return sending.claim(Channel.EMAIL)


@pytest.mark.django_db
def test_what_one_sender_holds_no_other_gets_until_the_lease_is_over():
    with time_machine.travel(MORNING, tick=False) as now:
        row = make_delivery()
        held = claim()
        assert (held.pk, held.state, held.attempts) == (row.pk, "sending", 1)
        assert claim() is None
        now.shift(LEASE - timedelta(seconds=1))
        assert claim() is None
        now.shift(timedelta(seconds=1))
        again = claim()
        assert (again.pk, again.attempts, again.lease == held.lease) == (row.pk, 2, False)


@pytest.mark.django_db
def test_a_sender_that_lost_its_lease_notes_nothing():
    with time_machine.travel(MORNING, tick=False) as now:
        make_delivery()
        late = claim()
        now.shift(LEASE)
        held = claim()
        assert sending.note(late, Outcome(DeliveryState.SENT)) == "lost"
        assert not Attempt.objects.exists()
        assert sending.note(held, Outcome(DeliveryState.SENT)) == "sent"
        assert sending.note(held, FAILED) == "lost"


@pytest.mark.django_db
def test_tries_are_spaced_1_5_30_minutes_2_and_12_hours_then_given_up():
    operator = make_user(Role.SYSTEM_ADMIN)
    waited, states = [], []
    with time_machine.travel(MORNING, tick=False) as now:
        row = make_delivery()
        for _ in range(TRIES):
            states.append(sending.note(claim(), FAILED))
            row.refresh_from_db()
            waited.append(row.next_at - clock.now())
            now.shift(waited[-1] - timedelta(seconds=1))
            assert claim() is None
            now.shift(timedelta(seconds=1))
    assert waited == [*RETRIES, timedelta(0)]
    assert [int(one.total_seconds() // 60) for one in RETRIES] == [1, 5, 30, 120, 720]
    assert states == ["failed"] * 5 + ["given_up"]
    assert list(row.tries.values_list("ok", "status", "error")) == [(False, 500, "应答 500")] * 6
    told = OutboxEvent.objects.get(topic="delivery.given_up")
    assert told.organisation_ids == [operator.organisation_id]
    assert told.title == "电子邮件有通知未能送出"
    assert "已尝试6次后放弃：应答 500。" in told.body


@pytest.mark.django_db
def test_what_was_given_up_is_told_once_a_day():
    make_user(Role.SYSTEM_ADMIN)
    with time_machine.travel(MORNING, tick=False) as now:
        for _ in range(3):
            make_delivery(attempts=TRIES - 1)
            assert sending.note(claim(), FAILED) == "given_up"
        assert OutboxEvent.objects.count() == 1
        now.shift(timedelta(days=1))
        make_delivery(attempts=TRIES - 1)
        sending.note(claim(), FAILED)
        assert OutboxEvent.objects.count() == 2


@pytest.mark.django_db
def test_the_notice_of_giving_up_does_not_tell_of_itself(mail_on):
    operator = reachable(Role.SYSTEM_ADMIN)
    say([operator.organisation_id], topic="delivery.given_up", must_read=True)
    services.relay()
    Delivery.objects.update(attempts=TRIES - 1)
    assert sending.note(claim(), FAILED) == "given_up"
    assert OutboxEvent.objects.count() == 1


@pytest.mark.django_db
def test_a_delivery_whose_senders_all_died_is_given_up():
    with time_machine.travel(MORNING, tick=False) as now:
        row = make_delivery()
        for _ in range(TRIES):
            assert claim().pk == row.pk
            now.shift(LEASE)
        assert claim() is None
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == ("given_up", TRIES, "发送进程多次中断")


@pytest.mark.django_db
def test_what_ended_can_be_sent_again_under_the_same_id():
    row = make_delivery(state="given_up", attempts=TRIES)
    assert claim() is None
    sending.resend(delivery_id=row.pk)
    held = claim()
    assert (held.pk, held.attempts) == (row.pk, 1)
    with pytest.raises(Refused, match="当前状态为“发送中”，不能重新发送。"), transaction.atomic():
        sending.resend(delivery_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sending", 1)


@pytest.mark.django_db
def test_endpoints_that_are_off_or_passed_over_are_not_claimed():
    endpoint = make_endpoint(make_organisation("provider"))
    make_delivery(endpoint)
    assert sending.claim(Channel.WEBHOOK, without=[endpoint.pk]) is None
    assert sending.claim(Channel.EMAIL) is None
    assert sending.claim(Channel.WEBHOOK).endpoint_id == endpoint.pk


PAIRS = [(source, target) for source in DeliveryState for target in DeliveryState if source != target]


@pytest.mark.django_db
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_database_holds_the_table_of_arcs(source, target):
    person = reachable()
    event = say([person.organisation_id])
    digest = make_delivery(person=person, content="digest", civil_date="2026-03-02")
    row = make_delivery(
        person=person, content="notice", event=event, state=source, digest=digest if source == "gathered" else None
    )
    row.state, row.digest = target, digest if target == "gathered" else None
    if target in DELIVERY_ARCS[source]:
        row.save()
    else:
        with pytest.raises(IntegrityError, match="arc:"), transaction.atomic():
            row.save()


def all_at_once(work, threads: int = 4) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    started = [threading.Thread(target=run) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_senders_in_parallel_take_each_delivery_once():
    for _ in range(40):
        make_delivery()
    taken: list = []

    def work() -> None:
        while (row := claim()) is not None:
            taken.append(row.pk)
            sending.note(row, Outcome(DeliveryState.SENT))

    all_at_once(work)
    assert Counter(Counter(taken).values()) == {1: 40}
    assert Attempt.objects.count() == 40
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_would_have_taken_the_same(monkeypatch):
    """Negative control: what `claim` reads, read without its lock."""
    due = sending._due

    def unlocked(channel, without):
        rows = due(channel, without)
        rows.query.select_for_update = False
        return rows

    monkeypatch.setattr(sending, "_due", unlocked)
    meeting = threading.Barrier(4, timeout=10)
    make_delivery()
    taken: list = []
    first = Delivery.save

    def together(self, **kwargs):
        meeting.wait()  # all have read by now
        first(self, **kwargs)

    monkeypatch.setattr(Delivery, "save", together)
    all_at_once(lambda: taken.append(claim().pk))
    assert len(taken) == 4
    assert len(set(taken)) == 1


@pytest.mark.django_db(transaction=True)
def test_relays_in_parallel_queue_each_mail_once(mail_on):
    person = reachable()
    for _ in range(20):
        say([person.organisation_id])
    all_at_once(services.relay)
    services.relay()
    assert (Message.objects.count(), Delivery.objects.count()) == (20, 20)
