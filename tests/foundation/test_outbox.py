import threading

import pytest
from django.db import connections, transaction

from accounts.states import Role
from engines.notifications import services
from engines.notifications.models import Message, OutboxEvent
from tests.factories.accounts import Caller, make_user


def tell(organisation_ids):
    return services.tell(organisation_ids=organisation_ids, topic="t", title="标题", body="正文")


@pytest.mark.django_db
def test_what_is_told_reaches_each_organisation_once():
    alice, bob = make_user(Role.ENTERPRISE_AGENT), make_user(Role.PROVIDER_AGENT)
    tell([alice.organisation_id, bob.organisation_id, alice.organisation_id])
    assert (services.relay(), services.relay()) == (1, 0)
    assert Message.objects.count() == 2
    inbox = Caller(alice).get("/api/v1/messages/").json()["results"]
    assert [(row["title"], row["read_at"]) for row in inbox] == [("标题", None)]


@pytest.mark.django_db
def test_what_is_rolled_back_is_never_told():
    with pytest.raises(RuntimeError), transaction.atomic():
        tell([make_user(Role.FINANCE).organisation_id])
        raise RuntimeError
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_reading_is_noted_once():
    alice = make_user(Role.ENTERPRISE_AGENT)
    tell([alice.organisation_id])
    services.relay()
    message = Message.objects.get()
    first = Caller(alice).act(f"messages/{message.pk}/read/").json()["read_at"]
    assert first is not None
    assert Caller(alice).act(f"messages/{message.pk}/read/").json()["read_at"] == first


@pytest.mark.django_db(transaction=True)
def test_relays_in_parallel_deliver_each_event_once():
    organisation_id = make_user(Role.FINANCE).organisation_id
    for _ in range(40):
        tell([organisation_id])

    def relay() -> None:
        try:
            services.relay()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=relay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    services.relay()
    assert Message.objects.count() == 40
    assert not OutboxEvent.objects.filter(sent_at=None).exists()
