"""Shared by the accreditation tests: refusals that changed nothing."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.db import transaction

from accreditation.models import (
    Application,
    Ask,
    Client,
    ConditionCheck,
    Expert,
    Material,
    Panel,
    Round,
    ScoreSheet,
    Tie,
)
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from engines.notifications.models import OutboxEvent
from foundation.errors import DomainError
from providers.models import Listing, Product, ProductVersion

WATCHED = (
    *(Round, Application, Material, Client, ConditionCheck, Ask, Expert, Tie, Panel, ScoreSheet),
    *(Listing, Product, ProductVersion, EvidenceRecord, OutboxEvent),
)


def picture():
    return {model: list(model.objects.order_by("pk").values()) for model in WATCHED}


@contextmanager
def refused(code: str):
    """The block raises `code` and not a row of ours has changed."""
    before = picture()
    with pytest.raises(DomainError) as caught, transaction.atomic():
        yield caught
    assert caught.value.code == code, caught.value
    assert picture() == before


def acts(subject) -> list[str]:
    """What was done to it, in order."""
    return [record.act for record in of_subject(subject)]


def last(subject) -> EvidenceRecord:
    """The latest record of the subject's chain."""
    record = of_subject(subject).last()
    assert record is not None
    return record
