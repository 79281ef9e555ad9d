"""Topics as data: every one that a room tells has its entry, and what is wrong in a file is named."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import resolve

from engines.evidence.selectors import subject_models
from engines.notifications import topics
from engines.notifications.models import OutboxEvent
from engines.notifications.services.sending import GIVEN_UP
from foundation import clock
from tests.notifications.support import told_topics

AN_ID = UUID("0198c0de-0000-7000-8000-000000000000")


@pytest.fixture(autouse=True)
def _read_anew():
    topics.catalogue.cache_clear()
    yield
    topics.catalogue.cache_clear()


def event(**fields) -> OutboxEvent:
    return OutboxEvent(**{"topic": "contract.draft", "title": "题", "body": "文", "created_at": clock.now(), **fields})


def known(topic: str) -> bool:
    """Of a topic made at run time its beginning, and more than one."""
    if topic.endswith("*"):
        return sum(code.startswith(topic[:-1]) for code in topics.catalogue().topics) > 1
    return topic in topics.catalogue().topics


def test_every_topic_that_a_room_tells_has_an_entry():
    told = told_topics()
    assert len(told) > 40
    missing = {topic: where for topic, where in told.items() if not known(topic)}
    assert missing == {}, "add these to the topics.yaml of their room"
    assert GIVEN_UP in topics.catalogue().topics


def test_a_topic_that_is_not_told_would_be_missed():
    assert not known("no.such.topic")
    assert not known("nothing.*")


def test_every_address_is_of_a_table_there_is():
    tables = {model._meta.db_table for model in subject_models()}
    assert set(topics.catalogue().addresses) <= tables


def test_every_address_is_one_of_the_api():
    for address in topics.catalogue().addresses.values():
        assert resolve(address.format(id=AN_ID)).kwargs["pk"] == str(AN_ID)


def test_an_event_links_to_what_it_is_about():
    assert topics.link(event(subject_type="contracts_contract", subject_id=AN_ID)) == f"/api/v1/contracts/{AN_ID}/"
    assert topics.link(event()) == ""
    assert topics.link(event(subject_type="no_such_table", subject_id=AN_ID)) == ""


def test_words_are_put_in_as_they_are_and_never_looked_into_again():
    topic = topics.find("contract.draft")
    said = event(title="{body}{data.x.__class__}{{7*7}}%(x)s", body="文", data={"amount": "1.00"})
    assert topic.say("{title}", said) == "{body}{data.x.__class__}{{7*7}}%(x)s"
    assert topic.say("{data.amount}|{data.left}|{label}", said) == "1.00|——|合同草稿"


def test_a_topic_no_file_knows_can_still_be_said():
    topic = topics.find("weather.rain")
    assert (topic.group, topic.say(topic.subject, event(title="下雨"))) == ("other", "【服务券平台】下雨")


def test_an_installation_rewords_without_touching_the_program(settings, tmp_path):
    (tmp_path / "own.yaml").write_text("topics:\n  contract.draft: {subject: '桂｜{title}', email: daily}\n")
    settings.NOTIFICATION_TOPICS_DIR = str(tmp_path)
    topic = topics.find("contract.draft")
    assert (topic.label, topic.email, topic.say(topic.subject, event())) == ("合同草稿", "daily", "桂｜题")


WRONG = [
    ("topics: {x: {label: 甲}}", "needs label and group"),
    ("topics: {x: {label: 甲, group: contract, colour: red}}", "knows only"),
    ("topics: {x: {label: 甲, group: weather}}", "group weather has no name"),
    ("topics: {x: {label: 甲, group: contract, subject: '{event.pk}'}}", "no such place"),
    ("topics: {x: {label: 甲, group: contract, text: '{title.__class__}'}}", "no such place"),
    ("topics: {x: {label: 甲, group: contract, email: sometimes}}", "email is one of"),
    ("topics:\n  x: {label: 甲, group: contract}\n  x: {label: 乙, group: contract}", "x is said twice"),
    ("weather: {}", "are known"),
    ("- x", "are known"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_in_a_file_is_named(settings, tmp_path, text, said):
    (tmp_path / "own.yaml").write_text(text)
    settings.NOTIFICATION_TOPICS_DIR = str(tmp_path)
    with pytest.raises(ImproperlyConfigured, match=said):
        topics.catalogue()
