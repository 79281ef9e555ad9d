"""Celery and what beat wakes up when: the embedded Valkey when REDIS_URL is unset.

Correctness lives in PostgreSQL; the queue only wakes.
"""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

from voucher_platform import env
from voucher_platform.embedded import valkey
from voucher_platform.settings.environment import STATE_DIR

REDIS_URL = env.text("REDIS_URL") or valkey.url(STATE_DIR)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 1500
CELERY_TASK_TIME_LIMIT = 1800
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {  # visibility must exceed twice the longest task, or it runs again meanwhile
    "visibility_timeout": 3600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "socket_connect_timeout": 5,
}
CELERY_BEAT_SCHEDULE: dict[
    str, dict[str, Any]
] = {  # a wake-up that no worker took in time is dropped: the next one does the same work
    name: {"task": "foundation.run_job", "schedule": schedule, "args": [name], "options": {"expires": expires}}
    for name, schedule, expires in (
        ("relay_outbox", 5.0, 5),
        ("send_mail", 30.0, 30),
        ("send_webhooks", 30.0, 30),
        ("send_digests", crontab(hour=8, minute=30), 43_200),
        ("remind_unacknowledged", crontab(hour=8, minute=15), 43_200),  # before the digest
        ("watch_budget", 60.0, 60),
        ("remind_quarterly_report", crontab(hour=8, minute=0), 43_200),
        ("time_out_holds", crontab(minute="*/10"), 600),
        ("time_out_deposits", crontab(minute="*/10"), 600),
        ("close_year", crontab(minute=0), 3600),  # hourly: midnight missed is made good at one o'clock
        ("close_rounds", crontab(hour=0, minute=5), 43_200),
        ("lapse_corrections", crontab(hour=0, minute=15), 43_200),
        ("end_barred_applications", crontab(minute=50), 3600),  # hourly: a barred code goes no further anyway
        ("expire_listings", crontab(hour=0, minute=10), 43_200),
        ("expire_demands", crontab(hour=0, minute=15), 43_200),
        ("keep_words", crontab(minute="*/10"), 600),
        ("mark_overdue", crontab(hour=0, minute=20), 43_200),
        ("lapse_unclaimed", crontab(hour=0, minute=30), 43_200),
        ("keep_waits", crontab(hour=2, minute=20), 43_200),
        ("remind_waiting", crontab(hour=8, minute=30), 43_200),
        ("settle_resumed", crontab(minute="*/10"), 600),
        ("close_intakes", crontab(hour=0, minute=5), 43_200),
        ("time_out_corrections", crontab(hour=0, minute=35), 43_200),
        ("finish_refusals", crontab(hour=0, minute=40), 43_200),
        ("warn_overdue_claims", crontab(hour=8, minute=30), 43_200),
        ("carry_over_claims", crontab(minute=5), 3600),  # hourly, after close_year
        ("watch_publicities", crontab(hour=7, minute=30), 43_200),  # before the office opens
        ("update_caps", crontab(minute=40), 3600),  # hourly: a lowered cap should not be signed against all day
        ("expire_credit_records", crontab(hour=0, minute=50), 43_200),
        ("watch_complaints", crontab(hour=7, minute=40), 43_200),
        ("warn_overdue_checks", crontab(hour=7, minute=40), 43_200),
        ("warn_overdue_applications", crontab(hour=7, minute=40), 43_200),
        ("regrade_enterprises", crontab(hour=1, minute=0), 43_200),
        ("close_returned_registrations", crontab(hour=0, minute=40), 43_200),
        ("recompute_ledger", crontab(hour=2, minute=30), 43_200),
        ("verify_evidence", crontab(hour=3, minute=0), 43_200),
        ("purge_kept_answers", crontab(hour=3, minute=30), 43_200),
        ("purge_drafts", crontab(hour=3, minute=35), 43_200),
        ("purge_uploads", crontab(minute=45), 3600),
    )
}
