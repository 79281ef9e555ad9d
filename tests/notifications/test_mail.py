"""E-mail, by a real server: what it says, to whom, and what the server's refusals mean."""

from __future__ import annotations

import pytest

from accounts.states import Role
from engines.notifications import mail, services
from engines.notifications.models import Attempt, Delivery, OutboxEvent
from engines.notifications.services import sending
from foundation import clock, jobs
from tests.factories.accounts import make_user
from tests.factories.notifications import reachable, say

pytestmark = pytest.mark.django_db
AN_ID = "0198c0de-0000-7000-8000-000000000000"


def subject(letter) -> str:
    """As a mail program shows it: a long one starts on its second line."""
    return letter["Subject"].strip()


def words(letter, kind: str) -> str:
    return letter.get_body((kind,)).get_content().replace("\r\n", "\n")


def the_delivery() -> Delivery:
    return Delivery.objects.get()


def told(**words) -> Delivery:
    """One notice, on its way to one person."""
    user = reachable(email="lisi@example.com")
    say([user.organisation_id], **words)
    services.relay()
    return the_delivery()


def test_a_notice_arrives_with_its_chinese_subject_text_html_and_link(postmaster):
    user = reachable(email="lisi@example.com")
    event = OutboxEvent.objects.create(
        topic="contract.draft", organisation_ids=[user.organisation_id], title="新的合同草稿", created_at=clock.now(),
        body="合同<HT-1>：请核对 & 同意。", subject_type="contracts_contract", subject_id=AN_ID,
    )  # fmt: skip
    services.relay()
    assert jobs.run("send_mail") == {"sent": 1}
    [letter] = postmaster.letters
    row = the_delivery()
    assert subject(letter) == "【服务券平台】新的合同草稿"
    assert (postmaster.to, letter["To"]) == (["lisi@example.com"], "lisi@example.com")
    assert letter["Message-ID"] == f"<{row.pk}@localhost>"
    assert (letter["X-Delivery-Id"], letter["Auto-Submitted"]) == (str(row.pk), "auto-generated")
    text = words(letter, "plain")
    assert text.startswith("新的合同草稿\n\n合同<HT-1>：请核对 & 同意。\n")
    assert f"http://localhost:8000/api/v1/contracts/{AN_ID}/\n" in text
    html = words(letter, "html")
    assert "合同&lt;HT-1&gt;：请核对 &amp; 同意。" in html
    assert "<HT-1>" not in html
    assert user.name not in text + html
    assert (row.state, row.attempts, row.sent_at is not None, len(row.body_hash)) == ("sent", 1, True, 64)
    assert event.pk == row.event_id


def test_what_was_sent_is_not_sent_again(postmaster):
    told()
    assert (sending.send_mail(), sending.send_mail()) == ({"sent": 1}, {})
    assert len(postmaster.letters) == 1


def test_a_letter_that_must_be_read_says_so(postmaster):
    told(topic="signing_suspended", title="2026年度服务券暂停签约", must_read=True)
    sending.send_mail()
    [letter] = postmaster.letters
    assert subject(letter) == "【重要·请确认收悉】2026年度服务券暂停签约"
    assert "〔须确认收悉：请登录平台确认〕" in words(letter, "plain")


INJECTIONS = [
    "标题\r\nBcc: x@example.com",
    "标题\nBcc: x@example.com",
    "标题\rBcc: x",
    "标题\u2028Bcc: x",
    "标题\x00\x0bBcc: x",
]


@pytest.mark.parametrize("title", INJECTIONS[:4])
def test_no_title_begins_a_header_of_its_own(postmaster, title):
    told(title=title)
    assert sending.send_mail() == {"sent": 1}
    [letter] = postmaster.letters
    assert letter["Bcc"] is None
    assert subject(letter).startswith("【服务券平台】标题 Bcc: x")
    assert postmaster.to == ["lisi@example.com"]


def test_invisible_characters_become_blanks():
    assert mail.one_line(INJECTIONS[4]) == "标题 Bcc: x"


@pytest.mark.parametrize(("answer", "state"), [("550 no such user", "given_up"), ("450 mailbox busy", "failed")])
def test_a_refused_recipient_is_final_when_the_server_says_so(postmaster, answer, state):
    make_user(Role.SYSTEM_ADMIN)
    told()
    postmaster.refuse["lisi@example.com"] = answer
    assert sending.send_mail() == {state: 1}
    assert the_delivery().last_error == f"收件人被拒 {answer}"
    assert Attempt.objects.get().ok is False


def test_a_refusal_does_not_repeat_the_address(postmaster):
    told()
    postmaster.refuse["lisi@example.com"] = "450 <lisi@example.com> is over quota"
    sending.send_mail()
    assert the_delivery().last_error == "收件人被拒 450 <〔收件人〕> is over quota"


def test_a_refused_content_is_final(postmaster):
    told()
    postmaster.reject = "554 looks like spam"
    assert sending.send_mail() == {"given_up": 1}
    assert the_delivery().last_error == "内容被拒 554 looks like spam"


def test_one_that_is_refused_does_not_hold_up_the_others(postmaster):
    people = [reachable() for _ in range(3)]
    postmaster.refuse[people[1].email] = "550 no such user"
    say([one.organisation_id for one in people])
    services.relay()
    assert sending.send_mail() == {"sent": 2, "given_up": 1}
    assert sorted(postmaster.to) == sorted([people[0].email, people[2].email])


def test_when_the_server_is_away_one_is_tried_and_the_others_wait(mail_on):
    people = [reachable() for _ in range(3)]
    say([one.organisation_id for one in people])
    services.relay()
    assert sending.send_mail() == {"failed": 1}
    assert sorted(Delivery.objects.values_list("state", "attempts")) == [("failed", 1), ("queued", 0), ("queued", 0)]
    assert "邮件服务器不可用" in Delivery.objects.get(state="failed").last_error


def test_who_was_switched_off_meanwhile_is_not_mailed(postmaster):
    user = reachable()
    say([user.organisation_id])
    services.relay()
    user.is_active, user.deactivated_at = False, clock.now()
    user.save()
    assert sending.send_mail() == {"no_address": 1}
    assert (postmaster.letters, Attempt.objects.count()) == ([], 0)


def test_a_server_taken_away_leaves_nothing_piled_up(postmaster, settings):
    told()
    settings.EMAIL_CONFIGURED = False
    assert sending.send_mail() == {"not_configured": 1}
    assert (sending.send_mail(), postmaster.letters) == ({}, [])
