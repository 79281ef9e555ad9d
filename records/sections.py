"""What the archive of one contract holds, in order. Nothing here depends on the day on which it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from contracts import selectors as contracts
from contracts.models import (
    Contract,
    EvidenceQuery,
    Milestone,
    MilestoneEvidence,
    PaymentOrder,
    Reminder,
    ServiceConfirmation,
    Signature,
    Supplement,
    Termination,
)
from engines.evidence import chain
from engines.evidence.models import EvidenceRecord, Subject
from engines.evidence.services import body
from engines.files.models import StoredFile
from engines.ledger import selectors as ledger
from records import rows
from records.states import View
from settlement.models import Appeal, Batch, Claim, PayoutOrder

V = View
ALL = frozenset(View)
NOT_ENTERPRISE = frozenset({V.OFFICER, V.PROVIDER})  # an enterprise is not shown where its provider is paid


@dataclass(frozen=True)
class Section:
    """The rows of one kind: `path` leads from them to the contract, `seen_by` are the views that have them.

    `chained_for` are the views that get the chains too: a batch's speaks of other claims.
    """

    title: str
    model: type[models.Model]
    path: str
    seen_by: frozenset[View] = ALL
    chained_for: frozenset[View] = ALL
    hidden: frozenset[str] = frozenset()


SECTIONS = (
    Section("合同", Contract, "pk"),
    Section("签署记录", Signature, "contract"),
    Section("付款订单", PaymentOrder, "contract"),
    Section("关键环节", Milestone, "contract"),
    Section("佐证材料", MilestoneEvidence, "milestone__contract"),
    Section("佐证质询", EvidenceQuery, "contract"),
    Section("提醒", Reminder, "contract"),
    Section("补充协议", Supplement, "contract"),
    Section("终止申请", Termination, "contract"),
    Section("服务确认书", ServiceConfirmation, "contract"),
    Section("兑付申请", Claim, "contract"),
    Section("申诉", Appeal, "claim__contract", NOT_ENTERPRISE),
    Section("兑付批次", Batch, "claims__contract", NOT_ENTERPRISE, frozenset({V.OFFICER})),
    Section("支付单", PayoutOrder, "claim__contract", NOT_ENTERPRISE),
)


@dataclass(frozen=True)
class Part:
    """One entry of the archive: bytes, or a stored file."""

    path: str
    title: str
    data: bytes = b""
    file: StoredFile | None = None


@dataclass(frozen=True)
class Chain:
    """The chain of one subject, with the head that its row names."""

    path: str
    title: str
    subject: str
    head: str
    records: int


@dataclass
class Contents:
    """Everything as of one instant. `contract` is the row it was read with."""

    contract: Contract
    view: View
    parts: list[Part] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)


def contents(contract: Contract, view: View) -> Contents:
    """Every record, file and decision of the contract that the view may have, in order."""
    whole = Contents(contract, view)
    found = [(one, _rows_of(one, contract)) for one in SECTIONS if view in one.seen_by]
    names = rows.people(row for _, found_rows in found for row in found_rows)
    whole.parts.append(Part("01-合同文本.json", "合同文本（双方签署的内容）", _text(contract)))
    for number, (one, found_rows) in enumerate(found, start=2):
        if found_rows:
            told = [rows.told(row, names, hidden=_hidden(one, view)) for row in found_rows]
            whole.parts.append(Part(f"{number:02d}-{one.title}.json", one.title, rows.document(told)))
    whole.parts.append(Part("20-资金占用.json", "额度、上限和预算的占用", _money(contract)))
    _add_files(whole, found)
    _add_chains(whole, found, view)
    return whole


def _rows_of(section: Section, contract: Contract) -> Sequence[Any]:
    return list(section.model._default_manager.filter(**{section.path: contract.pk}).distinct().order_by("pk"))


def _hidden(section: Section, view: View) -> frozenset[str]:
    accounts = frozenset(rows.ACCOUNTS) if view == V.ENTERPRISE else frozenset()
    return section.hidden | accounts


def _text(contract: Contract) -> bytes:
    text = contracts.signed_text(contract)
    return rows.document({"sm3": chain.sm3(chain.canonical(text)), "text": text})


def _money(contract: Contract) -> bytes:
    lines = ledger.lines(contract.hold) if contract.hold is not None else []
    return rows.document(
        [
            {"book": line.book, "year": line.account.period, "bucket": str(line.bucket), "amount": line.amount}
            for line in lines
        ]
    )


FILES: dict[type[models.Model], Callable[[Any], list[UUID]]] = {
    PaymentOrder: lambda row: [row.receipt_id] if row.receipt_id else [],
    MilestoneEvidence: lambda row: [row.file_id],
    Appeal: lambda row: [UUID(one["id"]) for one in row.files],
}


def _add_files(whole: Contents, found: list[tuple[Section, Sequence[Any]]]) -> None:
    """The original bytes of receipts, materials and proofs, each file once, in the order of the rows that name it."""
    wanted = [
        (one.title, pk)
        for one, found_rows in found
        if one.model in FILES
        for row in found_rows
        for pk in FILES[one.model](row)
    ]
    files = StoredFile.objects.in_bulk([pk for _, pk in wanted])
    seen: set[UUID] = set()
    for title, pk in wanted:
        if pk in seen:
            continue
        seen.add(pk)
        file = files[pk]
        whole.parts.append(Part(f"30-文件/{len(seen):03d}-{file.name}", f"{title}：{file.name}", file=file))


def _add_chains(whole: Contents, found: list[tuple[Section, Sequence[Any]]], view: View) -> None:
    """One file of JSON lines for each subject, each line with what its hash covers."""
    subjects = [
        (one.title, row)
        for one, found_rows in found
        if view in one.chained_for
        for row in found_rows
        if isinstance(row, Subject)
    ]
    which = Q(pk__in=[])
    for _, row in subjects:
        which |= Q(subject_type=row._meta.db_table, subject_id=row.pk)
    kept: dict[tuple[str, Any], list[EvidenceRecord]] = {}
    for record in EvidenceRecord.objects.filter(which).order_by("subject_type", "subject_id", "seq"):
        kept.setdefault((record.subject_type, record.subject_id), []).append(record)
    for number, (title, row) in enumerate(subjects, start=1):
        records = kept.get((row._meta.db_table, row.pk), [])
        path = f"40-存证链/{number:03d}-{title}.jsonl"
        whole.parts.append(Part(path, f"存证链：{title}", b"".join(_lines(records))))
        subject = f"{row._meta.db_table} {row.pk}"
        whole.chains.append(Chain(path, title, subject, row.head, len(records)))


def _lines(records: Sequence[EvidenceRecord]) -> Iterator[bytes]:
    for record in records:
        yield chain.canonical({"body": body(record), "previous": record.previous, "hash": record.hash}) + b"\n"
