"""The daily digest: one mail a person and day with what came since the last, by group."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connections

from engines.notifications import mail, services
from engines.notifications.models import Delivery
from engines.notifications.services import digests, preferences, sending
from engines.notifications.states import EmailMode
from foundation import clock, jobs
from tests.factories.notifications import reachable, say

MORNING = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
DAY = date(2026, 3, 2)


def daily(**fields):
    """Somebody who wants contracts and claims once a day."""
    user = reachable(**fields)
    preferences.choose(owner_id=user.pk, email={"contract": EmailMode.DAILY, "claim": EmailMode.DAILY})
    return user


def tell(user, *titles: str, topic: str = "contract.draft") -> None:
    for title in titles:
        say([user.organisation_id], topic=topic, title=title)
    services.relay()


@pytest.mark.django_db
def test_one_mail_with_what_came_grouped_by_topic(postmaster):
    with time_machine.travel(MORNING, tick=False):
        user = daily(email="lisi@example.com")
        tell(user, "甲合同", "乙合同")
        tell(user, "丙申请", topic="claim.passed")
        assert sending.send_mail() == {}
        assert jobs.run("send_digests") == {"people": 1}
        assert jobs.run("send_mail") == {"sent": 1}
    [letter] = postmaster.letters
    assert letter["Subject"].strip() == "【服务券平台】2026-03-02 消息汇总（3条）"
    text = letter.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert (
        text.index("兑付\n")
        < text.index("丙申请")
        < text.index("合同\n  ·")
        < text.index("甲合同")
        < text.index("乙合同")
    )
    assert "  · 03-02 08:30 甲合同：请核对条款并同意。\n" in text
    digest = Delivery.objects.get(content="digest")
    assert (digest.civil_date, digest.items.count()) == (DAY, 3)
    assert set(digest.items.values_list("state", flat=True)) == {"gathered"}


@pytest.mark.django_db
def test_a_day_has_one_digest_and_what_comes_later_waits_for_the_next(postmaster):
    with time_machine.travel(MORNING, tick=False) as now:
        user = daily()
        tell(user, "甲")
        assert (digests.gather(DAY), digests.gather(DAY)) == (1, 0)
        tell(user, "乙")
        assert digests.gather(DAY) == 0
        assert Delivery.objects.filter(state="waiting").count() == 1
        now.shift(timedelta(days=1))
        assert digests.gather(clock.today()) == 1
        assert Delivery.objects.filter(content="digest").count() == 2


@pytest.mark.django_db
def test_who_has_nothing_waiting_gets_nothing(mail_on):
    daily()
    assert digests.gather(clock.today()) == 0
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_a_digest_of_an_earlier_day_holds_only_what_came_by_then(mail_on):
    with time_machine.travel(MORNING, tick=False) as now:
        user = daily()
        tell(user, "甲")
        now.shift(timedelta(days=1))
        tell(user, "乙")
        assert jobs.run("send_digests", DAY) == {"people": 1}
        assert Delivery.objects.get(content="digest").items.get().event.title == "甲"


@pytest.mark.django_db
def test_a_very_long_digest_is_cut_and_says_so(postmaster, monkeypatch):
    monkeypatch.setattr(mail, "MOST_LINES", 2)
    user = daily()
    tell(user, "甲", "乙", "丙")
    digests.gather(clock.today())
    sending.send_mail()
    text = postmaster.letters[0].get_body(("plain",)).get_content()
    assert "另有1条，请登录平台查看。" in text
    assert "丙：" not in text


@pytest.mark.django_db(transaction=True)
def test_gathered_in_parallel_there_is_one_digest(mail_on):
    user = daily()
    tell(user, *[f"第{number}" for number in range(10)])

    def gather() -> None:
        try:
            digests.gather(clock.today())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=gather) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    digest = Delivery.objects.get(content="digest")
    assert digest.items.count() == 10
