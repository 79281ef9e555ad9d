"""What the tests of this room share: people, a demand driven through the services, many threads at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from accounts.states import Role
from demands.models import Demand, Response
from foundation.errors import DomainError
from tests.factories.accounts import make_user


def agents(demand: Demand, count: int = 1) -> list[User]:
    """Agents of the demand's enterprise."""
    return [make_user(Role.ENTERPRISE_AGENT, organisation=demand.enterprise.organisation) for _ in range(count)]


def agent_of_provider(response: Response) -> User:
    """An agent of the provider that answered."""
    return make_user(Role.PROVIDER_AGENT, organisation=response.provider.organisation)


def again(row: Any) -> Any:
    """The row as it stands in the database now."""
    return type(row)._base_manager.get(pk=row.pk)


def refusal(code: str, row: Any, act: Callable[..., Any], **fields: Any) -> DomainError:
    """The act is refused with the code, and the row is as it was."""
    before = again(row)
    with pytest.raises(DomainError) as caught, transaction.atomic():
        act(**fields)
    assert caught.value.code == code
    assert (again(row).version, again(row).state) == (before.version, before.state)
    return caught.value
