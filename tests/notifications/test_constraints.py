"""What the database holds of messages, by the constraint's name."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from engines.notifications import services
from engines.notifications.models import Message
from foundation import clock
from foundation.ids import new_id

pytestmark = pytest.mark.django_db


def test_an_event_reaches_an_organisation_once() -> None:
    organisation = new_id()
    services.tell(organisation_ids=[organisation], topic="t", title="标题", body="正文")
    services.relay()
    message = Message.objects.get()
    with pytest.raises(IntegrityError, match="message_once"), transaction.atomic():
        Message.objects.create(event=message.event, organisation_id=organisation, created_at=clock.now())
    assert Message.objects.count() == 1
    Message.objects.create(event=message.event, organisation_id=new_id(), created_at=clock.now())
