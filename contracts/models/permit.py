"""关联交易核准: the department lets one enterprise use vouchers with one provider it is related to (8-35)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from contracts.states import PERMIT_ARCS, PERMIT_DECIDED, PERMIT_STANDING
from contracts.states import PermitState as S
from engines.evidence.models import Subject, arcs_trigger
from engines.files.models import StoredFile
from enterprises.models import Enterprise
from foundation.parts import different_people, in_states, moment, only_in_states, person, together
from programmes.models import Notice
from providers.models import Provider


class RelatedPermit(FSMModelMixin, Subject):
    """Proposed by 厅职能处室 with the reason and what it rests on, decided by 厅审定 with a document: two people.

    For the service year of `notice`: it lets the pair draw up and sign contracts on any day of `year`. Taken back,
    nothing more is signed on it; what was signed stands. Contracts name the permit they stand on.
    """

    ARCS: ClassVar = PERMIT_ARCS

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="related_permits", verbose_name="企业", db_index=False
    )
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="related_permits", verbose_name="服务商")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="年度通知版本", db_index=False)
    year = models.PositiveSmallIntegerField("服务年度")
    state = FSMField("状态", choices=S, default=S.PROPOSED, protected=True, max_length=16)
    reason = models.TextField("核准理由")
    reference = models.CharField("依据文号", max_length=64, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="依据文件")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    decided_by, decided_at = person("审定人"), moment("审定时间")
    decision_no = models.CharField("审定文号", max_length=64, blank=True)
    opinion = models.TextField("审定意见", blank=True)
    revoked_by, revoked_at = person("撤销人"), moment("撤销时间")
    revocation_no = models.CharField("撤销文号", max_length=64, blank=True)
    revoke_reason = models.TextField("撤销理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "关联交易核准"
        triggers = [*Subject.Meta.triggers, arcs_trigger(PERMIT_ARCS)]
        indexes = [models.Index(fields=["enterprise", "provider", "year"], name="permit_of_pair")]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "provider", "year"],
                condition=Q(state__in=sorted(PERMIT_STANDING)),
                name="permit_once",
                violation_error_message="该双方本年度已有待审定或已核准的关联交易核准。",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="permit_reasoned",
                violation_error_message="核准理由须写明价格公允的依据或无其他服务商可选的情况。",
            ),
            models.CheckConstraint(
                condition=~Q(reference="") | Q(file__isnull=False),
                name="permit_has_basis",
                violation_error_message="须填写依据文号或上传依据文件。",
            ),
            together("permit_decision_both", "审定人和审定时间", "decided_by", "decided_at"),
            together("permit_revocation_both", "撤销人和撤销时间", "revoked_by", "revoked_at"),
            different_people("permit_two_people", "提出与审定", "proposed_by", "decided_by"),
            different_people("permit_revoked_by_another", "提出与撤销", "proposed_by", "revoked_by"),
            only_in_states(
                "permit_decided_state", PERMIT_DECIDED, Q(decided_at__isnull=False), "审定后的核准须有审定人和时间。"
            ),
            in_states("permit_decided_by_document", PERMIT_DECIDED, ~Q(decision_no=""), "审定须有文号。"),
            in_states("permit_declined_why", {S.DECLINED}, ~Q(opinion=""), "不予核准须写明理由。"),
            only_in_states(
                "permit_revoked_state", {S.REVOKED}, Q(revoked_at__isnull=False), "撤销的核准须有撤销人和时间。"
            ),
            in_states(
                "permit_revoked_by_document",
                {S.REVOKED},
                ~Q(revocation_no="") & ~Q(revoke_reason=""),
                "撤销须有文号和理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"关联交易核准 {self.decision_no or self.pk}"

    def in_force_on(self, day: date) -> bool:
        """Contracts may be drawn up and signed on it on that day."""
        return self.state == S.GRANTED and self.year == day.year

    @transition(field=state, source=S.PROPOSED, target=S.GRANTED)
    def grant(self, by: User, at: datetime, decision_no: str, opinion: str) -> None:
        """The two may contract for the rest of the year."""
        self.decided_by, self.decided_at, self.decision_no, self.opinion = by, at, decision_no, opinion

    @transition(field=state, source=S.PROPOSED, target=S.DECLINED)
    def decline(self, by: User, at: datetime, decision_no: str, opinion: str) -> None:
        """They may not; it may be proposed again with better reason."""
        self.decided_by, self.decided_at, self.decision_no, self.opinion = by, at, decision_no, opinion

    @transition(field=state, source=S.GRANTED, target=S.REVOKED)
    def revoke(self, by: User, at: datetime, revocation_no: str, reason: str) -> None:
        """Nothing more is signed on it."""
        self.revoked_by, self.revoked_at = by, at
        self.revocation_no, self.revoke_reason = revocation_no, reason
