"""Environment helpers that refuse nonsense instead of guessing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import unquote, urlsplit

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


def networks(name: str) -> list[str]:
    """Comma-separated networks such as 10.20.0.0/16."""
    found = words(name, [])
    for one in found:
        try:
            ip_network(one)
        except ValueError:
            raise ImproperlyConfigured(f"{name}: {one!r} is not a network such as 10.20.0.0/16") from None
    return found


@dataclass(frozen=True)
class Mail:
    """A mail server: in the clear, with TLS from the start, or with STARTTLS."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool


_MAIL_PORTS = {"smtp": 25, "smtps": 465, "smtp+tls": 587}


def mail(name: str) -> Mail | None:
    """smtp://host, smtps://user:password@host:465 or smtp+tls://…; None when it is unset."""
    value = os.environ.get(name, "")
    if value == "":
        return None
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _MAIL_PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ImproperlyConfigured(f"{name}: use smtp://host:25, smtps://user:password@host or smtp+tls://…")
    return Mail(
        host=parts.hostname,
        port=port or _MAIL_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp+tls",
    )


def require(*names: str) -> None:
    """Refuse to start, naming every missing variable at once."""
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(f"production needs these environment variables: {', '.join(missing)}")
