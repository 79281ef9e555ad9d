"""What the tests of a contract's pages share: a browser's client, and posting an act as its page would."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from foundation.ids import new_id


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(deal: Any) -> str:
    return reverse("contract", kwargs={"pk": deal.pk})


def act(user: Any, row: Any, name: str, deck: str = "contract", version: int | None = None, **fields: Any) -> Any:
    """The act's form sent as its page sends it; the version is the row's present one unless said."""
    row.refresh_from_db()
    address = reverse(f"{deck}-act", kwargs={"pk": row.pk, "act": name})
    body = {"once": str(new_id()), "version": version or row.version, **fields}
    return signed_in(user).post(address, body)


def said(answer: Any) -> str:
    return str(answer.content.decode())
