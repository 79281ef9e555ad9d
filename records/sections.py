"""What the archive of one contract holds, in order. Nothing here depends on the day on which it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from contracts import selectors as contracts
from contracts.models import (
    Contract,
    EvidenceQuery,
    Invoice,
    Milestone,
    MilestoneEvidence,
    PaymentOrder,
    RelatedPermit,
    Reminder,
    ServiceConfirmation,
    Signature,
    Supplement,
    Termination,
)
from credit.models import Complaint, CreditRecord
from demands.models import Demand, DemandMessage, Response
from engines.evidence import chain
from engines.evidence.models import EvidenceRecord, Subject
from engines.evidence.services import body
from engines.files.models import StoredFile
from engines.ledger import selectors as ledger
from engines.ledger.states import Bucket
from engines.publicity.models import Objection, ObjectionFile, Publicity, PublicityItem
from foundation import clock
from programmes import books
from records import rows
from records.states import View
from settlement.models import Appeal, Batch, Claim, PayoutOrder

V = View
ALL = frozenset(View)
OFFICER = frozenset({V.OFFICER})
NOT_ENTERPRISE = frozenset({V.OFFICER, V.PROVIDER})  # an enterprise is not shown where its provider is paid
NOT_PROVIDER = frozenset({V.OFFICER, V.ENTERPRISE})

Finder = Callable[[Contract, View], Q]


def _by(path: str) -> Finder:
    """The rows from which `path` leads to the contract."""
    return lambda contract, view: Q(**{path: contract.pk})


def _house(contract: Contract, view: View) -> Any:
    """The enterprise or provider as which a party reads; None for an officer."""
    return {V.ENTERPRISE: contract.enterprise, V.PROVIDER: contract.provider}.get(view)


def _responses(contract: Contract, view: View) -> Q:
    """All that answered the demand; a provider only reads its own."""
    own = Q(provider=contract.provider_id) if view == V.PROVIDER else Q()
    return Q(demand=contract.demand_id) & own if contract.demand_id else Q(pk__in=[])


def _messages(contract: Contract, view: View) -> Q:
    """What the two of this contract wrote; a talk with somebody else is not about it."""
    if contract.demand_id is None:
        return Q(pk__in=[])
    return Q(response__demand=contract.demand_id, response__provider=contract.provider_id)


def _complaints(contract: Contract, view: View) -> Q:
    """Those about the contract, against one of its parties. A party has its own, and what was accepted against it."""
    about, house = Q(contract_number=contract.number, uscc__in=contract.usccs), _house(contract, view)
    if house is None:
        return about
    own = Q(filer=house.organisation_id)
    return about & (own | Q(organisation=house.organisation_id, accepted_at__isnull=False))


def _credit(contract: Contract, view: View) -> Q:
    """What was decided upon such a complaint; a party has what was decided about itself."""
    about = Q(complaint__contract_number=contract.number, complaint__uscc__in=contract.usccs)
    house = _house(contract, view)
    return about if house is None else about & Q(uscc=house.uscc, decided_at__isnull=False)


def _shown(path: str) -> Finder:
    """What hangs on the lists of a 公示 in which the contract's claim stood; `path` leads to the item."""

    def found(contract: Contract, view: View) -> Q:
        claim = Claim.objects.filter(contract=contract.pk).values("pk")
        return Q(**{f"{path}subject_type": Claim._meta.db_table, f"{path}subject_id__in": claim})

    return found


@dataclass(frozen=True)
class Section:
    """The rows of one kind that belong to a contract, for each view.

    `chained_for` are the views that get the chains too: a batch's speaks of other claims, a complaint's says who
    complained. `hidden` are columns that a view does not get; `files_for` are the views that get the files. A file of the archive has its section's number in every
    view, whatever else that view has.
    """

    title: str
    model: type[models.Model]
    find: Finder
    seen_by: frozenset[View] = ALL
    chained_for: frozenset[View] = ALL
    hidden: Mapping[View, frozenset[str]] = field(default_factory=dict)
    files_for: frozenset[View] = ALL


_CONTACT = frozenset({"contact_name", "contact_phone"})
_DECIDERS = frozenset({"proposed_by", "reviewed_by", "decided_by"})
_BASIS = frozenset({"file"})  # other houses' prices stand in it
_FILER = frozenset({"filer", "filed_by"})
_REWORDED = frozenset({"facts", "wish"})
_PARTIES = (V.ENTERPRISE, V.PROVIDER)

