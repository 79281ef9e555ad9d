"""Shared by the tests of enterprises and providers: refusals that changed nothing, people, and amounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from accounts.models import User
from accounts.states import Role
from engines.ledger import selectors as ledger
from enterprises.models import Enterprise
from foundation import clock
from foundation.errors import DomainError
from programmes import books
from tests.factories.accounts import make_user

ROOMS = ("accounts", "registry", "enterprises", "providers", "evidence", "notifications", "ledger")


def picture() -> dict[Any, Any]:
    """Every row of the rooms and engines that these tests touch."""
    models = [model for label in ROOMS for model in apps.get_app_config(label).get_models()]
    return {model: sorted(map(str, model._default_manager.values_list())) for model in models}


@contextmanager
def refused(code: str) -> Iterator[Any]:
    """The block raises `code`, and not a row has changed."""
    before = picture()
    with pytest.raises(DomainError) as caught, transaction.atomic():
        yield caught
    assert caught.value.code == code, caught.value
    assert picture() == before


def fresh(row: Any) -> Any:
    """The row as the database has it now."""
    return type(row)._base_manager.get(pk=row.pk)


def signatory(enterprise: Enterprise) -> User:
    return make_user(Role.ENTERPRISE_SIGNATORY, organisation=enterprise.organisation)


def agent(enterprise: Enterprise) -> User:
    return make_user(Role.ENTERPRISE_AGENT, organisation=enterprise.organisation)


def quota_balance(enterprise: Enterprise, year: int | None = None) -> ledger.Balance:
    """What the ledger holds of the enterprise's quota."""
    return ledger.balance(books.quota(enterprise.pk, year or clock.today().year))


def yuan(amount: int | str) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))
