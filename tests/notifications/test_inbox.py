"""The inbox over the API: found, read, acknowledged for the organisation, by a person with a name."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from accounts.services import inbox as acts
from accounts.states import Role
from engines.evidence.models import EvidenceRecord
from engines.notifications import services
from engines.notifications.models import Message
from tests.factories.accounts import Caller, make_user
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.notifications import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_user(Role.ENTERPRISE_AGENT)


def told(user, *topics: str, **words) -> list[Message]:
    """One message each, relayed."""
    for topic in topics:
        say([user.organisation_id], topic=topic, title=topic, **words)
    services.relay()
    return list(Message.objects.filter(organisation_id=user.organisation_id).order_by("pk"))


def listed(user, query: str = "") -> list[str]:
    return [row["topic"] for row in Caller(user).get(f"/api/v1/messages/?{query}").json()["results"]]


def test_the_list_can_be_narrowed(alice):
    enterprise = EnterpriseFactory(organisation=alice.organisation)
    first, *_ = told(alice, "contract.draft", "claim.passed")
    told(alice, "signing_suspended", must_read=True)
    told(alice, "quota", subject=enterprise)
    told(alice, "weather")
    Caller(alice).act(f"messages/{first.pk}/read/")
    assert listed(alice) == ["weather", "quota", "signing_suspended", "claim.passed", "contract.draft"]
    assert listed(alice, "unread=false") == ["contract.draft"]
    assert listed(alice, "unread=true&group=claim") == ["claim.passed"]
    assert listed(alice, "group=other") == ["weather"]
    assert listed(alice, "topic=quota") == ["quota"]
    assert listed(alice, "must_read=true&acknowledged=false") == ["signing_suspended"]
    assert listed(alice, "acknowledged=true") == []
    assert listed(alice, f"subject_type=enterprises_enterprise&subject_id={enterprise.pk}") == ["quota"]


def test_a_message_leads_to_what_it_is_about(alice):
    enterprise = EnterpriseFactory(organisation=alice.organisation)
    told(alice, "quota", subject=enterprise)
    [row] = Caller(alice).get("/api/v1/messages/").json()["results"]
    assert row["link"] == f"/api/v1/enterprises/{enterprise.pk}/"
    assert Caller(alice).get(row["link"]).status_code == 200
    assert row["topic_label"] == "额度匹配"


def test_it_is_known_who_read_and_the_first_one_stays(alice):
    [message] = told(alice, "quota")
    colleague = make_user(Role.ENTERPRISE_SIGNATORY, organisation=alice.organisation)
    first = Caller(alice).act(f"messages/{message.pk}/read/").json()
    second = Caller(colleague).act(f"messages/{message.pk}/read/").json()
    assert (first["read_by"], first["read_at"]) == (alice.name, second["read_at"])
    assert second["read_by"] == alice.name


def test_all_are_read_up_to_the_one_seen_but_what_must_be_acknowledged(alice):
    seen = told(alice, "quota", "contract.draft")[-1]
    told(alice, "signing_suspended", must_read=True)
    told(alice, "claim.passed")
    assert Caller(alice).act("messages/read-all/", {"up_to": str(seen.pk)}).json() == {"read": 2}
    assert listed(alice, "unread=true") == ["claim.passed", "signing_suspended"]
    last = Message.objects.latest("pk")
    assert Caller(alice).act("messages/read-all/", {"up_to": str(last.pk)}).json() == {"read": 1}
    assert listed(alice, "unread=true") == ["signing_suspended"]


def test_nothing_is_read_up_to_a_message_of_another_inbox(alice):
    told(alice, "quota")
    [other] = told(make_user(Role.PROVIDER_AGENT), "quota")
    answer = Caller(alice).act("messages/read-all/", {"up_to": str(other.pk)})
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert listed(alice, "unread=true") == ["quota"]


def test_the_summary_shows_what_presses_first(alice):
    told(alice, "quota", "contract.draft", "contract.signed")
    told(alice, "signing_suspended", must_read=True)
    summary = Caller(alice).get("/api/v1/messages/summary/").json()
    assert (summary["unread"], summary["must_read"]) == (4, 1)
    assert [(one["group"], one["label"], one["unread"]) for one in summary["groups"]] == [
        ("contract", "合同", 2),
        ("enterprise", "企业资格与额度", 1),
        ("programme", "年度通知与预算", 1),
    ]
    [pressing] = summary["pressing"]
    Caller(alice).act(f"messages/{pressing['id']}/acknowledge/")
    summary = Caller(alice).get("/api/v1/messages/summary/").json()
    assert (summary["unread"], summary["must_read"], summary["pressing"]) == (3, 0, [])


def test_acknowledging_reads_and_stands_on_the_organisations_chain(alice):
    [message] = told(alice, "signing_suspended", must_read=True)
    answer = Caller(alice).act(f"messages/{message.pk}/acknowledge/").json()
    assert (answer["acknowledged_by"], answer["read_by"]) == (alice.name, alice.name)
    record = EvidenceRecord.objects.get(act="acknowledge")
    assert (record.subject_id, record.actor) == (alice.organisation_id, f"user:{alice.pk}")
    assert record.facts == {"message": str(message.pk), "topic": "signing_suspended", "title": "signing_suspended"}
    again = Caller(make_user(Role.ENTERPRISE_SIGNATORY, organisation=alice.organisation))
    assert again.act(f"messages/{message.pk}/acknowledge/").json()["acknowledged_by"] == alice.name
    assert EvidenceRecord.objects.filter(act="acknowledge").count() == 1


def test_what_asks_for_no_acknowledgement_takes_none(alice):
    [message] = told(alice, "quota")
    answer = Caller(alice).act(f"messages/{message.pk}/acknowledge/")
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_MUST_READ")
    message.refresh_from_db()
    assert (message.acknowledged_at, message.read_at) == (None, None)


def test_who_holds_no_role_acknowledges_nothing_for_the_organisation(alice):
    [message] = told(alice, "signing_suspended", must_read=True)
    alice.memberships.update(ended_at=alice.created_at.replace(year=2099))
    answer = Caller(alice).act(f"messages/{message.pk}/acknowledge/")
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
    message.refresh_from_db()
    assert message.acknowledged_at is None


def choices(user) -> dict[str, tuple]:
    rows = Caller(user).get("/api/v1/messages/preferences/").json()["choices"]
    return {row["group"]: (row["own"], row["organisation"], row["in_force"]) for row in rows}


def test_preferences_are_ones_own_or_of_the_organisation(alice):
    boss = make_user(Role.ENTERPRISE_SIGNATORY, organisation=alice.organisation)
    assert choices(alice)["contract"] == (None, None, "by_topic")
    Caller(boss).act("messages/set-preferences/", {"for_organisation": True, "email": {"contract": "daily"}})
    assert choices(alice)["contract"] == (None, "daily", "daily")
    Caller(alice).act("messages/set-preferences/", {"email": {"contract": "off"}})
    assert choices(alice)["contract"] == ("off", "daily", "off")
    assert choices(boss)["contract"] == (None, "daily", "daily")
    Caller(alice).act("messages/set-preferences/", {"email": {"contract": None}})
    assert choices(alice)["contract"] == (None, "daily", "daily")


def test_an_agent_does_not_choose_for_the_organisation(alice):
    answer = Caller(alice).act("messages/set-preferences/", {"for_organisation": True, "email": {"contract": "off"}})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
    assert choices(alice)["contract"] == (None, None, "by_topic")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_acknowledge_at_once_the_first_stands():
    alice = make_user(Role.ENTERPRISE_AGENT)
    people = [alice, *(make_user(Role.ENTERPRISE_AGENT, organisation=alice.organisation) for _ in range(3))]
    [message] = told(alice, "signing_suspended", must_read=True)

    def acknowledge(user) -> None:
        try:
            acts.acknowledge(by=user, message_id=message.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=acknowledge, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    message.refresh_from_db()
    record = EvidenceRecord.objects.get(act="acknowledge")
    assert record.actor == f"user:{message.acknowledged_by_id}"


@pytest.mark.parametrize("email", ["daily", ["daily"], 1])
def test_a_preference_of_another_shape_is_told_in_plain_words(email):
    answer = Caller(make_user(Role.ENTERPRISE_AGENT)).act("messages/set-preferences/", {"email": email})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_FIELDS")
    assert answer.json()["details"] == {
        "email": ["字段 email 须为 JSON 对象（花括号内的“名称: 值”），不能是文字、数字或列表。"]
    }
