"""A kind of list for tests that notes what it is told, and lists on public show."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Organisation, User
from accounts.states import Role
from engines.publicity import kinds
from engines.publicity.kinds import Kind
from engines.publicity.models import Objection, Publicity, PublicityItem
from engines.publicity.services import Entry, Receipt
from engines.publicity.states import FilerKind, FileRole, Outcome
from foundation import clock
from programmes.services import objections, publicities
from tests.factories.accounts import make_identity, make_organisation, make_uscc, officer
from tests.factories.programmes import open_year

_numbers = itertools.count(1)


@dataclass
class Notes:
    """What an upper room was told: (what, label of the item or number of items)."""

    said: list[tuple[str, Any]] = field(default_factory=list)

    def kind(self, code: str = "test") -> Kind:
        """A kind that writes everything here, with the state it found."""
        return Kind(
            code=code,
            label="测试名单公示",
            hold=lambda item, by, reason: self.said.append(("hold", item.label)),
            release=lambda item, by, reason: self.said.append(("release", item.label, str(item.state))),
            remove=lambda item, by, reason: self.said.append(("remove", item.label)),
            close=lambda publicity, items, by: self.said.append(("close", [item.label for item in items])),
            withdraw=lambda publicity, by, reason: self.said.append(("withdraw", publicity.item_count)),
        )


@contextmanager
def known_kind(code: str = "test") -> Iterator[Notes]:
    """The kind is known inside; what was registered before is as it was afterwards."""
    notes, before = Notes(), dict(kinds._kinds)
    kinds.register(notes.kind(code))
    try:
        yield notes
    finally:
        kinds._kinds.clear()
        kinds._kinds.update(before)


def make_entry(subject: Organisation | None = None, **body: str) -> Entry:
    """One thing to be shown."""
    row = subject or make_organisation()
    number = next(_numbers)
    return Entry(row, f"事项{number}", body or {"单位名称": row.name, "统一社会信用代码": row.uscc or ""})


def make_publicity(
    count: int = 3, *, kind: str = "test", entries: list[Entry] | None = None, **fields: Any
) -> Publicity:
    """A list of `count` things, shown from today by the rules of this year's notice."""
    today = clock.today()
    values: dict[str, Any] = {
        "by": officer(Role.DEPARTMENT),
        "kind": kind,
        "notice": open_year(today.year),
        "title": "测试名单",
        "reference": f"桂工信测公示〔{today.year}〕{next(_numbers)}号",
        "first": today,
        "last": None,
        "decided": date(2000, 1, 1),
        "entries": entries or [make_entry() for _ in range(count)],
    }
    return publicities.open_period(**{**values, **fields})


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
CONTACTS = {"name": "李实名", "phone": "10012345678", "email": "", "address": ""}


def upload(name: str = "材料.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """A small PDF."""
    return SimpleUploadedFile(name, content)


def file_one(item: PublicityItem, *, kind: str = FilerKind.PERSON, **fields: Any) -> Receipt:
    """An objection against the item, by a person, or by a unit with its letter."""
    person = kind == FilerKind.PERSON
    values: dict[str, Any] = {
        **CONTACTS,
        "publicity_id": item.publicity_id,
        "item_id": item.pk,
        "kind": kind,
        "identity_number": make_identity() if person else make_uscc(),
        "grounds": "公示内容与事实不符。",
        "uploads": {} if person else {FileRole.LETTER: upload("异议函.pdf")},
    }
    return objections.file_objection(**{**values, **fields})


@dataclass
class Case:
    """One objection and the people who handle it, each one stage."""

    row: Objection
    receipt: Receipt
    checker: User = field(default_factory=lambda: officer(Role.CENTRE_CHECKER))
    investigator: User = field(default_factory=lambda: officer(Role.DEPARTMENT))
    decider: User = field(default_factory=lambda: officer(Role.APPROVER))
    reviewer: User = field(default_factory=lambda: officer(Role.DEPARTMENT))

    @property
    def at(self) -> Objection:
        """As it stands."""
        return Objection.objects.select_related("item__publicity").get(pk=self.row.pk)

    def do(self, act: Callable[..., Objection], by: User, **given: Any) -> Objection:
        """The act on the version that stands."""
        return act(by=by, objection_id=self.row.pk, version=self.at.version, **given)

    def bring_on(self, step: str, outcome: str = Outcome.NOT_UPHELD) -> Case:
        """From accepted through the acts up to `step`."""
        return self.bring(step, outcome, done=1)

    def bring(self, step: str, outcome: str = Outcome.NOT_UPHELD, done: int = 0) -> Case:
        """Through the acts up to `step`; the first `done` of them are done already."""
        acts: list[tuple[str, Callable[[], Any]]] = [
            ("accepted", lambda: self.do(objections.accept, self.checker)),
            ("investigating", lambda: self.do(objections.investigate, self.investigator)),
            ("reported", lambda: self.do(objections.report, self.investigator, findings="经查属实。")),
            ("decided", lambda: self.do(objections.decide, self.decider, outcome=outcome, answer="答复如下。")),
            ("notified", lambda: self.do(objections.notify, self.investigator, how="电话")),
        ]
        for name, act in acts[done:]:
            act()
            if name == step:
                return self
        raise ValueError(step)


def make_case(item: PublicityItem | None = None, step: str | None = None, **fields: Any) -> Case:
    """An objection, brought to `step` (filed unless said otherwise)."""
    receipt = file_one(item or items(make_publicity(1))[0], **fields)
    case = Case(receipt.objection, receipt)
    return case.bring(step) if step else case


def items(publicity: Publicity) -> list[PublicityItem]:
    """Its items in their order, as they stand."""
    return list(publicity.items.order_by("position"))
