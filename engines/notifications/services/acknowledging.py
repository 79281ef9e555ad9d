"""Who has not acknowledged what must be read is reminded of it once (第二十一条: 以适合方式通知提醒)."""

from __future__ import annotations

from datetime import date, timedelta

from engines.notifications.models import Message, OutboxEvent
from engines.notifications.services.telling import tell_once
from foundation import clock

AFTER = 3  # days: a courtesy of the platform, no limit of the regulation


def unacknowledged(day: date) -> list[OutboxEvent]:
    """What was told for acknowledgement AFTER days before `day` or earlier, and some have not acknowledged."""
    waiting = Message.objects.filter(
        must_read=True, acknowledged_at=None, event__sent_at__lt=clock.start_of(day - timedelta(days=AFTER - 1))
    )
    return list(OutboxEvent.objects.filter(pk__in=waiting.values("event")).order_by("pk"))


def remind(event: OutboxEvent) -> int:
    """Every organisation that has not acknowledged the event is told once more; how many that were."""
    waiting = Message.objects.filter(event=event, must_read=True, acknowledged_at=None).order_by("organisation_id")
    organisation_ids = list(waiting.values_list("organisation_id", flat=True))
    said = tell_once(
        once=f"unacknowledged:{event.pk}",
        organisation_ids=organisation_ids,
        topic="must_read.waiting",
        title=f"请确认收悉：{event.title}",
        body=f"“{event.title}”发出已满{AFTER}日，贵单位尚未确认收悉，请在站内消息中阅读并确认。{event.body}",
    )
    return len(organisation_ids) if said else 0
