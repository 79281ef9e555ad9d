"""A round of settlement (第二十条: once or twice a year, as the 兑付通知 says)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from engines.publicity.models import Publicity
from foundation.money import ZERO, MoneyField
from foundation.parts import different_people, in_states, moment, person, together
from programmes.models import Notice
from settlement.states import (
    BATCH_APPROVED,
    BATCH_ARCS,
    BATCH_FUNDED,
    BATCH_PLANNED,
    BATCH_PUBLICISED,
    BATCH_REQUESTED,
    BATCH_REVIEWED,
)
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

    Claims first submitted by `intake_to` are taken into it, later ones into the next. `digest` is taken over every claim,
    amount and payee when the plan is approved, and again when an upheld objection takes a claim out: what is
    paid later must still be what was approved. `requested` is what the treasury was asked for, `funded` what it
    has set aside, in 元.
    """

    ARCS: ClassVar = BATCH_ARCS

    year = models.PositiveSmallIntegerField("年度")
    seq = models.PositiveSmallIntegerField("次序")
    number = models.CharField("批次号", max_length=32, unique=True)
    state = FSMField("状态", choices=S, default=S.NOTICE, protected=True, max_length=16)
    title = models.CharField("兑付通知", max_length=120)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="年度通知版本")
    intake_from = models.DateField("受理开始")
    intake_to = models.DateField("受理截止")
    extra_reason = models.TextField("超出年度批次数的理由", blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发起人")
    issued_by, issued_at = person("通知发布人"), moment("通知发布时间")
    claim_count = models.PositiveIntegerField("笔数", default=0)
    total = MoneyField("方案金额", default=ZERO)
    planned_by, planned_at = person("方案拟定人"), moment("方案拟定时间")
    plan_reviewed_by, plan_reviewed_at = person("方案复核人"), moment("方案复核时间")
    approved_by, approved_at = person("审定人"), moment("审定时间")
    approval_no = models.CharField("审定文号", max_length=64, blank=True)
    digest = models.CharField("审定内容SM3", max_length=64, blank=True)
    publicity = models.OneToOneField(Publicity, models.PROTECT, null=True, related_name="batch", verbose_name="公示")
    cleared_at = moment("公示期满时间")
    marked_by, marked_at = person("标记确认人"), moment("标记确认时间")
    request_no = models.CharField("拨款申请文号", max_length=64, blank=True)
    requested = MoneyField("申请拨款金额", default=ZERO)
    funded = MoneyField("已落实金额", default=ZERO)
    funding_no = models.CharField("拨款文号", max_length=64, blank=True)
    funded_by, funded_at = person("拨款确认人"), moment("拨款确认时间")
    closed_by, closed_at = person("办结人"), moment("办结时间")

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "兑付批次"
        triggers = [*Subject.Meta.triggers, arcs_trigger(BATCH_ARCS), NOT_BY_AN_EXAMINER]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "seq"], name="batch_seq_once", violation_error_message="该年度已有此次序的批次。"
            ),
            models.CheckConstraint(
                condition=Q(intake_from__lte=F("intake_to")),
                name="batch_intake_in_order",
                violation_error_message="受理截止不得早于受理开始。",
            ),
            together("batch_issue_both", "通知发布人和时间", "issued_by", "issued_at"),
            together("batch_plan_review_both", "方案复核人和时间", "plan_reviewed_by", "plan_reviewed_at"),
            together("batch_fund_both", "拨款确认人和时间", "funded_by", "funded_at"),
            different_people("batch_notice_two_people", "拟定与发布兑付通知", "opened_by", "issued_by"),
            models.CheckConstraint(
                condition=Q(requested__gte=0, funded__gte=0, funded__lte=F("requested")),
                name="batch_funded_within_requested",
                violation_error_message="已落实金额不得超过申请拨款金额。",
            ),
            together("batch_plan_both", "方案拟定人和时间", "planned_by", "planned_at"),
            together("batch_approve_both", "审定人和时间", "approved_by", "approved_at"),
            together("batch_mark_both", "标记确认人和时间", "marked_by", "marked_at"),
            together("batch_close_both", "办结人和时间", "closed_by", "closed_at"),
            different_people(
                "batch_plan_three_people", "拟定方案、复核与审定", "planned_by", "plan_reviewed_by", "approved_by"
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0), name="batch_total_not_negative", violation_error_message="方案金额不得为负。"
            ),
            in_states(
                "batch_planned_state",
                BATCH_PLANNED,
                Q(planned_at__isnull=False, claim_count__gt=0, total__gt=0),
                "结算方案须有拟定人、笔数和金额。",
            ),
            in_states("batch_reviewed_state", BATCH_REVIEWED, Q(plan_reviewed_at__isnull=False), "方案须经复核。"),
            in_states(
                "batch_approved_state",
                BATCH_APPROVED,
                Q(approved_at__isnull=False) & ~Q(approval_no="") & ~Q(digest=""),
                "审定须有审定人、文号和内容摘要。",
            ),
            in_states("batch_publicity_state", BATCH_PUBLICISED, Q(publicity__isnull=False), "公示须有公示名单。"),
            in_states(
                "batch_requested_state",
                BATCH_REQUESTED,
                Q(cleared_at__isnull=False, marked_at__isnull=False, requested__gt=0) & ~Q(request_no=""),
                "申请拨款须在公示期满并标记确认之后，有文号和金额。",
            ),
            in_states(
                "batch_funded_state",
                BATCH_FUNDED,
                Q(funded_at__isnull=False) & ~Q(funding_no=""),
                "支付须在财政厅确认拨款之后。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=S.NOTICE, target=S.OPEN)
    def issue(self, by: User, at: datetime) -> None:
        """The 兑付通知 is out: claims are expected."""
        self.issued_by, self.issued_at = by, at

    @transition(field=state, source=S.OPEN, target=S.INTAKE_CLOSED)
    def close_intake(self) -> None:
        """The last day to submit for this batch has come."""

    @transition(field=state, source=[S.INTAKE_CLOSED, S.PLAN_REVIEW], target=S.PLAN_DRAFT)
    def draw_plan(self) -> None:
        """The department has taken claims in; a plan drawn again is to be reviewed again."""
        self.plan_reviewed_by = self.plan_reviewed_at = None

    @transition(field=state, source=S.PLAN_DRAFT, target=S.PLAN_REVIEW)
    def review_plan(self, by: User, at: datetime) -> None:
        """Another person agrees with the plan."""
        self.plan_reviewed_by, self.plan_reviewed_at = by, at

    @transition(field=state, source=S.PLAN_REVIEW, target=S.APPROVED)
    def approve(self, by: User, at: datetime, approval_no: str, digest: str) -> None:
        """Approved by document, with the digest of what was approved."""
        self.approved_by, self.approved_at = by, at
        self.approval_no, self.digest = approval_no, digest

    @transition(field=state, source=S.APPROVED, target=S.PUBLICITY)
    def publicise(self, publicity: Publicity) -> None:
        """Its list is shown to everyone."""
        self.publicity = publicity

    @transition(field=state, source=S.PUBLICITY, target=S.APPROVED)
    def unpublish(self) -> None:
        """The list was withdrawn; the next one takes its place for a full period."""

    @transition(field=state, source=S.PUBLICITY, target=S.CLEARED)
    def clear(self, at: datetime) -> None:
        """The period is over; what is disputed waits alone."""
        self.cleared_at = at

    @transition(field=state, source=[S.CLEARED, S.PAYING, S.PAID_ALL, S.PAID_PART], target=S.FUND_REQUEST)
    def mark(self, by: User, at: datetime, request_no: str, amount: Decimal) -> None:
        """What is cleared is marked and confirmed, and the treasury is asked for `amount` 元 more."""
        self.marked_by, self.marked_at = by, at
        self.request_no = request_no
        self.requested += amount

    @transition(field=state, source=S.FUND_REQUEST, target=S.PAYING)
    def fund(self, by: User, at: datetime, funding_no: str, amount: Decimal) -> None:
        """The treasury has set `amount` 元 aside: payment may begin."""
        self.add_funds(by, at, funding_no, amount)

    def add_funds(self, by: User, at: datetime, funding_no: str, amount: Decimal) -> None:
        """`amount` 元 more, while it pays already."""
        self.funded_by, self.funded_at = by, at
        self.funding_no = funding_no
        self.funded += amount

    @transition(field=state, source=S.PAYING, target=S.PAID_ALL)
    def finish(self) -> None:
        """Every claim is paid."""

    @transition(field=state, source=S.PAYING, target=S.PAID_PART)
    def stall(self) -> None:
        """Nothing is under way, and something is not paid."""

    @transition(field=state, source=S.PAID_PART, target=S.PAYING)
    def go_on(self) -> None:
        """A new order for what was left."""

    @transition(field=state, source=[S.PAID_ALL, S.PAID_PART], target=S.CLOSED)
    def close(self, by: User, at: datetime) -> None:
        """Nothing more is expected."""
        self.closed_by, self.closed_at = by, at

    @transition(
        field=state,
        source=[S.NOTICE, S.OPEN, S.INTAKE_CLOSED, S.PLAN_DRAFT, S.PLAN_REVIEW, S.CLEARED],
        target=S.CANCELLED,
    )
    def cancel(self, by: User, at: datetime) -> None:
        """Called off: no claim is in it."""
        self.closed_by, self.closed_at = by, at
