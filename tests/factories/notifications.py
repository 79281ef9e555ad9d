"""Things told, people who can be mailed, endpoints, and what goes out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accounts.models import Organisation, User
from accounts.states import Role
from engines.notifications import services
from engines.notifications.models import Delivery, OutboxEvent, WebhookEndpoint
from engines.notifications.services import endpoints
from engines.notifications.states import Channel, Content, DeliveryState
from foundation import clock
from tests.factories.accounts import TESTER, make_user

_numbers = itertools.count(1)


def say(to: Iterable[UUID], topic: str = "contract.draft", **words: Any) -> OutboxEvent:
    """Something told to the organisations; not yet relayed."""
    return services.tell(
        organisation_ids=to, topic=topic, **{"title": "新的合同草稿", "body": "请核对条款并同意。", **words}
    )


def reachable(*roles: str, organisation: Organisation | None = None, **fields: Any) -> User:
    """Somebody with a verified address."""
    number = next(_numbers)
    fields = {"email": f"p{number}@example.com", "email_verified_at": clock.now(), **fields}
    return make_user(*(roles or (Role.PROVIDER_SIGNATORY,)), organisation=organisation, **fields)


def make_endpoint(
    organisation: Organisation, url: str = "", *, groups: tuple[str, ...] = (), shown: bool = True
) -> WebhookEndpoint:
    """An endpoint of the organisation whose secret its people know (unless not `shown`)."""
    endpoint = endpoints.register(
        by=TESTER,
        organisation_id=organisation.pk,
        label="办公系统",
        url=url or f"https://hooks{next(_numbers)}.example.com/voucher",
        groups=groups,
    )
    if shown:
        endpoint, _ = endpoints.show_secret(by=TESTER, endpoint_id=endpoint.pk, version=endpoint.version)
    return endpoint


def make_delivery(endpoint: WebhookEndpoint | None = None, person: User | None = None, **fields: Any) -> Delivery:
    """A ping to the endpoint, or a verification to the person, that is due."""
    at = clock.now()
    given: dict[str, Any] = {"state": DeliveryState.QUEUED, "next_at": at, "created_at": at, **fields}
    if endpoint is not None:
        own: dict[str, Any] = {"channel": Channel.WEBHOOK, "content": Content.PING, "endpoint": endpoint}
        return Delivery.objects.create(**{**own, "organisation_id": endpoint.organisation_id, **given})
    person = person or reachable()
    own = {"channel": Channel.EMAIL, "content": Content.VERIFICATION, "person_id": person.pk}
    return Delivery.objects.create(**{**own, "organisation_id": person.organisation_id, **given})
