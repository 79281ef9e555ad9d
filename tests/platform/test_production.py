"""Production refuses to start without its secrets, naming each."""

from __future__ import annotations

import pytest

from tests.platform.helpers import python

SECRETS = {
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "DATABASE_URL": "postgresql://app:app@db/app",
    "REDIS_URL": "redis://redis:6379/0",
    "ALLOWED_HOSTS": "voucher.example",
    "FILES_DIR": "/srv/files",
    "IDENTITY_KEY": "zyxwvutsrqponmlkjihgfedcba9876543210",
    "OBJECTION_KEY": "abcdefghijklmnopqrstuvwxyz9876543210",
    "WEBHOOK_KEY": "0123456789zyxwvutsrqponmlkjihgfedcba",
}
START = "from voucher_platform import settings; print(settings.SESSION_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS)"


@pytest.mark.parametrize("missing", SECRETS)
def test_names_the_one_that_is_missing(missing):
    given = {name: value for name, value in SECRETS.items() if name != missing}
    done = python(START, VOUCHER_ENV="production", **given)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(f"production needs these environment variables: {missing}")


def test_names_all_that_are_missing_at_once():
    done = python(START, VOUCHER_ENV="production")
    assert done.stderr.strip().endswith(f"production needs these environment variables: {', '.join(SECRETS)}")


def test_starts_with_all_of_them_and_is_strict_about_transport():
    done = python(START, VOUCHER_ENV="production", **SECRETS)
    assert (done.stdout.strip(), done.stderr) == ("True 31536000", "")


def test_a_misspelt_environment_is_refused():
    done = python(START, VOUCHER_ENV="prod")
    assert "VOUCHER_ENV='prod': use 'development' or 'production'" in done.stderr


def test_development_needs_nothing():
    assert python(START).returncode == 1  # no SESSION_COOKIE_SECURE there
    done = python("from voucher_platform import settings; print(settings.PRODUCTION, settings.DEBUG)")
    assert (done.stdout.strip(), done.stderr) == ("False False", "")
