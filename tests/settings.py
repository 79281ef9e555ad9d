"""The platform's own settings, for the test suite: on a throwaway PostgreSQL and with nothing of this shell's.

pytest-django reads the settings before any conftest.py is loaded, so the server is started from here: in
memory, or the one TEST_DATABASE_URL names. DATABASE_URL itself is not used, so that a suite started in a
shell set up for a real database cannot touch it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import tempfile

from tests import database

if "PYTEST_XDIST_WORKER" not in os.environ:  # workers inherit what the first process set
    resources = contextlib.ExitStack()
    atexit.register(resources.close)
    state_dir = resources.enter_context(tempfile.TemporaryDirectory(prefix="voucher-state-"))
    os.environ |= {
        "VOUCHER_ENV": "development",
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or resources.enter_context(database.server()),
        "REDIS_URL": "memory://",
        "STATE_DIR": state_dir,
        "FILES_DIR": f"{state_dir}/files",
        "STATIC_FROM_SOURCE": "true",
    }

from voucher_platform.settings import *  # noqa: F403 - read from the environment made above

if "TEST_DATABASE_URL" not in os.environ:
    DATABASES["default"]["TEST"] = {"TEMPLATE": database.MIGRATED}  # noqa: F405

# Slow on purpose in production; a thousand made-up users do not need it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
