"""What an enterprise says is wrong in its passport, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from engines.files.models import StoredFile
from enterprises.models.enterprise import Enterprise
from enterprises.models.quota import QuotaGrant
from enterprises.states import DISPUTE_ARCS, DISPUTE_DECIDED, HANDLED, UNDECIDED, DisputeKind, DisputeState
from foundation.parts import different_people, in_states, moment, only_in_states, person, together
from programmes.models import Notice
from registry.models import RosterImport, TitleHolding


class PassportDispute(FSMModelMixin, Subject):
    """One line of the passport is said to be wrong or missing (第十条). Two people answer it.

    The correction itself is a record of the registry: `title` or `roster`, one of the two at most. `grant` is
    the change of quota that upholding it brought about, if it moved anything.
    """

    ARCS: ClassVar = DISPUTE_ARCS

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="disputes", verbose_name="企业")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="依据通知")
    state = FSMField("状态", choices=DisputeState, default=DisputeState.OPEN, protected=True, max_length=16)
    line = models.CharField("所涉名单或称号", max_length=48)
    kind = models.CharField("类别", max_length=16, choices=DisputeKind)
    claim = models.TextField("异议内容")
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    due_on = models.DateField("办理期限", null=True)
    title = models.ForeignKey(TitleHolding, models.PROTECT, null=True, related_name="+", verbose_name="更正的称号")
    roster = models.ForeignKey(RosterImport, models.PROTECT, null=True, related_name="+", verbose_name="更正的名册")
    opinion = models.TextField("经办意见", blank=True)
    handled_by = person("经办人")
    handled_at = moment("经办时间")
    decision = models.TextField("审定意见", blank=True)
    decided_by = person("审定人")
    decided_at = moment("审定时间")
    grant = models.OneToOneField(QuotaGrant, models.PROTECT, null=True, related_name="+", verbose_name="额度变动")

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "划型异议"
        triggers = [*Subject.Meta.triggers, arcs_trigger(DISPUTE_ARCS)]
        indexes = [models.Index(fields=["state", "due_on"], name="passport_dispute_by_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "line"],
                condition=Q(state__in=sorted(UNDECIDED)),
                name="passport_dispute_one_open",
                violation_error_message="该企业对同一名单或称号已有办理中的异议。",
            ),
            together("passport_dispute_handled_both", "经办人和经办时间", "handled_by", "handled_at"),
            together("passport_dispute_decided_both", "审定人和审定时间", "decided_by", "decided_at"),
            different_people("passport_dispute_two_people", "经办与审定", "handled_by", "decided_by"),
            only_in_states(
                "passport_dispute_handled",
                HANDLED | DISPUTE_DECIDED,
                Q(handled_by__isnull=False) & ~Q(opinion=""),
                "待审定和已审定的异议须有经办人和经办意见，其他状态不能有。",
            ),
            only_in_states(
                "passport_dispute_decided",
                DISPUTE_DECIDED,
                Q(decided_by__isnull=False) & ~Q(decision=""),
                "已审定的异议须有审定人和审定意见，其他状态不能有。",
            ),
            in_states(
                "passport_dispute_corrected",
                {DisputeState.ACCEPTED, DisputeState.UPHELD},
                Q(title__isnull=False, roster__isnull=True)
                | Q(title__isnull=True, roster__isnull=False)
                | Q(kind=DisputeKind.OTHER, title__isnull=True, roster__isnull=True),
                "登记更正须指明更正的称号或名册之一；类别为“其他”的可以没有。",
            ),
            models.CheckConstraint(
                condition=Q(grant__isnull=True) | Q(state=DisputeState.UPHELD),
                name="passport_dispute_grant_when_upheld",
                violation_error_message="只有异议成立才有额度变动。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.line}"

    @transition(field=state, source=DisputeState.OPEN, target=DisputeState.ACCEPTED)
    def accept(
        self, by: User, at: datetime, opinion: str, title: TitleHolding | None, roster: RosterImport | None
    ) -> None:
        """The correction is recorded; another person decides."""
        self.handled_by, self.handled_at, self.opinion = by, at, opinion
        self.title, self.roster = title, roster

    @transition(field=state, source=DisputeState.OPEN, target=DisputeState.UNFOUNDED)
    def find_unfounded(self, by: User, at: datetime, opinion: str) -> None:
        """Nothing is to be corrected, in the first officer's view; another person decides."""
        self.handled_by, self.handled_at, self.opinion = by, at, opinion

    @transition(field=state, source=DisputeState.OPEN, target=DisputeState.WITHDRAWN)
    def withdraw(self) -> None:
        """The enterprise says it no more."""

    @transition(field=state, source=sorted(HANDLED), target=DisputeState.OPEN)
    def send_back(self) -> None:
        """To be handled anew, by whoever checks; who did it before stands in the chain."""
        self.handled_by = self.handled_at = self.title = self.roster = None
        self.opinion = ""

    @transition(field=state, source=DisputeState.ACCEPTED, target=DisputeState.UPHELD)
    def uphold(self, by: User, at: datetime, decision: str, grant: QuotaGrant | None) -> None:
        """The enterprise was right, the correction counts."""
        self.decided_by, self.decided_at, self.decision, self.grant = by, at, decision, grant

    @transition(field=state, source=sorted(HANDLED), target=DisputeState.REJECTED)
    def reject(self, by: User, at: datetime, decision: str) -> None:
        """The line stays as it is."""
        self.decided_by, self.decided_at, self.decision = by, at, decision


class DisputeFile(models.Model):
    """A proof that came with the dispute. Its SM3 stands in the dispute's chain."""

    dispute = models.ForeignKey(PassportDispute, models.PROTECT, related_name="files", verbose_name="异议")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")

    class Meta:
        verbose_name = verbose_name_plural = "异议证明材料"
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "file"],
                name="dispute_file_once",
                violation_error_message="同一文件只能提交一次。",
            )
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.file_id}"