SECTIONS = (
    Section(
        "需求", Demand, _by("contracts"), ALL, NOT_PROVIDER,
        {V.OFFICER: _CONTACT, V.PROVIDER: _CONTACT | {"findings"}, V.ENTERPRISE: frozenset({"findings"})},
    ),
    Section("需求应答", Response, _responses),
    Section("对接消息", DemandMessage, _messages),
    Section("合同", Contract, _by("pk")),
    Section("签署记录", Signature, _by("contract")),
    Section("付款订单", PaymentOrder, _by("contract")),
    Section("关键环节", Milestone, _by("contract")),
    Section("佐证材料", MilestoneEvidence, _by("milestone__contract")),
    Section("佐证质询", EvidenceQuery, _by("contract")),
    Section("提醒", Reminder, _by("contract")),
    Section("补充协议", Supplement, _by("contract")),
    Section("终止申请", Termination, _by("contract")),
    Section("服务确认书", ServiceConfirmation, _by("contract")),
    Section("兑付申请", Claim, _by("contract"), hidden={V.ENTERPRISE: frozenset(rows.ACCOUNTS)}),
    Section("申诉", Appeal, _by("claim__contract"), NOT_ENTERPRISE),
    Section("兑付批次", Batch, _by("claims__contract"), NOT_ENTERPRISE, OFFICER),
    Section("公示", Publicity, _shown("items__"), ALL, OFFICER),
    Section("公示事项", PublicityItem, _shown("")),
    Section("公示异议", Objection, _shown("item__"), OFFICER, OFFICER),
    Section("异议材料", ObjectionFile, _shown("objection__item__"), OFFICER),
    Section("支付单", PayoutOrder, _by("claim__contract"), NOT_ENTERPRISE),
    Section("投诉", Complaint, _complaints, ALL, OFFICER, dict.fromkeys(_PARTIES, frozenset({"findings"}))),
    Section("信用记录", CreditRecord, _credit, ALL, OFFICER, dict.fromkeys(_PARTIES, _DECIDERS)),
    Section("关联交易核准", RelatedPermit, _by("contracts"), hidden=dict.fromkeys(_PARTIES, _BASIS), files_for=OFFICER),
    Section("发票", Invoice, _by("contract")),
)  # fmt: skip
FIRST, MONEY, STORY = 2, 28, 29  # the numbers of the first section and of what follows them


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


@dataclass(frozen=True)
class _Chained:
    """A subject and all that is on record about it."""

    title: str
    row: Any
    records: Sequence[EvidenceRecord]


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
    found = [(one, _rows_of(one, contract, view) if view in one.seen_by else []) for one in SECTIONS]
    called = rows.names(row for _, found_rows in found for row in found_rows)
    whole.parts.append(Part("01-合同文本.json", "合同文本（双方签署的内容）", _text(contract)))
    for number, (one, found_rows) in enumerate(found, start=FIRST):
        if found_rows:
            told = [rows.told(row, called, hidden=_hidden(one, row, whole)) for row in found_rows]
            whole.parts.append(Part(f"{number:02d}-{one.title}.json", one.title, rows.document(told)))
    chained = _chained(found, view)
    whole.parts.append(Part(f"{MONEY}-资金占用.json", "额度、上限和预算的占用及其变动", _money(contract, chained)))
    whole.parts.append(Part(f"{STORY}-办理经过.json", "办理经过（按时间先后）", _story(chained)))
    _add_files(whole, found)
    _add_chains(whole, chained)
    return whole


def _rows_of(section: Section, contract: Contract, view: View) -> Sequence[Any]:
    return list(section.model._default_manager.filter(section.find(contract, view)).distinct().order_by("pk"))


def _hidden(section: Section, row: Any, whole: Contents) -> frozenset[str]:
    """Whoever is complained of is not told by whom, nor reads what the officer reworded for him."""
    hidden = section.hidden.get(whole.view, frozenset())
    if _may_know(row, whole):
        return hidden
    return hidden | _FILER | (_REWORDED if row.told else frozenset())


def _may_know(row: Any, whole: Contents) -> bool:
    house = _house(whole.contract, whole.view)
    return house is None or not isinstance(row, Complaint) or row.filer_id == house.organisation_id


def _text(contract: Contract) -> bytes:
    text = contracts.signed_text(contract)
    return rows.document({"sm3": chain.sm3(chain.canonical(text)), "text": text})


