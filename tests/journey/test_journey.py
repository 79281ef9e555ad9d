"""`make journey` as a person starts it: a process of its own, whatever the calling shell is set up for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def journey() -> subprocess.CompletedProcess[str]:
    """One run, in a shell that points at a database it must not touch."""
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/never", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "tests.journey"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def last_line(journey: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert journey.returncode == 0, journey.stderr
    summary: dict[str, Any] = json.loads(journey.stdout.splitlines()[-1])
    return summary


def test_the_last_line_tells_the_year_in_numbers(last_line):
    seconds = last_line.pop("seconds")
    assert last_line == {
        "contracts": 43,
        "paid_fen": 55_490_000,
        "carried_over": 6,
        "quota_expired_fen": 141_210_000,
        "ledger_balanced": True,
        "invariants_checked": 26,
    }
    assert seconds > 0


def test_the_table_has_a_line_for_each_contract(journey, last_line):
    lines = [line for line in journey.stdout.splitlines() if line.startswith("FWQ-")]
    assert len(lines) == last_line["contracts"]
