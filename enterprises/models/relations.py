"""Whom an enterprise is related to, by its own signed word (8-35, 8-36)."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from engines.files.models import StoredFile
from enterprises.models.enterprise import Enterprise
from enterprises.states import DECLARATION_ARCS, DeclarationState, RelationKind
from foundation.ids import new_id
from registry.models import USCC


class RelationDeclaration(FSMModelMixin, Subject):
    """All bodies the enterprise is related to, declared for a year by its signatory; none is a declaration too.

    It stands until the next one takes its place, also past its year: what nobody has taken back still holds.
    """

    ARCS: ClassVar = DECLARATION_ARCS

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="declarations", verbose_name="企业")
    year = models.PositiveSmallIntegerField("年度")
    state = FSMField("状态", choices=DeclarationState, default=DeclarationState.IN_FORCE, protected=True, max_length=16)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签署人")
    signed_at = models.DateTimeField("签署时间")

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "关联方申报"
        triggers = [*Subject.Meta.triggers, arcs_trigger(DECLARATION_ARCS)]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(state=DeclarationState.IN_FORCE),
                name="relation_declaration_one_in_force",
                violation_error_message="该企业已有有效的关联方申报。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.year}"

    @transition(field=state, source=DeclarationState.IN_FORCE, target=DeclarationState.SUPERSEDED)
    def supersede(self) -> None:
        """A later declaration says all that holds now."""


class Relation(models.Model):
    """One body and one kind of tie, as declared. Never altered: a change is a new declaration."""

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    declaration = models.ForeignKey(
        RelationDeclaration, models.PROTECT, related_name="relations", verbose_name="关联方申报"
    )
    name = models.CharField("关联方名称", max_length=120)
    uscc = models.CharField("关联方统一社会信用代码", max_length=18, db_index=True)
    kind = models.CharField("关系", max_length=24, choices=RelationKind)
    since = models.DateField("起")
    until = models.DateField("止", null=True)
    note = models.CharField("说明", max_length=200, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="证明材料")

    class Meta:
        verbose_name = verbose_name_plural = "关联方"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "uscc", "kind"],
                name="relation_once",
                violation_error_message="同一申报中同一单位的同一关系只能填写一次。",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="relation_period",
                violation_error_message="关系的止期不能早于起期。",
            ),
            models.CheckConstraint(
                condition=Q(uscc__regex=USCC),
                name="relation_uscc_shape",
                violation_error_message="统一社会信用代码须为18位。",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.uscc} {self.kind}"
