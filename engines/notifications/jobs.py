"""The relay, the senders, the daily digest."""

from __future__ import annotations

from datetime import date
from typing import Any

from engines.notifications import services
from engines.notifications.services import acknowledging, digests, sending
from foundation.jobs import job


@job("relay_outbox", "送达待发通知")
def relay_outbox(day: date) -> dict[str, Any]:
    """Every unsent event is delivered."""
    return {"sent": services.relay()}


@job("send_mail", "发送电子邮件")
def send_mail(day: date) -> dict[str, Any]:
    """Every mail that is due has been tried."""
    return sending.send_mail()


@job("send_webhooks", "发送回调")
def send_webhooks(day: date) -> dict[str, Any]:
    """Every post that is due has been tried."""
    return sending.send_webhooks()


@job("send_digests", "编制每日消息汇总")
def send_digests(day: date) -> dict[str, Any]:
    """Everybody who has notices waiting has the day's digest on its way."""
    return {"people": digests.gather(day)}


@job("remind_unacknowledged", "重要通知未确认收悉提醒")
def remind_unacknowledged(day: date) -> dict[str, Any]:
    """Whoever has not acknowledged in time what must be read is reminded, once a notice (第二十一条)."""
    return {"organisations": sum(acknowledging.remind(event) for event in acknowledging.unacknowledged(day))}
