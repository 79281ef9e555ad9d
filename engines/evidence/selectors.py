"""Reading chains, and finding what was done to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models.functions import Coalesce

from engines.evidence import chain
from engines.evidence.models import EvidenceRecord, Subject
from engines.evidence.services import body
from foundation.actors import Actor

Heads = dict[str, dict[UUID, tuple[int, str]]]


_checks: list[Callable[[], Iterable[Fault]]] = []


def also_verify(check: Callable[[], Iterable[Fault]]) -> None:
    """An engine whose rows hold hashes of what they say has them looked at whenever the chains are.

    Called once, in AppConfig.ready(). A chain tells that a row was changed by nobody's act only by its head;
    the check tells that what the row says is what was recorded.
    """
    if check not in _checks:
        _checks.append(check)


@dataclass(frozen=True)
class Fault:
    """The first thing wrong with one subject's chain."""

    kind: str  # altered | missing | swapped | truncated | orphaned | unbacked
    subject_type: str
    subject_id: UUID
    seq: int

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} 第{self.seq}条（{self.kind}）"


def of_subject(subject: Subject) -> models.QuerySet[EvidenceRecord]:
    """The subject's chain, oldest first."""
    return EvidenceRecord.objects.filter(subject_type=subject._meta.db_table, subject_id=subject.pk).order_by("seq")


def of_subjects(subjects: Sequence[Subject]) -> dict[UUID, list[EvidenceRecord]]:
    """The chain of each of the subjects (of one kind or several), oldest first, by its key. One query."""
    found: dict[UUID, list[EvidenceRecord]] = {one.pk: [] for one in subjects}
    if not found:
        return found
    kinds = {one._meta.db_table for one in subjects}
    for record in EvidenceRecord.objects.filter(subject_type__in=kinds, subject_id__in=list(found)).order_by("seq"):
        found[record.subject_id].append(record)
    return found


def stages_done(subjects: Sequence[Subject], actor: Actor, *, since: Collection[str] = ()) -> frozenset[str]:
    """Which stages of one case the actor has taken, in whatever round, on any of the subjects (of one kind).

    A stage is what an act's facts call `stage`; the columns of a row forget it when the row is returned, its
    chain does not. The case is the whole chain, or what came after the latest of the acts `since`.
    """
    rows = EvidenceRecord.objects.filter(
        subject_type__in={subject._meta.db_table for subject in subjects},
        subject_id__in=[subject.pk for subject in subjects],
    )
    own = rows.filter(actor=actor.actor_id, facts__has_key="stage")
    if since:
        begun = rows.filter(subject_id=models.OuterRef("subject_id"), act__in=since).order_by("-seq").values("seq")
        own = own.filter(seq__gt=Coalesce(models.Subquery(begun[:1]), 0))
    return frozenset(own.values_list("facts__stage", flat=True))


def took_no_other(model: type[Subject], actor: Actor, stage: str, *, since: Collection[str] = ()) -> models.Q:
    """Inside a query of `model`: the actor has taken no stage of the row's case but `stage`.

    What `stages_done([row], actor, since=since) <= {stage}` says of one row, asked of all at once.
    """
    chain_of = EvidenceRecord.objects.filter(subject_type=model._meta.db_table, subject_id=models.OuterRef("pk"))
    own = chain_of.filter(actor=actor.actor_id, facts__has_key="stage").exclude(facts__stage=stage)
    if since:
        same = EvidenceRecord.objects.filter(
            subject_type=model._meta.db_table, subject_id=models.OuterRef("subject_id"), act__in=since
        )
        own = own.filter(seq__gt=Coalesce(models.Subquery(same.order_by("-seq").values("seq")[:1]), 0))
    return models.Q(~models.Exists(own))


def subject_models() -> list[type[Subject]]:
    """Every model whose changes are evidence."""
    return [model for model in apps.get_models() if issubclass(model, Subject)]


def fault_of(subject: Subject) -> Fault | None:
    """The first thing wrong with the subject's chain as it stands; None when it is whole."""
    with one_instant():
        head = type(subject)._base_manager.filter(pk=subject.pk).values_list("version", "head").get()
        records = list(of_subject(subject))
    if not records:
        return Fault("missing", subject._meta.db_table, subject.pk, 1)
    return _walk(iter(records), head)[1]


def verify() -> tuple[int, list[Fault]]:
    """Walk every chain, then run every registered check of what stands in rows beside their chain.

    Returns how many records were read, and the first fault of each broken chain or row.

    Heads and records are read as of one instant, so what others commit meanwhile is no fault.
    """
    with one_instant():
        read, faults = _compare(_heads(), _records())
        return read, [*faults, *(fault for check in _checks for fault in check())]


@contextmanager
def one_instant() -> Iterator[None]:
    """A transaction that sees the database as it was at its first statement, and writes nothing.

    Inside a transaction of the caller that cannot be had any more: the reading is then as he sees it.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _heads() -> Heads:
    """Of every subject, by table and key: which version it is, and the hash of that version's record."""
    return {
        model._meta.db_table: {
            pk: (version, head) for pk, version, head in model._base_manager.values_list("pk", "version", "head")
        }
        for model in subject_models()
    }


def _records() -> Iterator[EvidenceRecord]:
    rows: models.QuerySet[EvidenceRecord] = EvidenceRecord.objects.order_by("subject_type", "subject_id", "seq")
    return rows.iterator(chunk_size=5000)


def _compare(heads: Heads, rows: Iterator[EvidenceRecord]) -> tuple[int, list[Fault]]:
    read, faults = 0, []
    for (kind, pk), records in groupby(rows, key=lambda r: (r.subject_type, r.subject_id)):
        count, fault = _walk(records, heads.get(kind, {}).pop(pk, None))
        read += count
        if fault:
            faults.append(fault)
    faults.extend(_unbacked(heads))
    return read, faults


def _walk(records: Iterator[EvidenceRecord], head: tuple[int, str] | None) -> tuple[int, Fault | None]:
    first = next(records)
    fault = _check(first, chain.ROOT, 1)
    last, expected = first, 2
    for row in records:
        fault = fault or _check(row, last.hash, expected)
        last, expected = row, expected + 1
    if fault is None and head is None:
        fault = _fault("orphaned", last, last.seq)
    elif fault is None and head != (last.seq, last.hash):
        fault = _fault("truncated" if head and head[0] > last.seq else "unbacked", last, last.seq + 1)
    return expected - 1, fault


def _check(row: EvidenceRecord, previous: str, expected: int) -> Fault | None:
    if row.seq != expected:
        return _fault("missing", row, expected)
    if chain.link(row.previous, body(row)) != row.hash:
        return _fault("altered", row, row.seq)
    if row.previous != previous:
        return _fault("swapped", row, row.seq)
    return None


def _fault(kind: str, row: EvidenceRecord, seq: int) -> Fault:
    return Fault(kind, row.subject_type, row.subject_id, seq)


def _unbacked(heads: Heads) -> Iterator[Fault]:
    for kind, left in heads.items():
        for pk in left:
            yield Fault("missing", kind, pk, 1)
