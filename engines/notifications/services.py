"""Telling, and delivering what was told."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import models, transaction

from engines.notifications.models import Message, OutboxEvent
from foundation import clock
from foundation.statements import insert

BATCH = 500


def tell(
    *, organisation_ids: Iterable[UUID], topic: str, title: str, body: str, subject: models.Model | None = None
) -> OutboxEvent:
    """It will reach every organisation named, if and only if the caller's transaction commits."""
    event = OutboxEvent(
        topic=topic,
        organisation_ids=list(dict.fromkeys(organisation_ids)),
        title=title[:120],
        body=body,
        subject_type=subject._meta.db_table if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        created_at=clock.now(),
    )
    return insert(event)


def relay() -> int:
    """Every unsent event is in its inboxes; returns how many events were delivered.

    Safe to run anywhere, twice or in parallel: rows being delivered elsewhere are passed over, and a
    message exists once per event and organisation.
    """
    sent = 0
    while batch := _relay_batch():
        sent += batch
    return sent


def _relay_batch() -> int:
    with transaction.atomic():
        events = list(
            OutboxEvent.objects.select_for_update(skip_locked=True).filter(sent_at=None).order_by("pk")[:BATCH]
        )
        at = clock.now()
        Message.objects.bulk_create(
            [
                Message(event=event, organisation_id=organisation_id, created_at=at)
                for event in events
                for organisation_id in event.organisation_ids
            ],
            ignore_conflicts=True,
        )
        OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(sent_at=at)
    return len(events)


def mark_read(*, organisation_id: UUID, message_id: UUID) -> None:
    """The message counts as read from now on; a second time changes nothing."""
    Message.objects.filter(pk=message_id, organisation_id=organisation_id, read_at=None).update(read_at=clock.now())
