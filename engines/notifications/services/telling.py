"""Telling, and putting what was told into the inboxes and on its way out of the house."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction

from engines.notifications.models import Message, OutboxEvent
from engines.notifications.services.fanning import Part, fan_out
from foundation import clock
from foundation.statements import insert

BATCH = 500  # events a transaction
AT_ONCE = 2_000  # inboxes a transaction: an announcement to all takes several
ROWS = 1_000  # rows a statement


def tell(
    *,
    organisation_ids: Iterable[UUID],
    topic: str,
    title: str,
    body: str,
    subject: models.Model | None = None,
    must_read: bool = False,
    data: dict[str, Any] | None = None,
    once: str = "",
) -> OutboxEvent:
    """It will reach every organisation named, if and only if the caller's transaction commits.

    `must_read` goes to everybody in them whatever he prefers, and each organisation is to acknowledge it
    (第二十一条: 以适合方式通知提醒). `data` are figures that the topic's templates may name: JSON, amounts as strings.
    `once` is for `tell_once`.
    """
    event = OutboxEvent(
        topic=topic,
        organisation_ids=list(dict.fromkeys(organisation_ids)),
        title=title[:120],
        body=body,
        subject_type=subject._meta.db_table if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        must_read=must_read,
        data=data or {},
        once=once,
        created_at=clock.now(),
    )
    return insert(event)


def tell_once(
    *,
    once: str,
    organisation_ids: Iterable[UUID],
    topic: str,
    title: str,
    body: str,
    subject: models.Model | None = None,
) -> bool:
    """As `tell`, if nothing was ever told under the key `once`; whether it was told now.

    For reminders: the key names the row, its step and its last day, so that a job may run as often as it likes,
    twice at the same time too.
    """
    if OutboxEvent.objects.filter(once=once).exists():
        return False
    try:
        with transaction.atomic():
            tell(organisation_ids=organisation_ids, topic=topic, title=title, body=body, subject=subject, once=once)
    except IntegrityError as error:  # another run at the same moment: the constraint's word counts
        if "outbox_told_once" not in str(error):
            raise
        return False
    return True


def relay() -> int:
    """Every unsent event is in its inboxes, and on its way by mail and webhook; how many events that were.

    Safe to run anywhere, twice or in parallel: rows being delivered elsewhere are passed over, and a
    message exists once per event and organisation. A relay that dies half way through a long list of
    organisations is gone on with where it last committed.
    """
    sent = 0
    while (finished := _relay_batch()) is not None:
        sent += finished
    return sent


def _relay_batch() -> int | None:
    """How many events are through; None when there was nothing to do."""
    with transaction.atomic():
        waiting = list(
            OutboxEvent.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(sent_at=None)
            .order_by("pk")[:BATCH]
        )
        if not waiting:
            return None
        at = clock.now()
        parts = _parts(waiting)
        Message.objects.bulk_create(
            [
                Message(event=part.event, organisation_id=one, must_read=part.event.must_read, created_at=at)
                for part in parts
                for one in part.organisation_ids
            ],
            batch_size=ROWS,
            ignore_conflicts=True,
        )
        fan_out(parts, at)
        return _note_reached(parts, at)


def _parts(events: list[OutboxEvent]) -> list[Part]:
    """Of each event the organisations that are next, at most AT_ONCE in all."""
    parts, room = [], AT_ONCE
    for event in events:
        if room <= 0:
            break
        organisation_ids = event.organisation_ids[event.reached : event.reached + room]
        parts.append(Part(event, organisation_ids))
        room -= len(organisation_ids)
    return parts


def _note_reached(parts: list[Part], at: Any) -> int:
    finished = []
    for part in parts:
        event = part.event
        event.reached += len(part.organisation_ids)
        if event.reached == len(event.organisation_ids):
            event.sent_at = at
            finished.append(event)
        else:
            event.save(update_fields=["reached"])
    OutboxEvent.objects.bulk_update(finished, ["reached", "sent_at"], batch_size=ROWS)
    return len(finished)
