"""Reading and acknowledging for the organisation; what one wants by mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from accounts import policies
from accounts.models import Organisation, User
from engines.evidence import services as evidence
from engines.notifications.models import Message
from engines.notifications.services import inbox, preferences
from foundation.errors import not_allowed
from foundation.locking import lock, unit_of_work


def read(*, by: User, message_id: UUID) -> Message:
    """The message counts as read, by this person."""
    return inbox.mark_read(by=by, message_id=message_id, organisation_id=by.organisation_id)


def read_all(*, by: User, up_to: UUID) -> int:
    """Everything up to this message counts as read but what must be acknowledged; how many that newly are."""
    return inbox.mark_all_read(by=by, organisation_id=by.organisation_id, up_to=up_to)


def read_some(*, by: User, message_ids: Collection[UUID]) -> int:
    """These count as read but what must be acknowledged; how many that newly are."""
    return inbox.mark_some_read(by=by, organisation_id=by.organisation_id, message_ids=message_ids)


def acknowledge(*, by: User, message_id: UUID) -> Message:
    """The organisation has taken note of a must-read notice; it stands on its chain who said so (第二十一条)."""
    if not policies.may_acknowledge(by):
        raise not_allowed("代表本单位确认收悉")
    with unit_of_work():
        message, new = inbox.acknowledge(by=by, message_id=message_id, organisation_id=by.organisation_id)
        if new:
            organisation = lock(Organisation.objects.all(), by.organisation_id)
            event = message.event
            facts = {"message": str(message.pk), "topic": event.topic, "title": event.title}
            evidence.record(organisation, act="acknowledge", by=by, facts=facts)
    return message


def choose(*, by: User, for_organisation: bool, email: Mapping[str, str | None]) -> None:
    """How mails go to the caller, or to all his colleagues who have not chosen themselves. Raises GROUP_UNKNOWN."""
    if for_organisation and not policies.may_manage_channels(by):
        raise not_allowed("设置本单位的接收偏好")
    preferences.choose(owner_id=by.organisation_id if for_organisation else by.pk, email=email)
