"""What the platform's own tables need at night."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from foundation import clock, drafts
from foundation.jobs import job
from foundation.models import Draft, KeptAnswer

AT_ONCE = 5_000  # rows per transaction: their locks last milliseconds


@job("purge_kept_answers", "清理过期的幂等应答")
def purge_kept_answers(day: date) -> dict[str, Any]:
    """Answers kept for an Idempotency-Key more than KEPT_ANSWER_DAYS days before `day` are gone.

    What they tell of stays done; a retry as late as that is a new request. A day that has not come counts as today.
    """
    before = clock.start_of(min(day, clock.today()) - timedelta(days=settings.KEPT_ANSWER_DAYS))
    purged = 0
    while True:
        with transaction.atomic():
            old = KeptAnswer.objects.filter(created_at__lt=before).order_by("created_at").values("pk")[:AT_ONCE]
            gone, _ = KeptAnswer.objects.filter(pk__in=old).delete()
        if not gone:
            return {"purged": purged}
        purged += gone


@job("purge_drafts", "清理过期的填报草稿")
def purge_drafts(day: date) -> dict[str, Any]:
    """Forms that nobody sent or saved again for DRAFT_DAYS days before `day` are gone, with all that was typed.

    A day that has not come counts as today.
    """
    gone, _ = Draft.objects.filter(saved_at__lt=drafts.over(min(day, clock.today()))).delete()
    return {"purged": gone}
