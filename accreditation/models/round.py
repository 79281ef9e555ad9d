"""A round in which providers and products are called for (第九条: 每年征集1-2次; 第十六条: 每年认定一次)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from accreditation.states import ROUND_ARCS, ROUND_PUBLISHED, CaseKind, RoundKind
from accreditation.states import RoundState as S
from engines.evidence.models import Subject, arcs_trigger
from engines.files.models import StoredFile
from foundation.parts import different_people, in_states, moment, person, together
from programmes.models import Notice


class Round(FSMModelMixin, Subject):
    """One call: for which service year, of what, from when until when, under which notice.

    Opening it takes four people's acts: drawn up by 促进中心经办, reviewed by 促进中心复核, decided by 厅审定,
    published by 厅职能处室 (DOMAIN section 4, row 6). `*_seats` bound how many are recommended; without one, all
    who pass the experts' vote.
    """

    ARCS: ClassVar = ROUND_ARCS

    year = models.PositiveSmallIntegerField("服务年度")
    seq = models.PositiveSmallIntegerField("次序")
    number = models.CharField("征集编号", max_length=32, unique=True)
    kind = models.CharField("征集内容", max_length=16, choices=RoundKind)
    state = FSMField("状态", choices=S, default=S.PLANNED, protected=True, max_length=16)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="年度通知版本")
    title = models.CharField("征集通知", max_length=120)
    notice_file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="征集通知文件"
    )
    opens_on = models.DateField("开始申报")
    closes_on = models.DateField("截止申报")
    provider_seats = models.PositiveIntegerField("拟推荐服务商数", null=True)
    product_seats = models.PositiveIntegerField("拟推荐产品数", null=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="拟定人")
    reviewed_by, reviewed_at = person("复核人"), moment("复核时间")
    approved_by, approved_at = person("审定人"), moment("审定时间")
    approval_no = models.CharField("审定文号", max_length=64, blank=True)
    published_by, published_at = person("发布人"), moment("发布时间")
    reason = models.TextField("取消理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "征集批次"
        triggers = [*Subject.Meta.triggers, arcs_trigger(ROUND_ARCS)]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "seq"], name="round_seq_once", violation_error_message="该年度已有此次序的征集。"
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="round_days_in_order",
                violation_error_message="截止申报日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=(Q(provider_seats=None) | Q(provider_seats__gte=1))
                & (Q(product_seats=None) | Q(product_seats__gte=1)),
                name="round_seats_positive",
                violation_error_message="拟推荐数须不少于1，不限的请留空。",
            ),
            together("round_review_both", "复核的人和时间", "reviewed_by", "reviewed_at"),
            together("round_approve_both", "审定的人和时间", "approved_by", "approved_at"),
            together("round_publish_both", "发布的人和时间", "published_by", "published_at"),
            different_people("round_three_people", "拟定、复核与审定", "created_by", "reviewed_by", "approved_by"),
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(reviewed_at__isnull=False) & ~Q(approval_no=""),
                name="round_approved_by_document",
                violation_error_message="审定须在复核之后，并有审定文号。",
            ),
            in_states(
                "round_published_state",
                ROUND_PUBLISHED,
                Q(approved_at__isnull=False, published_at__isnull=False),
                "发布征集须先经复核和审定。",
            ),
            in_states("round_cancelled_reason", frozenset({S.CANCELLED}), ~Q(reason=""), "取消征集须写明理由。"),
        ]

    def __str__(self) -> str:
        return self.number

    def calls_for(self, kind: str) -> bool:
        """Whether applications of this kind may be made in it."""
        return self.kind == RoundKind.BOTH or (self.kind == RoundKind.PROVIDERS) == (kind == CaseKind.PROVIDER)

    def seats(self, kind: str) -> int | None:
        """How many of the kind are recommended at most; None without a bound."""
        return self.provider_seats if kind == CaseKind.PROVIDER else self.product_seats

    @transition(field=state, source=S.PLANNED, target=S.OPEN)
    def publish(self, by: User, at: datetime) -> None:
        self.published_by, self.published_at = by, at

    @transition(field=state, source=S.PLANNED, target=S.CANCELLED)
    def cancel(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.OPEN, target=S.CLOSED)
    def close(self) -> None:
        """No application is taken any more."""

    @transition(field=state, source=S.CLOSED, target=S.REVIEWING)
    def begin_review(self) -> None:
        """Experts are at work."""

    @transition(field=state, source=S.REVIEWING, target=S.DECIDED)
    def be_decided(self) -> None:
        """Every application that was not turned away is decided."""

    @transition(field=state, source=S.DECIDED, target=S.PUBLICITY)
    def be_shown(self) -> None:
        """What was decided is on public show."""

    @transition(field=state, source=S.PUBLICITY, target=S.DECIDED)
    def be_taken_back(self) -> None:
        """The list was withdrawn and will be shown anew."""

    @transition(field=state, source=S.PUBLICITY, target=S.LISTED)
    def be_listed(self) -> None:
        """Nothing of it is under way."""

    @transition(field=state, source=[S.CLOSED, S.REVIEWING, S.DECIDED, S.LISTED], target=S.ENDED)
    def end(self) -> None:
        """Its year is over, or nothing is left to do in it."""
