"""The daily digest: one mail a person with what came since the last one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from engines.notifications.models import Delivery
from engines.notifications.states import Channel, Content, DeliveryState
from foundation import clock


def gather(day: date) -> int:
    """Everybody with notices waiting has one digest of `day` on its way; how many people that newly are.

    Who has had the day's digest already gets what came after it with the next day's.
    """
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING, created_at__lt=clock.end_of(day))
    people = waiting.order_by("person_id").values_list("person_id", flat=True).distinct()
    return sum(_gather_for(person_id, day) for person_id in list(people) if person_id)


def _gather_for(person_id: UUID, day: date) -> bool:
    with transaction.atomic():
        items = list(
            Delivery.objects.select_for_update(of=("self",), no_key=True)
            .filter(person_id=person_id, state=DeliveryState.WAITING, created_at__lt=clock.end_of(day))
            .order_by("pk")
        )
        if not items:  # another run had them first
            return False
        if Delivery.objects.filter(person_id=person_id, content=Content.DIGEST, civil_date=day).exists():
            return False
        at = clock.now()
        digest = Delivery.objects.create(
            channel=Channel.EMAIL,
            content=Content.DIGEST,
            organisation_id=items[0].organisation_id,
            person_id=person_id,
            civil_date=day,
            next_at=at,
            created_at=at,
        )
        Delivery.objects.filter(pk__in=[item.pk for item in items]).update(state=DeliveryState.GATHERED, digest=digest)
    return True
