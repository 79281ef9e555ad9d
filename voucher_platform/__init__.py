"""Wiring only: settings, addresses, Celery, the embedded servers. Nobody imports it."""

from voucher_platform.celery import app as celery_app

__all__ = ["celery_app"]
