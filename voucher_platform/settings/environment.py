"""Where the platform runs, and what it then insists on. Production refuses to start without its secrets."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from voucher_platform import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STATE_DIR = Path(env.text("STATE_DIR", str(BASE_DIR / ".dev"))).resolve()

ENVIRONMENT = env.text("VOUCHER_ENV", "development")
if ENVIRONMENT not in ("development", "production"):
    raise ImproperlyConfigured(f"VOUCHER_ENV={ENVIRONMENT!r}: use 'development' or 'production'")
PRODUCTION = ENVIRONMENT == "production"
if PRODUCTION:
    env.require(
        "SECRET_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "ALLOWED_HOSTS",
        "FILES_DIR",
        "IDENTITY_KEY",
        "OBJECTION_KEY",
        "WEBHOOK_KEY",
    )
