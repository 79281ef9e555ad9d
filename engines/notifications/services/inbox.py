"""Reading and acknowledging, by a person for the organisation."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import models

from engines.notifications.models import Message
from foundation import clock
from foundation.errors import Refused, not_found
from foundation.locking import lock, unit_of_work


def mark_read(*, by: Any, message_id: UUID, organisation_id: UUID) -> Message:
    """The message counts as read from now on, by this person; a second time changes nothing."""
    with unit_of_work():
        message = lock(_own(organisation_id), message_id)
        if message.read_at is None:
            message.read_at, message.read_by = clock.now(), by
            message.save(update_fields=["read_at", "read_by"])
    return message


def mark_all_read(*, by: Any, organisation_id: UUID, up_to: UUID) -> int:
    """Every message up to the one named, the newest the person has seen, counts as read; how many that newly are.

    What came meanwhile stays unread. What must be read is left out: it is acknowledged one by one. Raises
    NOT_FOUND for a message that is not in the organisation's inbox.
    """
    if not _own(organisation_id).filter(pk=up_to).exists():
        raise not_found("站内消息")
    unread = _own(organisation_id).filter(read_at=None, must_read=False, pk__lte=up_to)
    return unread.update(read_at=clock.now(), read_by=by)


def mark_some_read(*, by: Any, organisation_id: UUID, message_ids: Collection[UUID]) -> int:
    """Of these messages the organisation's own count as read but what must be acknowledged; how many that newly are."""
    unread = _own(organisation_id).filter(read_at=None, must_read=False, pk__in=message_ids)
    return unread.update(read_at=clock.now(), read_by=by)


def acknowledge(*, by: Any, message_id: UUID, organisation_id: UUID) -> tuple[Message, bool]:
    """The organisation has taken note of what it must read, by this person; whether that is new.

    The first person's word stays. Raises NOT_MUST_READ for a message that asks for none.
    """
    with unit_of_work():
        message = lock(_own(organisation_id), message_id)
        if not message.must_read:
            raise Refused("NOT_MUST_READ", "该消息无须确认收悉，标记已读即可。")
        if message.acknowledged_at is not None:
            return message, False
        at = clock.now()
        message.acknowledged_at, message.acknowledged_by = at, by
        if message.read_at is None:
            message.read_at, message.read_by = at, by
        message.save(update_fields=["acknowledged_at", "acknowledged_by", "read_at", "read_by"])
    return message, True


def _own(organisation_id: UUID) -> models.QuerySet[Message]:
    return Message.objects.filter(organisation_id=organisation_id).select_related("event")
