"""Shared by the contract tests: refusals that changed nothing, and where the money stands."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import transaction

from contracts.models import (
    Contract,
    Invoice,
    MilestoneEvidence,
    PaymentOrder,
    RelatedPermit,
    Signature,
    Supplement,
    Termination,
)
from engines.evidence.models import EvidenceRecord
from engines.ledger import selectors as ledger
from engines.ledger.models import Entry
from engines.notifications.models import OutboxEvent
from foundation.errors import DomainError
from programmes import books
from tests.factories.contracts import Deal

WATCHED = (
    Contract,
    PaymentOrder,
    Invoice,
    Signature,
    Supplement,
    Termination,
    RelatedPermit,
    MilestoneEvidence,
    EvidenceRecord,
    Entry,
    OutboxEvent,
)


def _picture():
    return {model: list(model.objects.order_by("pk").values()) for model in WATCHED}


@contextmanager
def refused(code: str):
    """The block raises `code` and not a row of ours has changed."""
    before = _picture()
    with pytest.raises(DomainError) as caught, transaction.atomic():
        yield caught
    assert caught.value.code == code, caught.value
    assert _picture() == before


def money(deal: Deal, year: int) -> dict[str, dict[str, Decimal]]:
    """The buckets in use on each of the deal's three accounts, zeros left out."""
    owners = {
        books.QUOTA: str(deal.parties.enterprise.pk),
        books.CAP: str(deal.parties.provider.pk),
        books.BUDGET: books.BUDGET_OWNER,
    }
    result = {}
    for book, owner in owners.items():
        account = ledger.account_id(book, owner, year)
        if account is not None:
            held = ledger.balance(account)
            names = ("reserved", "committed", "due", "consumed", "expired", "carried")
            result[book] = {name: getattr(held, name) for name in names if getattr(held, name)}
    return result


def everywhere(bucket: str, amount: str) -> dict[str, dict[str, Decimal]]:
    """The same amount in the same bucket of all three accounts, and nothing else."""
    return {book: {bucket: Decimal(amount)} for book in (books.QUOTA, books.CAP, books.BUDGET)}


def nowhere() -> dict[str, dict[str, Decimal]]:
    return {book: {} for book in (books.QUOTA, books.CAP, books.BUDGET)}
