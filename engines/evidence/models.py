"""One append-only chain for each subject, and the mixin that makes a model a subject.

The head of the chain stands on the subject's own row (`version`, `head`), which every write locks and
saves anyway: appending costs one insert. Triggers hold the rest. A subject's row cannot change without
its version going up by one, and at commit a record with that version and hash must exist: no change
without evidence, whoever writes it. Cutting off the chain's tail shows, because the row still names it.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import pgtrigger
from django.db import models

from foundation.ids import new_id


class EvidenceRecord(models.Model):
    """Who did what to which subject, when and why. Never changed, never deleted."""

    id = models.BigAutoField(primary_key=True)
    subject_type = models.CharField("对象类型", max_length=64)
    subject_id = models.UUIDField("对象")
    seq = models.PositiveIntegerField("序号")
    act = models.CharField("行为", max_length=64)
    actor = models.CharField("行为人", max_length=64)
    actor_label = models.CharField("行为人姓名", max_length=128)
    at = models.DateTimeField("时间")
    reason = models.TextField("理由", blank=True)
    facts = models.JSONField("事实")
    previous = models.CharField("前一哈希", max_length=64, blank=True)
    hash = models.CharField("哈希", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "存证记录"
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "seq"], name="evidence_one_per_seq")
        ]
        indexes = [models.Index(fields=["actor", "id"], name="evidence_by_actor")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'evidence: TRUNCATE refused';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} #{self.seq} {self.act}"


BACKED = pgtrigger.Trigger(
    name="backed_by_evidence",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update,
    timing=pgtrigger.Deferred,
    func="""
        IF TG_OP = 'UPDATE' AND NEW.version <> OLD.version + 1 THEN
            RAISE EXCEPTION 'evidence: % % changed without a new version', TG_TABLE_NAME, NEW.id
                USING ERRCODE = 'check_violation';
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM evidence_evidencerecord r
             WHERE r.subject_type = TG_TABLE_NAME AND r.subject_id = NEW.id
               AND r.seq = NEW.version AND r.hash = NEW.head
        ) THEN
            RAISE EXCEPTION 'evidence: % % version % has no record', TG_TABLE_NAME, NEW.id, NEW.version
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)
KEPT = pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete)


def arcs_trigger(arcs: dict[Any, Any], field: str = "state") -> pgtrigger.Trigger:
    """The database's own guard of a state machine: only the arcs of the table, whoever writes.

    `arcs` maps each state to the set of states it may move to.
    """
    pairs = ", ".join(f"('{source}', '{target}')" for source, targets in arcs.items() for target in sorted(targets))
    return pgtrigger.Trigger(
        name="only_known_arcs",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(field),
        condition=pgtrigger.Q(**{f"old__{field}__df": pgtrigger.F(f"new__{field}")}),
        func=f"""
            IF (OLD.{field}, NEW.{field}) NOT IN ({pairs}) THEN
                RAISE EXCEPTION 'arc: % may not go from % to %', TG_TABLE_NAME, OLD.{field}, NEW.{field}
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def frozen_trigger(*fields: str) -> pgtrigger.Trigger:
    """What these columns say when the row is made they say for ever."""
    changed = (pgtrigger.Q(**{f"old__{field}__df": pgtrigger.F(f"new__{field}")}) for field in fields)
    return pgtrigger.Protect(name="frozen", operation=pgtrigger.Update, condition=reduce(or_, changed))


class Subject(models.Model):
    """A record whose every change is evidence. Saved through `evidence.record`, never by itself."""

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    version = models.PositiveIntegerField("版本", default=0, editable=False)
    head = models.CharField("链首哈希", max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField("创建时间", editable=False)
    updated_at = models.DateTimeField("更新时间", editable=False)

    class Meta:
        abstract = True
        triggers = [BACKED, KEPT]
