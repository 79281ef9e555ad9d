"""Two probes for whoever restarts or routes: does the process live, and can it serve.

They answer before Django looks at the Host header, because a probe calls by the container's own address.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from kombu.exceptions import OperationalError as BrokerError

from engines.notifications.models import OutboxEvent
from foundation import clock
from voucher_platform.celery import app

log = logging.getLogger(__name__)
Answer = Callable[[HttpRequest], HttpResponseBase]


def probes(get_response: Answer) -> Answer:
    """Middleware: /health/live/ and /health/ready/ answer here, everything else goes on."""
    pages = {"/health/live/": live, "/health/ready/": ready}

    def answer(request: HttpRequest) -> HttpResponseBase:
        return pages.get(request.path_info, get_response)(request)

    return answer


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, every migration is applied and the broker is reachable; else 503.

    The age of the oldest unsent notice is told, in seconds: when it grows, no worker or no beat is running.
    """
    checks = {"database": _database(), "migrations": False, "broker": _broker()}
    age = None
    if checks["database"]:
        checks["migrations"] = _migrated()
        age = _outbox_age() if checks["migrations"] else None
    good = all(checks.values())
    body = {"status": "ready" if good else "not_ready", "checks": checks, "outbox_oldest_seconds": age}
    return JsonResponse(body, status=200 if good else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("not ready: database: %s", error)
        connection.close()
        return False
    return True


def _migrated() -> bool:
    try:
        return _all_applied()
    except _Pending as pending:
        log.warning("not ready: migration %s is not applied", pending)
        return False


class _Pending(Exception):
    """Some migration is not applied. An exception, because a cache keeps answers and not exceptions."""


@functools.cache
def _all_applied() -> bool:
    """Asked once: a process never loses a migration it has seen applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise _Pending(plan[0][0])
    return True


def _broker() -> bool:
    try:
        with app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (BrokerError, OSError) as error:
        log.warning("not ready: broker: %s", error)
        return False
    return True


def _outbox_age() -> float | None:
    """Seconds since the oldest unsent notice was written; None when all are sent."""
    oldest = OutboxEvent.objects.filter(sent_at=None).order_by("pk").values_list("created_at", flat=True).first()
    return None if oldest is None else round((clock.now() - oldest).total_seconds(), 1)
