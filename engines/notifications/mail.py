"""Letters: how a notice, a digest, a verification reads by e-mail, and the connection they go out by."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from engines.notifications import topics
from engines.notifications.directory import Verification
from engines.notifications.models import Delivery, OutboxEvent
from foundation import clock

LONGEST_SUBJECT = 120
MOST_LINES = 200  # of a digest; what is beyond is in the inbox


class Undeliverable(Exception):
    """The letter did not go. `final`: trying again is of no use. `away`: the server is not there for others either."""

    def __init__(self, said: str, *, final: bool = False, away: bool = False) -> None:
        super().__init__(said)
        self.final, self.away = final, away


@dataclass(frozen=True)
class Letter:
    """One line, the text, and the same as simple HTML."""

    subject: str
    text: str
    html: str


def configured() -> bool:
    """There is a mail server. Without one, mails are noted as not configured and never pile up."""
    return bool(settings.EMAIL_CONFIGURED)


def of_notice(event: OutboxEvent) -> Letter:
    """What the inbox shows, with the address of what it is about."""
    topic = topics.find(event.topic)
    text = topic.say(topic.text, event)
    return _letter(
        topic.say(topic.subject, event),
        heading=event.title,
        text=text,
        link=topics.link(event),
        must_read=event.must_read,
    )


def of_digest(digest: Delivery, events: Iterable[OutboxEvent]) -> Letter:
    """What came since the last one, by group."""
    names = topics.groups()
    sorted_events = sorted(events, key=lambda event: (topics.find(event.topic).group, event.pk))
    shown, more = sorted_events[:MOST_LINES], len(sorted_events) - MOST_LINES
    sections = [
        (names[group], [_line(event) for event in those])
        for group, those in groupby(shown, key=lambda event: topics.find(event.topic).group)
    ]
    heading = f"{digest.civil_date} 消息汇总（{len(sorted_events)}条）"
    return _letter(f"【服务券平台】{heading}", heading=heading, sections=sections, more=max(more, 0))


def of_verification(asked: Verification) -> Letter:
    """The token that shows that somebody reads the mail of this address."""
    text = "您（或他人）在本平台把此邮箱登记为接收通知的地址。请登录后提交下列验证码；不是您本人操作的，请忽略本邮件。"
    return _letter("【服务券平台】邮箱验证", heading="邮箱验证", text=text, token=asked.token)


def _line(event: OutboxEvent) -> dict[str, str]:
    topic = topics.find(event.topic)
    when = event.created_at.astimezone(clock.SHANGHAI)
    return {"when": f"{when:%m-%d %H:%M}", "text": topic.say(topic.line, event), "link": _absolute(topics.link(event))}


def _letter(subject: str, *, link: str = "", **context: Any) -> Letter:
    whole = {"site": settings.SITE_URL, "link": _absolute(link), **context}
    return Letter(
        subject=one_line(subject)[:LONGEST_SUBJECT],
        text=render_to_string("notifications/mail.txt", whole).strip() + "\n",
        html=render_to_string("notifications/mail.html", whole),
    )


def one_line(text: str) -> str:
    """Without line breaks and other invisible characters: nothing in it can begin a header of its own."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}" if path else ""


class Mailer:
    """One connection for the letters of one run; opened with the first."""

    def __init__(self) -> None:
        self.connection: Any = get_connection(settings.EMAIL_BACKEND)

    def __enter__(self) -> Mailer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def send(self, letter: Letter, *, to: str, number: str) -> None:
        """The server has taken the letter. `number` is the same at every try. Raises Undeliverable."""
        host = urlsplit(settings.SITE_URL).hostname or "localhost"
        message = EmailMultiAlternatives(
            subject=letter.subject,
            body=letter.text,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[to],
            headers={"Message-ID": f"<{number}@{host}>", "X-Delivery-Id": number, "Auto-Submitted": "auto-generated"},
            connection=self.connection,
        )
        message.attach_alternative(letter.html, "text/html")
        try:
            self.connection.open()  # nothing when it is open
            self.connection.send_messages([message])
        except Exception as error:
            self._close()
            raise _told(error, to) from error

    def _close(self) -> None:
        self.connection.close()


def _told(error: Exception, to: str) -> Exception:
    """What the server's refusal means for this letter and for the others; the address itself is not repeated."""
    told = _kind_of(error)
    if isinstance(told, Undeliverable):
        told.args = (str(told).replace(to, "〔收件人〕"),)
    return told


def _kind_of(error: Exception) -> Exception:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return Undeliverable(f"收件人被拒 {code} {_words(said)}", final=code >= 500)
    if isinstance(error, smtplib.SMTPDataError):
        return Undeliverable(f"内容被拒 {error.smtp_code} {_words(error.smtp_error)}", final=error.smtp_code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):  # sign-in, sender: our own settings
        return Undeliverable(f"邮件服务器拒绝 {error.smtp_code} {_words(error.smtp_error)}", away=True)
    if isinstance(error, smtplib.SMTPException | OSError):
        return Undeliverable(f"邮件服务器不可用：{_words(error)}", away=True)
    if isinstance(error, ValueError):  # BadHeaderError, an address that cannot be written
        return Undeliverable(f"邮件无法编写：{_words(error)}", final=True)
    return error


def _words(said: Any) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return one_line(text)[:200]
