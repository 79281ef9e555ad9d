"""What is told once, and the reminder of what must be read and nobody has acknowledged (第二十一条)."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction

from accounts.states import Role
from engines.notifications import jobs, services
from engines.notifications.models import Message, OutboxEvent
from engines.notifications.services import telling
from foundation import clock
from tests.factories.accounts import Caller, make_organisation, make_user
from tests.factories.notifications import say

MORNING = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def moved():
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


def words() -> dict:
    return {"organisation_ids": [make_organisation().pk], "topic": "contract.draft", "title": "题", "body": "文"}


@pytest.mark.django_db
def test_under_one_key_it_is_told_once_and_under_another_again():
    given = words()
    assert [services.tell_once(once=key, **given) for key in ("a", "a", "b")] == [True, False, True]
    assert list(OutboxEvent.objects.order_by("pk").values_list("once", flat=True)) == ["a", "b"]


@pytest.mark.django_db
def test_without_a_key_the_same_may_be_told_as_often_as_it_happens():
    given = words()
    for _ in range(2):
        services.tell(**given)
    assert OutboxEvent.objects.filter(once="").count() == 2


@pytest.mark.django_db
def test_the_database_holds_the_key_once():
    given = words()
    services.tell(once="a", **given)
    with pytest.raises(IntegrityError, match="outbox_told_once"), transaction.atomic():
        services.tell(once="a", **given)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["the constraint decides", "without looking first"])
def test_eight_runs_at_the_same_moment_tell_once(monkeypatch, guarded):
    given, gate, answers = words(), threading.Barrier(8), []
    if not guarded:  # nobody sees another's: only the constraint is left
        monkeypatch.setattr(telling.OutboxEvent.objects, "filter", lambda **_: OutboxEvent.objects.none())

    def run() -> None:
        try:
            gate.wait(30)
            with transaction.atomic():
                answers.append(services.tell_once(once="a", **given))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.undo()
    assert (sorted(answers), OutboxEvent.objects.count()) == ([False] * 7 + [True], 1)


@pytest.mark.django_db
def test_who_has_not_acknowledged_after_three_days_is_reminded_once(moved):
    took_note, silent = make_user(Role.ENTERPRISE_AGENT), make_user(Role.PROVIDER_AGENT)
    event = say([took_note.organisation_id, silent.organisation_id], topic="signing_suspended", must_read=True)
    services.relay()
    message = Message.objects.get(organisation_id=took_note.organisation_id)
    assert Caller(took_note).act(f"messages/{message.pk}/acknowledge/").status_code == 200
    done = {}
    for days in range(6):
        moved.move_to(clock.start_of(date(2026, 3, 2) + timedelta(days=days)) + timedelta(hours=8))
        done[days] = [jobs.remind_unacknowledged(clock.today())["organisations"] for _ in range(2)]
    assert done == {0: [0, 0], 1: [0, 0], 2: [0, 0], 3: [1, 0], 4: [0, 0], 5: [0, 0]}
    [reminder] = OutboxEvent.objects.filter(topic="must_read.waiting")
    assert (reminder.organisation_ids, reminder.must_read) == ([silent.organisation_id], False)
    assert reminder.title == f"请确认收悉：{event.title}"
    services.relay()
    unread = Caller(silent).get("/api/v1/messages/").json()["results"]
    assert [row["title"] for row in unread] == [reminder.title, event.title]


@pytest.mark.django_db
def test_what_asks_for_no_acknowledgement_is_reminded_of_never(moved):
    say([make_organisation().pk])
    services.relay()
    moved.move_to(MORNING + timedelta(days=30))
    assert jobs.remind_unacknowledged(clock.today()) == {"organisations": 0}
