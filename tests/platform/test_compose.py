"""docker-compose.yml holds together, as far as can be told without an engine."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.platform.helpers import ROOT

FILE = ROOT / "docker-compose.yml"
Compose = dict[str, Any]


@pytest.fixture
def compose() -> Compose:
    """Through JSON, so that what YAML shares by anchors is no longer shared."""
    return json.loads(json.dumps(yaml.safe_load(FILE.read_text())))


def faults(compose: Compose) -> list[str]:
    """What the published schema cannot see: names that nothing defines, and a wait that can never end."""
    services, volumes = compose["services"], set(compose.get("volumes") or {})
    found = []
    for name, service in services.items():
        for other, rule in (service.get("depends_on") or {}).items():
            if other not in services:
                found.append(f"{name}: depends on undefined service {other}")
            elif rule["condition"] == "service_healthy" and "healthcheck" not in services[other]:
                found.append(f"{name}: waits for the health of {other}, which has no health check")
            elif rule["condition"] == "service_completed_successfully" and services[other].get("restart") != "no":
                found.append(f"{name}: waits for the end of {other}, which restarts")
        for volume in service.get("volumes") or []:
            source = volume.split(":")[0]
            if not source.startswith(("/", ".")) and source not in volumes:
                found.append(f"{name}: undefined volume {source}")
    return found


def test_fits_the_published_schema():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_every_name_is_defined(compose):
    assert faults(compose) == []


def test_an_undefined_service_would_be_found(compose):
    compose["services"]["web"]["depends_on"]["cache"] = {"condition": "service_started"}
    assert faults(compose) == ["web: depends on undefined service cache"]


def test_an_undefined_volume_would_be_found(compose):
    del compose["volumes"]["files"]
    assert faults(compose) == ["web: undefined volume files", "worker: undefined volume files"]


def test_a_wait_without_end_would_be_found(compose):
    del compose["services"]["redis"]["healthcheck"]
    compose["services"]["migrate"]["restart"] = "always"
    assert "web: waits for the health of redis, which has no health check" in faults(compose)
    assert "web: waits for the end of migrate, which restarts" in faults(compose)


def test_everything_that_stays_up_has_a_health_check(compose):
    assert {name for name, service in compose["services"].items() if "healthcheck" not in service} == {"migrate"}


def test_every_process_of_ours_runs_as_production_with_its_secrets(compose):
    ours = [service for service in compose["services"].values() if "build" in service]
    assert len(ours) == 5
    for service in ours:
        environment = service["environment"]
        assert environment["VOUCHER_ENV"] == "production"
        for name in ("SECRET_KEY", "IDENTITY_KEY", "OBJECTION_KEY", "DATABASE_URL", "ALLOWED_HOSTS"):
            assert ":?" in environment[name], f"{name} must be required, without a default"
        assert {"REDIS_URL", "FILES_DIR"} <= set(environment)


def test_beat_is_one(compose):
    assert compose["services"]["beat"]["deploy"] == {"replicas": 1}
