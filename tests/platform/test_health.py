"""The probes: for whoever restarts and whoever routes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from kombu.exceptions import OperationalError as BrokerError

from engines.notifications import services as notifications
from foundation import clock
from voucher_platform import health

GOOD = {"database": True, "migrations": True, "broker": True}


@pytest.fixture(autouse=True)
def _forget() -> None:
    health._all_applied.cache_clear()


def test_live_needs_nothing(client: Client):
    answer = client.get("/health/live/")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


@pytest.mark.parametrize("host", ["10.1.2.3", "no-such-host.example"])
def test_a_probe_may_call_by_any_host_name(client: Client, host):
    assert client.get("/health/live/", headers={"host": host}).status_code == 200
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.django_db
def test_ready(client: Client):
    answer = client.get("/health/ready/")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": GOOD, "outbox_oldest_seconds": None}


@pytest.mark.django_db
def test_tells_the_age_of_the_oldest_unsent_notice(client: Client):
    now = clock.now()
    for age in (90, 30):
        with time_machine.travel(now - timedelta(seconds=age), tick=False):
            notifications.tell(organisation_ids=[], topic="x", title="题", body="文")
    with time_machine.travel(now, tick=False):
        assert client.get("/health/ready/").json()["outbox_oldest_seconds"] == 90
        notifications.relay()
        assert client.get("/health/ready/").json()["outbox_oldest_seconds"] is None


@pytest.mark.django_db
def test_not_ready_without_the_broker(client: Client, monkeypatch):
    def unreachable(**options):
        raise BrokerError("connection refused")

    monkeypatch.setattr(health.app, "connection_for_write", unreachable)
    answer = client.get("/health/ready/")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {**GOOD, "broker": False}


def test_not_ready_without_the_database(client: Client, monkeypatch):
    def lost():
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(health.connection, "cursor", lost)
    answer = client.get("/health/ready/")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": False, "migrations": False, "broker": True}


@pytest.mark.django_db
def test_not_ready_before_the_last_migration_and_ready_after_it(client: Client, monkeypatch):
    plan = [("foundation.0002_next", False)]
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, leaves: plan)
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()["checks"]) == (503, {**GOOD, "migrations": False})
    plan.clear()
    assert client.get("/health/ready/").status_code == 200
