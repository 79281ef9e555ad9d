"""Loaded by pytest before anything reads the settings (`-p tests.plugin` in pyproject.toml).

The suite runs on a real PostgreSQL: a throwaway server in memory, or the one TEST_DATABASE_URL names.
DATABASE_URL itself is not used, so that a suite started in a shell set up for a real database cannot touch it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Generator

import pytest
from django.conf import settings

from voucher_platform.embedded import postgres

_resources = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """A wrapper runs before every plain hook, also before pytest-django's, which reads the settings."""
    if "PYTEST_XDIST_WORKER" not in os.environ:  # workers inherit what the first process set
        _set_environment()
    return (yield)


def _set_environment() -> None:
    state_dir = _resources.enter_context(tempfile.TemporaryDirectory(prefix="voucher-state-"))
    database = os.environ.get("TEST_DATABASE_URL") or _resources.enter_context(postgres.throwaway())
    os.environ |= {
        "VOUCHER_ENV": "development",
        "DATABASE_URL": database,
        "REDIS_URL": "memory://",
        "STATE_DIR": state_dir,
        "FILES_DIR": f"{state_dir}/files",
    }


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Password hashing is slow on purpose; a thousand made-up users do not need it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure() -> None:
    _resources.close()
