"""Shared by the settlement tests: refusals that changed nothing, and where the money stands."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import transaction

from contracts.models import Contract
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from engines.ledger import selectors as ledger
from engines.ledger.models import Entry
from engines.notifications.models import OutboxEvent
from foundation.errors import DomainError
from programmes import books
from settlement.models import Batch, Claim, PayoutOrder

WATCHED = (Claim, Batch, PayoutOrder, Contract, EvidenceRecord, Entry, OutboxEvent)


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


def last(subject) -> EvidenceRecord:
    """The latest record of the subject's chain."""
    record = of_subject(subject).last()
    assert record is not None
    return record


def lines(case) -> dict[str, tuple[str, Decimal]]:
    """Bucket and amount of the case's hold in each book."""
    return {line.book: (str(line.bucket), line.amount) for line in ledger.lines(case.deal.at.hold)}


def standing(quota: str, cap: str, budget: str, amount: str) -> dict[str, tuple[str, Decimal]]:
    """The same amount in these buckets of the three books."""
    amount_ = Decimal(amount)
    return {books.QUOTA: (quota, amount_), books.CAP: (cap, amount_), books.BUDGET: (budget, amount_)}
