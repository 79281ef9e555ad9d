"""Forms of several pages that are not sent yet, of people who have no account yet: a row each, opened by a code.

The code is told once to whoever fills in the form and kept as its digest only: it opens the draft in another browser,
on another device, for settings.DRAFT_DAYS days after it was last saved. What must not lie about (passwords, identity
numbers) is for the form to leave out.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.hashes import SM3, Hash
from django.conf import settings
from django.db import models

from foundation import clock
from foundation.models import Draft

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none of I, L, O, U
GROUPS, GROUP = 5, 4  # 100 bits: nobody finds one by trying


def begin(kind: str, answers: Mapping[str, Any]) -> str:
    """A draft of that kind holds the answers. Its code, told here and never again."""
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    Draft.objects.create(kind=kind, code_sm3=_digest(code), answers=dict(answers), saved_at=clock.now())
    return code


def save(kind: str, code: str, answers: Mapping[str, Any]) -> bool:
    """The draft holds these answers, and its days count from now; False when there is no such draft any more."""
    found = _standing().filter(kind=kind, code_sm3=_digest(code))
    return found.update(answers=dict(answers), saved_at=clock.now()) == 1


def answers(kind: str, code: str) -> dict[str, Any] | None:
    """What the draft holds; None when there is none of the kind with this code, or its days are over."""
    row = _standing().filter(kind=kind, code_sm3=_digest(code)).first()
    return dict(row.answers) if row is not None else None


def forget(kind: str, code: str) -> None:
    """The draft is gone: it was sent, or thrown away."""
    Draft.objects.filter(kind=kind, code_sm3=_digest(code)).delete()


def over(day: date) -> datetime:
    """What was last saved before this moment is over on `day`."""
    return clock.start_of(day - timedelta(days=settings.DRAFT_DAYS))


def _standing() -> models.QuerySet[Draft]:
    return Draft.objects.filter(saved_at__gte=over(clock.today()))


def _digest(code: str) -> str:
    """Of the code, however it was typed: small letters, blanks, without its dashes."""
    digest = Hash(SM3())
    digest.update("".join(code.upper().replace("-", "").split()).encode())
    return digest.finalize().hex()
