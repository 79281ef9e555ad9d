"""The relay: inboxes in bounded steps, and who gets what by mail and webhook."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from engines.notifications import services
from engines.notifications.models import Delivery, Message, Preference
from engines.notifications.services import endpoints, preferences, telling
from engines.notifications.states import EmailMode
from foundation.errors import Invalid
from foundation.ids import new_id
from tests.factories.accounts import TESTER, make_organisation, make_user
from tests.factories.notifications import make_endpoint, reachable, say

pytestmark = pytest.mark.django_db


def test_an_announcement_to_many_is_delivered_in_bounded_steps(monkeypatch):
    monkeypatch.setattr(telling, "AT_ONCE", 40)
    everybody = [new_id() for _ in range(100)]
    event = say(everybody, must_read=True)
    steps = []
    while telling._relay_batch() is not None:
        event.refresh_from_db()
        steps.append((event.reached, event.sent_at is not None, Message.objects.count()))
    assert steps == [(40, False, 40), (80, False, 80), (100, True, 100)]
    assert set(Message.objects.values_list("organisation_id", flat=True)) == set(everybody)


def test_a_relay_that_died_half_way_is_gone_on_with(monkeypatch):
    monkeypatch.setattr(telling, "AT_ONCE", 40)
    event = say([new_id() for _ in range(100)])
    telling._relay_batch()
    assert services.relay() == 1
    event.refresh_from_db()
    assert (event.reached, Message.objects.filter(event=event).count()) == (100, 100)


def test_ten_thousand_five_hundred_inboxes_cost_few_statements():
    """第二十一条: every enterprise of the province is told of a pause."""
    event = say([new_id() for _ in range(10_500)], topic="signing_suspended", must_read=True)
    with CaptureQueriesContext(connection) as captured:
        assert services.relay() == 1
    assert Message.objects.filter(event=event, must_read=True).count() == 10_500
    assert len(captured) < 100


def test_what_was_said_is_not_changed():
    event = say([new_id()])
    event.body = "别的"
    with pytest.raises(DatabaseError, match="Cannot update"):
        event.save(update_fields=["body"])


def states() -> list[str]:
    return sorted(Delivery.objects.values_list("state", flat=True))


def test_without_a_mail_server_mails_are_noted_and_do_not_pile_up():
    user = reachable()
    say([user.organisation_id])
    services.relay()
    row = Delivery.objects.get()
    assert (row.channel, row.state, row.person_id) == ("email", "not_configured", user.pk)


def test_everybody_with_a_verified_address_and_a_role_is_mailed(mail_on):
    organisation = make_organisation("provider")
    one, other = (reachable(Role.PROVIDER_AGENT, organisation=organisation) for _ in range(2))
    make_user(Role.PROVIDER_AGENT, organisation=organisation)  # no address
    make_user(Role.PROVIDER_AGENT, organisation=organisation, email="x@example.com")  # not verified
    reachable(Role.PROVIDER_AGENT, organisation=organisation).memberships.update(
        ended_at="2026-01-01T00:00:00Z", since="2025-01-01T00:00:00Z"
    )
    reachable(Role.PROVIDER_AGENT, organisation=organisation, is_active=False, deactivated_at="2026-01-01T00:00:00Z")
    say([organisation.pk])
    services.relay()
    services.relay()
    assert set(Delivery.objects.values_list("person_id", "state")) == {(one.pk, "queued"), (other.pk, "queued")}


CHOICES = [
    ("contract.draft", None, None, ["queued"]),  # the topic's own: at once
    ("contract.settled", None, None, ["waiting"]),  # the topic's own: daily
    ("contract.draft", None, EmailMode.DAILY, ["waiting"]),
    ("contract.draft", EmailMode.AT_ONCE, EmailMode.OFF, ["queued"]),  # one's own word counts more
    ("contract.draft", EmailMode.OFF, EmailMode.AT_ONCE, []),
    ("contract.draft", EmailMode.OFF, None, []),
    ("contract.draft", EmailMode.DAILY, None, ["waiting"]),
    ("no.such.topic", None, None, ["queued"]),
]


@pytest.mark.parametrize(("topic", "own", "organisation", "expected"), CHOICES)
def test_preferences_are_honoured(mail_on, topic, own, organisation, expected):
    user = reachable()
    preferences.choose(owner_id=user.pk, email={"contract": own})
    preferences.choose(owner_id=user.organisation_id, email={"contract": organisation})
    say([user.organisation_id], topic=topic)
    services.relay()
    assert states() == expected
    assert Message.objects.count() == 1  # the inbox has no switch


def test_a_choice_concerns_its_group_alone(mail_on):
    user = reachable()
    preferences.choose(owner_id=user.pk, email={"claim": EmailMode.OFF})
    say([user.organisation_id])
    services.relay()
    assert states() == ["queued"]


@pytest.mark.parametrize("own", [EmailMode.OFF, EmailMode.DAILY])
def test_what_must_be_read_comes_at_once_whatever_was_chosen(mail_on, own):
    user = reachable()
    preferences.choose(owner_id=user.pk, email={"contract": own})
    say([user.organisation_id], must_read=True)
    services.relay()
    assert states() == ["queued"]


def test_a_choice_can_be_taken_back_and_an_unknown_group_is_refused():
    owner = new_id()
    preferences.choose(owner_id=owner, email={"contract": EmailMode.OFF})
    preferences.choose(owner_id=owner, email={"contract": EmailMode.DAILY})
    assert Preference.objects.get().email == "daily"
    with pytest.raises(Invalid, match="没有主题类别“weather”") as refusal:
        preferences.choose(owner_id=owner, email={"contract": None, "weather": EmailMode.OFF})
    assert (refusal.value.code, Preference.objects.count()) == ("GROUP_UNKNOWN", 1)
    preferences.choose(owner_id=owner, email={"contract": None})
    assert not Preference.objects.exists()


def test_an_endpoint_is_posted_the_groups_it_takes_and_what_must_be_read():
    organisation = make_organisation("provider")
    every, some = make_endpoint(organisation), make_endpoint(organisation, groups=("claim",))
    make_endpoint(make_organisation("provider"))
    say([organisation.pk])
    say([organisation.pk], topic="claim.passed")
    say([organisation.pk], topic="signing_suspended", must_read=True)
    services.relay()
    posted = Delivery.objects.order_by("event_id", "created_at").values_list("endpoint_id", "event__topic")
    assert sorted(posted, key=str) == sorted(
        [
            (every.pk, "contract.draft"),
            (every.pk, "claim.passed"),
            (some.pk, "claim.passed"),
            (every.pk, "signing_suspended"),
            (some.pk, "signing_suspended"),
        ],
        key=str,
    )


def test_an_endpoint_that_is_off_is_posted_nothing():
    organisation = make_organisation("provider")
    endpoint = make_endpoint(organisation)
    endpoints.disable(by=TESTER, endpoint_id=endpoint.pk, version=endpoint.version, reason="维护")
    say([organisation.pk])
    services.relay()
    assert not Delivery.objects.exists()
