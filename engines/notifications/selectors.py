"""Reads of the inbox, and of how far an announcement has got."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from engines.notifications import topics
from engines.notifications.models import Message, OutboxEvent, Preference

MOST_PRESSING = 20


@dataclass(frozen=True)
class Summary:
    """What waits in an organisation's inbox. `pressing` is what it must acknowledge, oldest first."""

    unread: int
    must_read: int
    groups: dict[str, int]
    pressing: list[Message]


@dataclass(frozen=True)
class Choice:
    """How mails of one group go to a person: what he chose, what his organisation did, what holds."""

    group: str
    label: str
    own: str | None
    organisation: str | None
    in_force: str


def inbox(organisation_id: UUID) -> models.QuerySet[Message]:
    """The organisation's messages, with what they say and who read them."""
    return Message.objects.filter(organisation_id=organisation_id).select_related("event", "read_by", "acknowledged_by")


def summary(organisation_id: UUID) -> Summary:
    """What waits."""
    own = Message.objects.filter(organisation_id=organisation_id)
    unread = own.filter(read_at=None).values_list("event__topic").annotate(number=Count("pk"))
    by_group: dict[str, int] = {}
    for topic, number in unread:
        group = topics.find(topic).group
        by_group[group] = by_group.get(group, 0) + number
    pressing = inbox(organisation_id).filter(must_read=True, acknowledged_at=None)
    return Summary(
        unread=sum(by_group.values()),
        must_read=pressing.count(),
        groups=by_group,
        pressing=list(pressing.order_by("pk")[:MOST_PRESSING]),
    )


def of_group(rows: models.QuerySet[Message], group: str) -> models.QuerySet[Message]:
    """Those of the topics that the files put into the group; what no file knows is in the group of the others."""
    known = topics.catalogue().topics
    if group == topics.OTHER:
        return rows.exclude(event__topic__in=[code for code, one in known.items() if one.group != group])
    return rows.filter(event__topic__in=[code for code, one in known.items() if one.group == group])


def announcements() -> models.QuerySet[OutboxEvent]:
    """What organisations must acknowledge, with how many it was told to, reached, and who have read and acknowledged it."""
    return OutboxEvent.objects.filter(must_read=True).annotate(
        told=Coalesce(models.F("organisation_ids__len"), 0),
        read=_count(Q(read_at__isnull=False)),
        acknowledged=_count(Q(acknowledged_at__isnull=False)),
    )


def receivers() -> models.QuerySet[Message]:
    """Who was told what must be acknowledged."""
    return Message.objects.filter(must_read=True).select_related("event")


def choices(*, person_id: UUID, organisation_id: UUID) -> list[Choice]:
    """How mails of every group of topics go to the person."""
    rows = Preference.objects.filter(owner_id__in=[person_id, organisation_id])
    chosen = {(row.owner_id, row.group): str(row.email) for row in rows}
    return [
        Choice(
            group=group,
            label=label,
            own=chosen.get((person_id, group)),
            organisation=chosen.get((organisation_id, group)),
            in_force=chosen.get((person_id, group)) or chosen.get((organisation_id, group)) or "by_topic",
        )
        for group, label in topics.groups().items()
    ]


def _count(condition: Q) -> Coalesce:
    those = Message.objects.filter(condition, must_read=True, event=OuterRef("pk")).order_by().values("event")
    return Coalesce(Subquery(those.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0)
