"""The Celery application: it wakes jobs up. What they do and whether it is done stands in PostgreSQL."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voucher_platform.settings")
app = Celery("voucher_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
