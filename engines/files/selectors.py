"""Which files an organisation may read."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from engines.files.models import StoredFile


def readable_by(organisation_id: UUID) -> models.QuerySet[StoredFile]:
    """Its own uploads and what was shared with it."""
    return StoredFile.objects.filter(
        Q(organisation_id=organisation_id) | Q(readers__organisation_id=organisation_id)
    ).distinct()
