"""What beat does with the credit file."""

from __future__ import annotations

from datetime import date
from typing import Any

from credit.models import CreditRecord
from credit.services import records, reminding
from credit.states import RECORD_STANDING
from foundation import clock
from foundation.actors import SystemActor
from foundation.jobs import job

BEAT = SystemActor("expire_credit_records")


@job("expire_credit_records", "信用记录期满检查")
def expire_credit_records(day: date) -> dict[str, Any]:
    """Records whose last day has passed are over."""
    due = CreditRecord.objects.filter(state__in=sorted(RECORD_STANDING), until__lt=day)
    ended = [records.expire(by=BEAT, record_id=pk, day=day) for pk in due.order_by("pk").values_list("pk", flat=True)]
    return {"expired": sum(ended)}


@job("watch_complaints", "投诉办理期限提醒")
def watch_complaints(day: date) -> dict[str, Any]:
    """The office whose turn it is hears once that a complaint's last day is near, and once that it is over.

    A day that has not come counts as today.
    """
    day = min(day, clock.today())
    return {"reminded": sum(reminding.remind(one, day) for one in reminding.due_by(day))}
