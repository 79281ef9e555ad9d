"""A subject's trail, as every room's API shows it."""

from __future__ import annotations

from rest_framework import serializers

from engines.evidence.models import EvidenceRecord


class TrailOut(serializers.ModelSerializer[EvidenceRecord]):
    """Who did what, when and why, with the hashes."""

    class Meta:
        model = EvidenceRecord
        fields = ["seq", "act", "actor_label", "at", "reason", "facts", "previous", "hash"]