def _money(contract: Contract, chained: Sequence[_Chained]) -> bytes:
    """What is held now on each account, and every movement that led there, earlier holds of the contract included.

    Balances of the accounts are left out: they are made of other contracts too.
    """
    of_contract = [record for one in chained if one.row == contract for record in one.records]
    holds = [record.facts["hold"] for record in of_contract if "hold" in record.facts]
    if contract.hold is not None:
        holds.append(str(contract.hold))
    lines = [line for hold in dict.fromkeys(holds) for line in ledger.lines(UUID(hold))]
    entries = [entry for hold in dict.fromkeys(holds) for entry in ledger.history(UUID(hold))]
    called = rows.names((), (entry.actor for entry in entries))
    now = [
        {
            "hold": line.hold, "book": line.book, "book_text": books.LABELS[line.book], "year": line.account.period,
            "bucket": str(line.bucket), "bucket_text": Bucket(line.bucket).label, "amount": line.amount,
        }
        for line in lines
    ]  # fmt: skip
    movements = [
        {
            "at": _local(entry.at), "hold": entry.hold, "book": entry.account.book,
            "book_text": books.LABELS[entry.account.book], "year": entry.account.period,
            "from": str(entry.source), "from_text": Bucket(entry.source).label,
            "to": str(entry.target), "to_text": Bucket(entry.target).label,
            "amount": entry.amount, "reason": entry.reason, "by": _who(entry.actor, called),
        }
        for entry in entries
    ]  # fmt: skip
    return rows.document({"now": now, "movements": movements})


def _who(actor: str, called: Mapping[UUID, str]) -> str:
    """A person's name; a job as the ledger names it."""
    return called[UUID(actor.removeprefix(rows.PERSON))] if actor.startswith(rows.PERSON) else actor


def _local(at: datetime) -> str:
    """By the clock on the wall in Nanning: what happened at eight in the evening did not happen the day after."""
    return at.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")


def _story(chained: Sequence[_Chained]) -> bytes:
    """Every act on record that the view has the chain of, one after the other. `chain` is where its proof stands."""
    acts = sorted((record.at, record.pk, one, record) for one in chained for record in one.records)
    return rows.document(
        [
            {
                "at": _local(at), "what": one.title, "act": record.act, "by": record.actor_label,
                "reason": record.reason, "state": record.facts.get("state", ""), "state_text": _state_text(one, record),
                "chain": f"{record.subject_type} {record.subject_id} 第{record.seq}条",
            }
            for at, _, one, record in acts
        ]
    )  # fmt: skip


def _state_text(one: _Chained, record: EvidenceRecord) -> str:
    state = record.facts.get("state")
    if state is None:
        return ""
    return str(dict(one.row._meta.get_field("state").flatchoices).get(state, state))


FILES: dict[type[models.Model], Callable[[Any], list[UUID]]] = {
    PaymentOrder: lambda row: [row.receipt_id] if row.receipt_id else [],
    MilestoneEvidence: lambda row: [row.file_id],
    Invoice: lambda row: [row.file_id],
    Appeal: lambda row: [UUID(one["id"]) for one in row.files],
    Complaint: lambda row: [file.pk for file in row.files.order_by("pk")],
    DemandMessage: lambda row: [one.file_id for one in row.files.order_by("pk")] if row.attached else [],
    Signature: lambda row: [row.letter.file_id] if row.letter is not None else [],
    RelatedPermit: lambda row: [row.file_id] if row.file_id else [],
    CreditRecord: lambda row: [file.pk for file in row.files.order_by("pk")],
}


def _add_files(whole: Contents, found: list[tuple[Section, Sequence[Any]]]) -> None:
    """The original bytes of receipts, materials and proofs, each file once, in the order of the rows that name it."""
    wanted = [
        (one.title, pk)
        for one, found_rows in found
        if one.model in FILES and whole.view in one.files_for
        for row in found_rows
        if _may_know(row, whole)
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


def _chained(found: list[tuple[Section, Sequence[Any]]], view: View) -> list[_Chained]:
    """The subjects whose chains the view has, each with its records."""
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
    return [_Chained(title, row, kept.get((row._meta.db_table, row.pk), [])) for title, row in subjects]


def _add_chains(whole: Contents, chained: Sequence[_Chained]) -> None:
    """One file of JSON lines for each subject, each line with what its hash covers."""
    for number, one in enumerate(chained, start=1):
        path = f"40-存证链/{number:03d}-{one.title}.jsonl"
        whole.parts.append(Part(path, f"存证链：{one.title}", b"".join(_lines(one.records))))
        subject = f"{one.row._meta.db_table} {one.row.pk}"
        whole.chains.append(Chain(path, one.title, subject, one.row.head, len(one.records)))


def _lines(records: Sequence[EvidenceRecord]) -> Iterator[bytes]:
    for record in records:
        yield chain.canonical({"body": body(record), "previous": record.previous, "hash": record.hash}) + b"\n"
