"""A browser without a script: signs in, opens pages, sends the forms of acts."""

from __future__ import annotations

import itertools
from typing import Any

from django.test import Client

from accounts.models import User
from accounts.states import Role
from providers.models import Provider
from tests.factories.accounts import make_user
from tests.factories.providers import signatory_of

_keys = itertools.count(1)

# what a provider states of itself, as its forms ask it
UNIT = {
    "name": "广西示例数智服务有限公司",
    "region_code": "450103",
    "address": "民族大道8号",
    "founded_on": "2015-03-12",
    "legal_representative": "王五",
}
CONTACT = {"contact_name": "赵六", "contact_phone": "10087654321"}
ABILITY = {"core_staff": "26", "clients_last_year": "48", "revenue_last_year": "9,600,000.00"}


def browser(user: User | None = None) -> Client:
    """Signed in as that person, or as nobody."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def agent_of(provider: Provider) -> User:
    """Somebody who works for the provider without signing for it."""
    return make_user(Role.PROVIDER_AGENT, organisation=provider.organisation)


def read(user: User, address: str, /, status: int = 200) -> str:
    """The page as text."""
    answer = browser(user).get(address)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


def send(user: User, page: str, /, key: str = "", **fields: Any) -> Any:
    """The act's form, with a key of its own."""
    return browser(user).post(page, {"once": key or f"key-{next(_keys)}", **fields})


def done(user: User, page: str, /, **fields: Any) -> str:
    """The act went through; where it led."""
    answer = send(user, page, **fields)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return str(answer["Location"])


def refused(user: User, page: str, status: int, /, **fields: Any) -> str:
    """The act did not go through; what its page says."""
    answer = send(user, page, **fields)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


__all__ = ["agent_of", "browser", "done", "read", "refused", "send", "signatory_of"]
