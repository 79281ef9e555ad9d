"""Appending to a subject's chain."""

from __future__ import annotations

from typing import Any

from engines.evidence import chain
from engines.evidence.models import EvidenceRecord, Subject
from foundation import clock
from foundation.actors import Actor
from foundation.locking import unit_of_work


def record(
    subject: Subject,
    *,
    act: str,
    by: Actor,
    reason: str = "",
    facts: dict[str, Any] | None = None,
    fields: list[str] | None = None,
) -> EvidenceRecord:
    """The subject is saved and its change is on its chain, both or neither.

    Call it inside the unit of work, on the row that was locked (or is new). `fields` names the changed
    columns when only those are to be written; facts must be JSON (amounts as strings) and get the
    subject's state added. The subject's version goes up by one.
    """
    at = clock.now()
    previous = subject.head or chain.ROOT
    known = dict(facts or {})
    state = getattr(subject, "state", None)
    if state is not None:
        known["state"] = str(state)
    row = EvidenceRecord(
        subject_type=subject._meta.db_table,
        subject_id=subject.pk,
        seq=subject.version + 1,
        act=act,
        actor=by.actor_id,
        actor_label=by.actor_label,
        at=at,
        reason=reason,
        facts=known,
        previous=previous,
    )
    row.hash = chain.link(previous, body(row))
    if subject._state.adding:
        subject.created_at = at
    subject.updated_at = at
    subject.version = row.seq
    subject.head = row.hash
    with unit_of_work():
        if subject._state.adding or fields is None:
            subject.save(force_insert=subject._state.adding)
        else:
            subject.save(update_fields=[*fields, "version", "head", "updated_at"])
        row.save(force_insert=True)
    return row


def body(row: EvidenceRecord) -> dict[str, Any]:
    """What a record's hash covers: everything but the hashes."""
    return {
        "subject_type": row.subject_type,
        "subject_id": str(row.subject_id),
        "seq": row.seq,
        "act": row.act,
        "actor": row.actor,
        "actor_label": row.actor_label,
        "at": chain.instant(row.at),
        "reason": row.reason,
        "facts": row.facts,
    }
