"""What the tests of the officers' pages share: signing in, reading, doing an act as a person does it."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

import openpyxl
from django.test import Client

from accounts.models import User


class Desk:
    """A browser in which the person has signed in."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client()
        self.client.force_login(user)

    def get(self, address: str, **query: Any) -> Any:
        return self.client.get(address, query)

    def read(self, address: str, **query: Any) -> str:
        """The text of a page that must be there."""
        answer = self.get(address, **query)
        assert answer.status_code == 200, (answer.status_code, address)
        return answer.content.decode()

    def act(self, address: str, **fields: Any) -> Any:
        """The act's form sent as it was shown, with these fields filled in."""
        shown = self.read(address)
        hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', shown))
        hidden.pop("csrfmiddlewaretoken", None)
        return self.client.post(address, {"once": str(uuid.uuid4()), **hidden, **fields})


def refused(answer: Any, status: int, code: str) -> None:
    """The act was refused with this status and code, and its page says so."""
    assert answer.status_code == status, answer.content.decode()[:3000]
    assert code in answer.content.decode()


def rows_of(answer: Any) -> list[tuple[Any, ...]]:
    """The lines of a spreadsheet that was downloaded, heads first."""
    assert answer.status_code == 200, answer.status_code
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)), read_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))
