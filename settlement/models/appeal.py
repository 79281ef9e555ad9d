"""A provider's appeal against the refusal of its claim (DOMAIN 6.9)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from foundation.parts import different_people, in_states, moment, only_in_states, person, together
from settlement.models.claim import Claim
from settlement.states import APPEAL_ARCS
from settlement.states import AppealState as S


class Appeal(FSMModelMixin, Subject):
    """One per claim. `against` is who refused it: somebody else answers, and a third person decides anew if upheld.

    `files` is a list of {id, name, sm3} as they were when it was filed; `due` the last day to answer, empty while
    the arrangement of the year it falls in is not known.
    """

    ARCS: ClassVar = APPEAL_ARCS

    state = FSMField("状态", choices=S, default=S.FILED, protected=True, max_length=16)
    claim = models.OneToOneField(Claim, models.PROTECT, related_name="appeal", verbose_name="兑付申请")
    grounds = models.TextField("申诉理由")
    files = models.JSONField("证明材料", default=list)
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申诉人")
    against = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="原审核人")
    refusal_code = models.CharField("原不予通过原因", max_length=3)
    refusal_text = models.TextField("原不予通过说明")
    due = models.DateField("答复截止", null=True)
    decided_by, decided_at = person("答复人"), moment("答复时间")
    decision = models.TextField("答复意见", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "申诉"
        triggers = [*Subject.Meta.triggers, arcs_trigger(APPEAL_ARCS)]
        indexes = [models.Index(fields=["state", "-id"], name="appeal_by_state")]
        constraints = [
            together("appeal_decide_both", "答复人和时间", "decided_by", "decided_at"),
            different_people("appeal_three_people", "原审核、申诉与答复", "against", "filed_by", "decided_by"),
            only_in_states(
                "appeal_decided_state", {S.UPHELD, S.DISMISSED}, Q(decided_at__isnull=False), "答复须有答复人和时间。"
            ),
            in_states("appeal_decided_with_words", {S.UPHELD, S.DISMISSED}, ~Q(decision=""), "答复须写明意见。"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} 申诉"

    @transition(field=state, source=S.FILED, target=S.UPHELD)
    def uphold(self, by: User, at: datetime, decision: str) -> None:
        """The claim is to be decided anew."""
        self._decide(by, at, decision)

    @transition(field=state, source=S.FILED, target=S.DISMISSED)
    def dismiss(self, by: User, at: datetime, decision: str) -> None:
        """The refusal stands."""
        self._decide(by, at, decision)

    def _decide(self, by: User, at: datetime, decision: str) -> None:
        self.decided_by, self.decided_at, self.decision = by, at, decision
