"""The one Celery task: run a named job."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from django.db import InterfaceError, OperationalError

from foundation import jobs
from foundation.errors import Refused

log = logging.getLogger(__name__)


@shared_task(
    name="foundation.run_job",
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=2,
    retry_backoff_max=120,
    retry_jitter=True,
    max_retries=6,
)
def run_job(name: str) -> dict[str, Any] | None:
    """The job has run for today's civil date, or was running already (None).

    A lost database is tried again after 2, 4, 8 … seconds; any other error is a defect, logged by
    Celery, and the next beat tries again: every job is idempotent.
    """
    try:
        result = jobs.run(name)
    except Refused as refusal:
        if refusal.code != "JOB_RUNNING":
            raise
        log.info("job %s is running already", name)
        return None
    log.info("job %s: %s", name, result)
    return result
