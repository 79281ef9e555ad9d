"""A round of settlement (第二十条: once or twice a year, as the 兑付通知 says)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from foundation.money import ZERO, MoneyField
from foundation.parts import different_people, in_states, moment, person, together
from programmes.models import Notice
from settlement.states import BATCH_APPROVED, BATCH_ARCS, BATCH_PAYING, BATCH_PLANNED, BATCH_PUBLICISED
from settlement.states import BatchState as S

NOT_BY_AN_EXAMINER = pgtrigger.Trigger(
    name="not_approved_by_an_examiner",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("approved_by_id"),
    condition=pgtrigger.Q(old__approved_by__df=pgtrigger.F("new__approved_by")),
    func="""
        IF EXISTS (
            SELECT 1 FROM settlement_claim c WHERE c.batch_id = NEW.id
               AND NEW.approved_by_id IN (c.checked_by_id, c.reviewed_by_id, c.decided_by_id)
        ) THEN
            RAISE EXCEPTION 'separation: batch % is approved by an examiner of one of its claims', NEW.id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)


class Batch(FSMModelMixin, Subject):
    """The claims of one plan, approved, publicised and paid together.

    `digest` is taken over every claim, amount and payee when the plan is approved: what is paid later
    must still be what was approved.
    """

    ARCS: ClassVar = BATCH_ARCS

    year = models.PositiveSmallIntegerField("年度")
    seq = models.PositiveSmallIntegerField("次序")
    number = models.CharField("批次号", max_length=32, unique=True)
    state = FSMField("状态", choices=S, default=S.OPEN, protected=True, max_length=16)
    title = models.CharField("兑付通知", max_length=120)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="年度通知版本")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发起人")
    claim_count = models.PositiveIntegerField("笔数", default=0)
    total = MoneyField("方案金额", default=ZERO)
    planned_by, planned_at = person("方案拟定人"), moment("方案拟定时间")
    approved_by, approved_at = person("审定人"), moment("审定时间")
    approval_no = models.CharField("审定文号", max_length=64, blank=True)
    digest = models.CharField("审定内容SM3", max_length=64, blank=True)
    publicity_from = models.DateField("公示开始", null=True)
    publicity_to = models.DateField("公示结束", null=True)
    publicity_reference = models.CharField("公示文号或网址", max_length=200, blank=True)
    cleared_by, cleared_at = person("公示结论登记人"), moment("公示结论时间")
    marked_by, marked_at = person("标记确认人"), moment("标记确认时间")
    closed_by, closed_at = person("办结人"), moment("办结时间")

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "兑付批次"
        triggers = [*Subject.Meta.triggers, arcs_trigger(BATCH_ARCS), NOT_BY_AN_EXAMINER]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "seq"], name="batch_seq_once", violation_error_message="该年度已有此次序的批次。"
            ),
            together("batch_plan_both", "方案拟定人和时间", "planned_by", "planned_at"),
            together("batch_approve_both", "审定人和时间", "approved_by", "approved_at"),
            together("batch_clear_both", "公示结论登记人和时间", "cleared_by", "cleared_at"),
            together("batch_mark_both", "标记确认人和时间", "marked_by", "marked_at"),
            together("batch_close_both", "办结人和时间", "closed_by", "closed_at"),
            different_people("batch_plan_approve_differ", "拟定方案与审定", "planned_by", "approved_by"),
            models.CheckConstraint(
                condition=Q(total__gte=0), name="batch_total_not_negative", violation_error_message="方案金额不得为负。"
            ),
            in_states(
                "batch_planned_state",
                BATCH_PLANNED,
                Q(planned_at__isnull=False, claim_count__gt=0, total__gt=0),
                "结算方案须有拟定人、笔数和金额。",
            ),
            in_states(
                "batch_approved_state",
                BATCH_APPROVED,
                Q(approved_at__isnull=False) & ~Q(approval_no="") & ~Q(digest=""),
                "审定须有审定人、文号和内容摘要。",
            ),
            in_states(
                "batch_publicity_state",
                BATCH_PUBLICISED,
                Q(publicity_from__isnull=False, publicity_to__isnull=False, publicity_to__gte=F("publicity_from"))
                & ~Q(publicity_reference=""),
                "公示须有起止日期和文号或网址。",
            ),
            in_states(
                "batch_paying_state",
                BATCH_PAYING,
                Q(cleared_at__isnull=False, marked_at__isnull=False),
                "支付须在公示无异议并标记确认之后。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=S.OPEN, target=S.PLAN_DRAFT)
    def draw_plan(self) -> None:
        """The department has taken claims in."""

    @transition(field=state, source=S.PLAN_DRAFT, target=S.APPROVED)
    def approve(self, by: User, at: datetime, approval_no: str, digest: str) -> None:
        """Approved by document, with the digest of what was approved."""
        self.approved_by, self.approved_at = by, at
        self.approval_no, self.digest = approval_no, digest

    @transition(field=state, source=S.APPROVED, target=S.PUBLICITY)
    def publicise(self, first: date, last: date, reference: str) -> None:
        """Shown to everyone from `first` to `last`."""
        self.publicity_from, self.publicity_to, self.publicity_reference = first, last, reference

    @transition(field=state, source=S.PUBLICITY, target=S.CLEARED)
    def clear(self, by: User, at: datetime) -> None:
        """Nobody has objected in time."""
        self.cleared_by, self.cleared_at = by, at

    @transition(field=state, source=S.CLEARED, target=S.PAYING)
    def mark(self, by: User, at: datetime) -> None:
        """Marked and confirmed on the platform: payment may begin."""
        self.marked_by, self.marked_at = by, at

    @transition(field=state, source=S.PAYING, target=S.PAID_ALL)
    def finish(self) -> None:
        """Every claim is paid."""

    @transition(field=state, source=S.PAYING, target=S.PAID_PART)
    def stall(self) -> None:
        """What is not paid has come back, and nothing is under way."""

    @transition(field=state, source=S.PAID_PART, target=S.PAYING)
    def go_on(self) -> None:
        """A new order for what came back."""

    @transition(field=state, source=[S.PAID_ALL, S.PAID_PART], target=S.CLOSED)
    def close(self, by: User, at: datetime) -> None:
        """Nothing more is expected."""
        self.closed_by, self.closed_at = by, at
