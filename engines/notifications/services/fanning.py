"""Beside the inbox: who gets an event by mail, now or in tomorrow's digest, and which endpoints are posted it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engines.notifications import directory, mail, topics
from engines.notifications.models import Delivery, OutboxEvent, Preference, WebhookEndpoint
from engines.notifications.states import Channel, DeliveryState, EmailMode, EndpointState

ROWS = 1_000
Chosen = dict[tuple[UUID, str], str]


@dataclass(frozen=True)
class Part:
    """Some of the organisations that an event goes to."""

    event: OutboxEvent
    organisation_ids: list[UUID]


def fan_out(parts: list[Part], at: datetime) -> None:
    """A delivery is queued for each person and endpoint that wants the event, or must have it. Once, however often called."""
    organisations = {one for part in parts for one in part.organisation_ids}
    people: dict[UUID, list[UUID]] = defaultdict(list)
    for organisation_id, person_id in directory.known().people(organisations):
        people[organisation_id].append(person_id)
    endpoints: dict[UUID, list[WebhookEndpoint]] = defaultdict(list)
    for endpoint in WebhookEndpoint.objects.filter(organisation_id__in=organisations, state=EndpointState.ACTIVE):
        endpoints[endpoint.organisation_id].append(endpoint)
    chosen = _chosen(organisations | {person for those in people.values() for person in those}) if people else {}
    rows: list[Delivery] = []
    for part in parts:
        for organisation_id in part.organisation_ids:
            rows += _mails(part.event, organisation_id, people.get(organisation_id, []), chosen, at)
            rows += _posts(part.event, organisation_id, endpoints.get(organisation_id, []), at)
    Delivery.objects.bulk_create(rows, batch_size=ROWS, ignore_conflicts=True)


def mode(topic: topics.Topic, organisation_id: UUID, person_id: UUID, chosen: Chosen) -> str:
    """How the person gets mails of the topic: as he chose, else as his organisation did, else as the topic says."""
    for owner in (person_id, organisation_id):
        if (owner, topic.group) in chosen:
            return chosen[owner, topic.group]
    return topic.email


def _chosen(owners: set[UUID]) -> Chosen:
    rows = Preference.objects.filter(owner_id__in=owners).values_list("owner_id", "group", "email")
    return {(owner, group): email for owner, group, email in rows}


def _mails(
    event: OutboxEvent, organisation_id: UUID, people: list[UUID], chosen: Chosen, at: datetime
) -> Iterator[Delivery]:
    topic = topics.find(event.topic)
    for person_id in people:
        wanted = EmailMode.AT_ONCE if event.must_read else mode(topic, organisation_id, person_id, chosen)
        if wanted == EmailMode.OFF:
            continue
        state = DeliveryState.WAITING if wanted == EmailMode.DAILY else DeliveryState.QUEUED
        yield Delivery(
            channel=Channel.EMAIL,
            event=event,
            organisation_id=organisation_id,
            person_id=person_id,
            state=state if mail.configured() else DeliveryState.NOT_CONFIGURED,
            next_at=at,
            created_at=at,
        )


def _posts(
    event: OutboxEvent, organisation_id: UUID, endpoints: list[WebhookEndpoint], at: datetime
) -> Iterator[Delivery]:
    group = topics.find(event.topic).group
    for endpoint in endpoints:
        if event.must_read or endpoint.takes(group):
            yield Delivery(
                channel=Channel.WEBHOOK,
                event=event,
                organisation_id=organisation_id,
                endpoint=endpoint,
                next_at=at,
                created_at=at,
            )
