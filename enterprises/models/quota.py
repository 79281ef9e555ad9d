"""What an enterprise was granted for each year, and adjustments of that by hand."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import EvidenceRecord, Subject, arcs_trigger
from enterprises.models.enterprise import Enterprise
from enterprises.states import ADJUSTMENT_ARCS, AdjustmentState, GrantKind
from foundation.ids import new_id
from foundation.money import MoneyField
from programmes.models import Notice


class QuotaGrant(models.Model):
    """One change of a year's quota, as it was decided: the tier, the rule's version, the amount issued.

    Not a subject of its own: a grant has no states and never changes, so a chain of one record would
    say nothing more. It hangs instead on the enterprise's chain: `record` is the evidence written in
    the same transaction, and no grant can stand without one. Append-only by trigger. `amount` is what
    the ledger issued (negative: took back); the sum over a year equals the ledger's `issued`.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="grants", verbose_name="企业")
    year = models.PositiveSmallIntegerField("年度")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="依据通知")
    kind = models.CharField("类别", max_length=8, choices=GrantKind)
    tier_code = models.CharField("档次", max_length=32)
    winning_title = models.CharField("依据称号", max_length=64, blank=True)
    quota = MoneyField("年度额度")
    amount = MoneyField("本次增减", signed=True)
    explanation = models.JSONField("说明")
    record = models.OneToOneField(EvidenceRecord, models.PROTECT, related_name="+", verbose_name="存证")
    created_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "额度匹配"
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        indexes = [models.Index(fields=["enterprise", "year", "-id"], name="quota_grant_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "year"],
                condition=Q(kind__in=[GrantKind.GRANT, GrantKind.RENEWAL]),
                name="quota_grant_opens_year_once",
                violation_error_message="该企业本年度额度已匹配。",
            ),
            models.CheckConstraint(
                condition=Q(quota__gte=0), name="quota_grant_not_negative", violation_error_message="额度不能为负。"
            ),
            models.CheckConstraint(
                condition=Q(kind=GrantKind.LOSS, amount__lte=0)
                | Q(kind=GrantKind.MANUAL)
                | Q(kind__in=[GrantKind.GRANT, GrantKind.RENEWAL, GrantKind.UPGRADE], amount__gte=0),
                name="quota_grant_sign_of_kind",
                violation_error_message="增减方向与类别不符。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.year} {self.amount:+}"

    @property
    def opens_year(self) -> bool:
        """The first of its year."""
        return self.kind in (GrantKind.GRANT, GrantKind.RENEWAL)


class QuotaAdjustment(FSMModelMixin, Subject):
    """A change of one enterprise's quota by hand (DOMAIN 4, action 5): three different people."""

    ARCS: ClassVar = ADJUSTMENT_ARCS

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="adjustments", verbose_name="企业")
    state = FSMField("状态", choices=AdjustmentState, default=AdjustmentState.PROPOSED, protected=True, max_length=16)
    year = models.PositiveSmallIntegerField("年度")
    amount = MoneyField("增减", signed=True)
    reason = models.TextField("理由")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核准人")
    decision_no = models.CharField("决定文号", max_length=64, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "额度人工调整"
        triggers = [*Subject.Meta.triggers, arcs_trigger(ADJUSTMENT_ARCS)]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "year"],
                condition=Q(state__in=[AdjustmentState.PROPOSED, AdjustmentState.REVIEWED]),
                name="quota_adjustment_one_open",
                violation_error_message="该企业本年度已有办理中的额度调整。",
            ),
            models.CheckConstraint(
                condition=~Q(amount=0), name="quota_adjustment_moves", violation_error_message="增减额不能为零。"
            ),
            models.CheckConstraint(
                condition=(Q(reviewed_by__isnull=True) | ~Q(proposed_by=F("reviewed_by")))
                & (Q(decided_by__isnull=True) | ~Q(proposed_by=F("decided_by")))
                & (Q(reviewed_by__isnull=True) | Q(decided_by__isnull=True) | ~Q(reviewed_by=F("decided_by"))),
                name="quota_adjustment_three_people",
                violation_error_message="提出、复核、核准须由三个不同的人办理。",
            ),
            models.CheckConstraint(
                condition=~Q(state=AdjustmentState.DECIDED)
                | Q(reviewed_by__isnull=False, decided_by__isnull=False) & ~Q(decision_no=""),
                name="quota_adjustment_decided_fully",
                violation_error_message="核准须经复核并有决定文号。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.year} {self.amount:+}"

    @transition(field=state, source=AdjustmentState.PROPOSED, target=AdjustmentState.REVIEWED)
    def review(self, by: User) -> None:
        self.reviewed_by = by

    @transition(field=state, source=AdjustmentState.REVIEWED, target=AdjustmentState.DECIDED)
    def decide(self, by: User, decision_no: str) -> None:
        self.decided_by, self.decision_no = by, decision_no

    @transition(
        field=state, source=[AdjustmentState.PROPOSED, AdjustmentState.REVIEWED], target=AdjustmentState.DECLINED
    )
    def decline(self) -> None:
        """Not adjusted; a new proposal may follow."""
