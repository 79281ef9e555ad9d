"""What the database holds of messages, by the constraint's name."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from engines.evidence import services as evidence
from engines.notifications import services
from engines.notifications.models import Delivery, EndpointHealth, Message, Preference, WebhookEndpoint
from foundation import clock
from foundation.ids import new_id
from tests.factories.accounts import TESTER, make_organisation, make_user
from tests.factories.notifications import make_delivery, make_endpoint, reachable, say

pytestmark = pytest.mark.django_db


def test_an_event_reaches_an_organisation_once() -> None:
    organisation = new_id()
    services.tell(organisation_ids=[organisation], topic="t", title="标题", body="正文")
    services.relay()
    message = Message.objects.get()
    with pytest.raises(IntegrityError, match="message_once"), transaction.atomic():
        Message.objects.create(event=message.event, organisation_id=organisation, created_at=clock.now())
    assert Message.objects.count() == 1
    Message.objects.create(event=message.event, organisation_id=new_id(), created_at=clock.now())


def violates(name: str):
    return pytest.raises(IntegrityError, match=name)


def a_message(**words) -> Message:
    say([new_id()], **words)
    services.relay()
    return Message.objects.get()


MESSAGES = [
    ("message_read_together", {"must_read": False}, ["read_at"]),
    ("message_read_together", {"must_read": False}, ["read_by"]),
    ("message_acknowledged_together", {"must_read": True}, ["read_at", "read_by", "acknowledged_at"]),
    ("message_acknowledged_together", {"must_read": True}, ["read_at", "read_by", "acknowledged_by"]),
    ("message_acknowledged_is_must_read", {"must_read": True}, ["acknowledged_at", "acknowledged_by"]),
    ("message_acknowledged_is_must_read", {"must_read": False}, ["read_at", "read_by", "acknowledged_at", "acknowledged_by"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "words", "columns"), MESSAGES)
def test_who_read_and_acknowledged_goes_together(name, words, columns) -> None:
    message, user, at = a_message(**words), make_user("EO"), clock.now()
    for column in columns:
        setattr(message, column, at if column.endswith("_at") else user)
    with violates(name), transaction.atomic():
        message.save()


def test_what_was_acknowledged_stays_so() -> None:
    message, user, at = a_message(must_read=True), make_user("EO"), clock.now()
    message.read_at = message.acknowledged_at = at
    message.read_by = message.acknowledged_by = user
    message.save()
    message.acknowledged_at = message.acknowledged_by = None
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        message.save(update_fields=["acknowledged_at", "acknowledged_by"])


def deliver(**fields) -> Delivery:
    at = clock.now()
    given = {"channel": "email", "content": "verification", "person_id": new_id(), "organisation_id": new_id()}
    return Delivery.objects.create(**{**given, "next_at": at, "created_at": at, **fields})


DELIVERIES = [
    ("delivery_has_its_receiver", {"person_id": None}),
    ("delivery_has_its_receiver", {"channel": "webhook"}),
    ("delivery_notice_has_event", {"content": "notice"}),
    ("delivery_digest_has_day", {"content": "digest"}),
    ("delivery_digest_has_day", {"civil_date": "2026-03-02"}),
    ("delivery_gathered_in_digest", {"state": "gathered"}),
]


@pytest.mark.parametrize(("name", "fields"), DELIVERIES)
def test_a_delivery_has_what_its_kind_needs(name, fields) -> None:
    with violates(name), transaction.atomic():
        deliver(**fields)
    assert not Delivery.objects.exists()


def test_a_verification_has_no_event() -> None:
    event = say([new_id()])
    with violates("delivery_notice_has_event"), transaction.atomic():
        deliver(event=event)


def test_only_what_is_gathered_points_to_a_digest() -> None:
    digest = deliver(content="digest", civil_date="2026-03-02")
    with violates("delivery_gathered_in_digest"), transaction.atomic():
        deliver(digest=digest)


def test_an_event_is_mailed_once_to_a_person_and_posted_once_to_an_endpoint() -> None:
    person, endpoint = reachable(), make_endpoint(make_organisation("provider"))
    event = say([person.organisation_id])
    make_delivery(person=person, content="notice", event=event)
    with violates("delivery_email_once"), transaction.atomic():
        make_delivery(person=person, content="notice", event=event)
    make_delivery(endpoint, content="notice", event=event)
    with violates("delivery_webhook_once"), transaction.atomic():
        make_delivery(endpoint, content="notice", event=event)


def test_a_person_has_one_digest_a_day() -> None:
    person = new_id()
    deliver(person_id=person, content="digest", civil_date="2026-03-02")
    with violates("delivery_digest_once_a_day"), transaction.atomic():
        deliver(person_id=person, content="digest", civil_date="2026-03-02")
    deliver(person_id=person, content="digest", civil_date="2026-03-03")


def test_an_owner_has_one_choice_a_group() -> None:
    owner, at = new_id(), clock.now()
    Preference.objects.create(owner_id=owner, group="contract", email="off", updated_at=at)
    with violates("preference_once"), transaction.atomic():
        Preference.objects.create(owner_id=owner, group="contract", email="daily", updated_at=at)


def test_an_address_is_registered_once_by_an_organisation() -> None:
    first = make_endpoint(make_organisation("provider"))
    again = WebhookEndpoint(organisation_id=first.organisation_id, url=first.url, label="x", secret=b"x")
    with violates("webhook_once"), transaction.atomic():
        evidence.record(again, act="register", by=TESTER)


def test_a_previous_secret_has_its_end_and_a_reason_goes_with_being_off() -> None:
    endpoint = make_endpoint(make_organisation("provider"))
    endpoint.previous_secret = b"x"
    with violates("webhook_previous_together"), transaction.atomic():
        evidence.record(endpoint, act="x", by=TESTER)
    endpoint = WebhookEndpoint.objects.get()
    endpoint.disabled_reason = "x"
    with violates("webhook_disabled_has_reason"), transaction.atomic():
        evidence.record(endpoint, act="x", by=TESTER)
    endpoint = WebhookEndpoint.objects.get()
    endpoint.disable("")
    with violates("webhook_disabled_has_reason"), transaction.atomic():
        evidence.record(endpoint, act="x", by=TESTER)
    assert EndpointHealth.objects.count() == 1


def test_an_address_that_is_not_there_is_not_verified() -> None:
    with violates("user_verified_has_email"), transaction.atomic():
        make_user("EO", email_verified_at=clock.now())
