"""Reads of the archive room."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from accounts.states import Role
from contracts import selectors as contracts
from contracts.models import Contract
from records.models import Download
from records.policies import READERS


def archived(user: User) -> models.QuerySet[Contract]:
    """The contracts whose archive the caller may know of: those he may see; for the auditor all."""
    return contracts.whole_rows() if user.has(Role.AUDITOR) else contracts.visible_to(user)


def visible_downloads(user: User) -> models.QuerySet[Download]:
    """Whoever may read every archive sees who took one; a party what its own people took."""
    rows = Download.objects.select_related("contract", "by__organisation")
    if user.has(*READERS):
        return rows
    return rows.filter(contract__in=contracts.visible_to(user), by__organisation=user.organisation_id)
