"""A query on a material: the enterprise or the department asks for more, or finds against it (DOMAIN 6.7)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from contracts.models.contract import Contract
from contracts.models.parts import MilestoneEvidence
from contracts.states import QUERY_ARCS, Asker
from contracts.states import QueryState as S
from engines.evidence.models import Subject, arcs_trigger
from foundation.parts import moment, only_in_states, person, together


class EvidenceQuery(FSMModelMixin, Subject):
    """佐证质询. The material itself stays as it is, whatever becomes of the query."""

    ARCS: ClassVar = QUERY_ARCS

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="evidence_queries", verbose_name="合同")
    evidence = models.ForeignKey(MilestoneEvidence, models.PROTECT, related_name="queries", verbose_name="佐证材料")
    state = FSMField("状态", choices=S, default=S.OPEN, protected=True, max_length=16)
    side = models.CharField("质询方", max_length=16, choices=Asker)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="质询人")
    reason = models.TextField("质询内容")
    ended_by, ended_at = person("办结人"), moment("办结时间")
    outcome = models.TextField("办结说明", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "佐证质询"
        triggers = [*Subject.Meta.triggers, arcs_trigger(QUERY_ARCS)]
        constraints = [
            models.UniqueConstraint(
                fields=["evidence"],
                condition=Q(state=S.OPEN),
                name="query_one_open",
                violation_error_message="该材料已有未答复的质询。",
            ),
            together("query_end_both", "办结人和时间", "ended_by", "ended_at"),
            only_in_states(
                "query_ended_state",
                {S.SUPPLEMENTED, S.REJECTED, S.WITHDRAWN},
                Q(ended_at__isnull=False),
                "已答复、不予采信或撤回的质询须有办结人和时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"佐证质询 {self.evidence_id}"

    @transition(field=state, source=S.OPEN, target=S.SUPPLEMENTED)
    def supplement(self) -> None:
        """The provider has handed in more."""

    @transition(field=state, source=S.OPEN, target=S.REJECTED)
    def reject(self) -> None:
        """Whoever asked finds against the material: it does not count."""

    @transition(field=state, source=S.OPEN, target=S.WITHDRAWN)
    def withdraw(self) -> None:
        """Whoever asked takes it back: the material counts as before."""
