"""What beat does with the credit file."""

from __future__ import annotations

from datetime import date
from typing import Any

from credit.models import CreditRecord
from credit.services import records
from credit.states import RECORD_STANDING
from foundation.actors import SystemActor
from foundation.jobs import job

BEAT = SystemActor("expire_credit_records")


@job("expire_credit_records", "信用记录期满检查")
def expire_credit_records(day: date) -> dict[str, Any]:
    """Records whose last day has passed are over."""
    due = CreditRecord.objects.filter(state__in=sorted(RECORD_STANDING), until__lt=day)
    ended = [records.expire(by=BEAT, record_id=pk, day=day) for pk in due.order_by("pk").values_list("pk", flat=True)]
    return {"expired": sum(ended)}
