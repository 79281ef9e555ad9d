"""A browser's client, posting what an act's page would, and the enterprise the tests are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from enterprises.models import Enterprise
from foundation.ids import new_id
from tests.factories.accounts import both_sides
from tests.factories.enterprises import EnterpriseFactory


@dataclass
class House:
    """An enterprise with its agent and its signatory."""

    row: Enterprise
    eo: User
    el: User


def make_house(**fields: Any) -> House:
    row = EnterpriseFactory(**fields)
    eo, el = both_sides(row.organisation)
    return House(row, eo, el)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def act(user: Any, row: Any, name: str, deck: str, /, **fields: Any) -> Any:
    """The act's form sent as its page sends it, with the row's present version unless said."""
    if hasattr(row, "refresh_from_db"):
        row.refresh_from_db()
    body = {"once": str(new_id()), "version": getattr(row, "version", ""), **fields}
    return signed_in(user).post(reverse(f"{deck}-act", kwargs={"pk": row.pk, "act": name}), body)


def begin(user: Any, name: str, /, **fields: Any) -> Any:
    """The form of an act that begins something."""
    return signed_in(user).post(reverse(name), {"once": str(new_id()), **fields})


def said(answer: Any) -> str:
    return str(answer.content.decode())


def offered(answer: Any) -> list[str]:
    return sorted(one.name for one, _ in answer.context["acts"])


def queries_of(user: Any, address: str) -> int:
    """How many questions a second look at the page costs."""
    client = signed_in(user)
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)
