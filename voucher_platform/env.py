"""Environment helpers that refuse nonsense instead of guessing."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    """'true' or 'false'; anything else is an error, not False."""
    value = os.environ.get(name, "")
    if value == "":
        return default
    if value not in ("true", "false"):
        raise ImproperlyConfigured(f"{name}={value!r}: use 'true' or 'false'")
    return value == "true"


def whole(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    if value == "":
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r}: use a whole number") from None


def words(name: str, default: list[str]) -> list[str]:
    """Comma-separated."""
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def require(*names: str) -> None:
    """Refuse to start, naming every missing variable at once."""
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(f"production needs these environment variables: {', '.join(missing)}")
