"""Reading chains, and finding what was done to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.apps import apps
from django.db import models

from engines.evidence import chain
from engines.evidence.models import EvidenceRecord, Subject
from engines.evidence.services import body


@dataclass(frozen=True)
class Fault:
    """The first thing wrong with one subject's chain."""

    kind: str  # altered | missing | swapped | truncated | orphaned | unbacked
    subject_type: str
    subject_id: UUID
    seq: int

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject_type} {self.subject_id} 第{self.seq}条"


def of_subject(subject: Subject) -> models.QuerySet[EvidenceRecord]:
    """The subject's chain, oldest first."""
    return EvidenceRecord.objects.filter(subject_type=subject._meta.db_table, subject_id=subject.pk).order_by("seq")


def subject_models() -> list[type[Subject]]:
    """Every model whose changes are evidence."""
    return [model for model in apps.get_models() if issubclass(model, Subject)]


def verify() -> tuple[int, list[Fault]]:
    """Walk every chain. Returns how many records were read, and the first fault of each broken chain."""
    read, faults = 0, []
    heads = {
        model._meta.db_table: {
            pk: (version, head) for pk, version, head in model._base_manager.values_list("pk", "version", "head")
        }
        for model in subject_models()
    }
    rows = EvidenceRecord.objects.order_by("subject_type", "subject_id", "seq").iterator(chunk_size=5000)
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


def _unbacked(heads: dict[str, dict[UUID, tuple[int, str]]]) -> Iterator[Fault]:
    for kind, left in heads.items():
        for pk in left:
            yield Fault("missing", kind, pk, 1)
