"""Codes that may never apply again (第十六条: 瞒报、虚报，不得重新申报认定)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from providers.models.provider import Provider
from providers.states import BAR_ARCS, BarState


class Bar(FSMModelMixin, Subject):
    """A proposal by 厅职能处室 to bar a provider's code for good, decided by 厅审定: two people.

    The code stands here by itself, so that it stays barred whatever becomes of the provider's record.
    """

    ARCS: ClassVar = BAR_ARCS

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="bars", verbose_name="服务商")
    uscc = models.CharField("统一社会信用代码", max_length=18)
    state = FSMField("状态", choices=BarState, default=BarState.PROPOSED, protected=True, max_length=16)
    grounds = models.TextField("事实和依据")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision_no = models.CharField("决定文号", max_length=64, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "禁止申报"
        triggers = [*Subject.Meta.triggers, arcs_trigger(BAR_ARCS)]
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"],
                condition=Q(state__in=[BarState.PROPOSED, BarState.DECIDED]),
                name="bar_once",
                violation_error_message="该代码已有禁止申报的提议或决定。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="bar_decision_both",
                violation_error_message="决定人和决定时间须同时填写。",
            ),
            models.CheckConstraint(
                condition=Q(state=BarState.PROPOSED)
                | Q(state=BarState.DECLINED, decided_at__isnull=False)
                | Q(state=BarState.DECIDED, decided_at__isnull=False) & ~Q(decision_no=""),
                name="bar_decided_by_document",
                violation_error_message="禁止申报须有决定人和决定文号。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(proposed_by=F("decided_by")),
                name="bar_two_people",
                violation_error_message="提出与决定须由不同的人办理。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uscc} {self.state}"

    @transition(field=state, source=BarState.PROPOSED, target=BarState.DECIDED)
    def decide(self, by: User, at: datetime, decision_no: str) -> None:
        self.decided_by, self.decided_at, self.decision_no = by, at, decision_no

    @transition(field=state, source=BarState.PROPOSED, target=BarState.DECLINED)
    def decline(self, by: User, at: datetime) -> None:
        self.decided_by, self.decided_at = by, at
