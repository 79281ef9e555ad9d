"""Appending to a subject's chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError

from engines.evidence import chain
from engines.evidence.models import EvidenceRecord, Subject
from foundation import clock, live
from foundation.actors import Actor
from foundation.locking import unit_of_work
from foundation.statements import columns, insert, run

_followed: dict[type[Subject], Callable[[Any], None]] = {}


def follow(model: type[Subject], act: Callable[[Any], None]) -> None:
    """`act` is called with each subject of that model after its change was recorded, in the same transaction.

    Called once, in AppConfig.ready(), by the room the subject belongs to.
    """
    _followed[model] = act


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
    if subject._state.adding:
        with unit_of_work():
            insert(subject)
            insert(row)
    else:
        row.pk = _change(subject, fields, row)
    live.changed(row.subject_type)
    if follower := _followed.get(type(subject)):
        follower(subject)
    return row


def _change(subject: Subject, fields: list[str] | None, row: EvidenceRecord) -> int:
    """Both writes in one statement; the record's number."""
    if fields is None:
        unread = subject.get_deferred_fields()
        fields = [f.attname for f in subject._meta.concrete_fields if not (f.primary_key or f.attname in unread)]
    changed = columns(type(subject), tuple(dict.fromkeys([*fields, "version", "head", "updated_at"])))
    added = columns(EvidenceRecord)
    places = ", ".join(f'"{field.column}" = %s' for field in changed.fields)
    append = f'INSERT INTO "{row._meta.db_table}" ({added.names}) VALUES ({added.places}) RETURNING id'  # noqa: S608 - names of our own fields
    change = f'UPDATE "{subject._meta.db_table}" SET {places} WHERE id = %s RETURNING (SELECT id FROM record)'  # noqa: S608
    text = f"WITH record AS ({append}) {change}"
    done = run(text, [*added.values(row), *changed.values(subject), subject.pk])
    if not done:
        raise DatabaseError(f"{subject._meta.db_table} {subject.pk} is not there to be changed")
    number: int = done[0][0]
    return number


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
