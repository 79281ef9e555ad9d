"""The annual notice as data, the money given to it, and the pauses of signing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger, frozen_trigger
from foundation.actors import Actor
from foundation.money import MoneyField
from programmes import notice_file
from programmes.rules import Rules
from programmes.states import (
    APPROPRIATION_ARCS,
    NOTICE_ARCS,
    TARGET_ARCS,
    AppropriationKind,
    AppropriationState,
    NoticeKind,
    NoticeState,
    SuspensionKind,
    TargetState,
)

_FIXED = ("kind", "year", "revision", "doc_no", "title", "issued_on", "valid_from", "valid_to", "rules", "drafted_by")
_PARSED_KEPT = 64
_parsed: dict[tuple[object, str], Rules] = {}


def _who_and_when(name: str, states: list[str], by: str, at: str) -> models.CheckConstraint:
    """`by` and `at` are both there in `states` and both absent in all others."""
    return models.CheckConstraint(
        condition=Q(state__in=states, **{f"{by}__isnull": False, f"{at}__isnull": False})
        | (~Q(state__in=states) & Q(**{f"{by}__isnull": True, f"{at}__isnull": True})),
        name=name,
        violation_error_message="状态与经办人、办理时间须一致。",
    )


def _changed(*fields: str) -> pgtrigger.Q:
    """Any of `fields` is not what it was."""
    return reduce(or_, (pgtrigger.Q(**{f"old__{field}__df": pgtrigger.F(f"new__{field}")}) for field in fields))


class Notice(FSMModelMixin, Subject):
    """One revision of the annual notice of one year. Once it is no draft its words and figures never change:
    what was granted, signed and paid under it points here and must find what it was made under.
    """

    ARCS = NOTICE_ARCS

    kind = models.CharField("类别", max_length=16, choices=NoticeKind, default=NoticeKind.GENERAL)
    year = models.PositiveSmallIntegerField("年度")
    revision = models.PositiveSmallIntegerField("版次")
    doc_no = models.CharField("文号", max_length=40)
    title = models.CharField("标题", max_length=120)
    issued_on = models.DateField("印发日期")
    valid_from = models.DateField("有效期起")
    valid_to = models.DateField("有效期止")
    rules = models.JSONField("规则")
    state = FSMField("状态", choices=NoticeState, default=NoticeState.DRAFT, protected=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人")
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人"
    )
    approved_at = models.DateTimeField("审定时间", null=True, blank=True)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发布人"
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "年度通知"
        constraints = [
            models.UniqueConstraint(fields=["kind", "year", "revision"], name="notice_revision_once"),
            models.UniqueConstraint(
                fields=["kind", "year"],
                condition=Q(state=NoticeState.PUBLISHED),
                name="notice_one_published",
                violation_error_message="同一年度同一类别只能有一版通知在发布状态。",
            ),
            models.CheckConstraint(
                condition=~Q(drafted_by=F("approved_by")),
                name="notice_two_people",
                violation_error_message="起草人与审定人不能是同一人。",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__lte=F("valid_to"), valid_from__year=F("year"), valid_to__year=F("year")),
                name="notice_within_its_year",
                violation_error_message="有效期须在通知年度之内。",
            ),
            models.CheckConstraint(condition=Q(revision__gte=1), name="notice_revision_from_one"),
            _who_and_when(
                "notice_approved_by_and_at",
                [NoticeState.APPROVED, NoticeState.PUBLISHED, NoticeState.SUPERSEDED],
                "approved_by",
                "approved_at",
            ),
            _who_and_when(
                "notice_published_by_and_at",
                [NoticeState.PUBLISHED, NoticeState.SUPERSEDED],
                "published_by",
                "published_at",
            ),
        ]
        triggers = [
            *Subject.Meta.triggers,
            arcs_trigger(NOTICE_ARCS),
            pgtrigger.Protect(
                name="never_edited",
                operation=pgtrigger.Update,
                condition=_changed(*_FIXED) & ~pgtrigger.Q(old__state=NoticeState.DRAFT),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """How people name the version: 桂工信规范〔2024〕9号·2026年度·第1版."""
        return f"{self.doc_no}·{self.year}年度·第{self.revision}版"

    @property
    def parsed(self) -> Rules:
        """The rules as values. Read once per version of the row in this process; a notice in force never changes."""
        key = (self.pk, self.head)
        if key not in _parsed:
            if len(_parsed) >= _PARSED_KEPT:
                _parsed.clear()
            _parsed[key] = notice_file.rules_from(self.rules)
        return _parsed[key]

    @transition(field=state, source=NoticeState.DRAFT, target=NoticeState.APPROVED)
    def approve(self, by: User, at: datetime) -> None:
        """A second person stands for it; from now on it cannot be edited."""
        self.approved_by, self.approved_at = by, at

    @transition(field=state, source=NoticeState.APPROVED, target=NoticeState.PUBLISHED)
    def publish(self, by: User, at: datetime) -> None:
        """It is in force within its dates."""
        self.published_by, self.published_at = by, at

    @transition(field=state, source=NoticeState.PUBLISHED, target=NoticeState.SUPERSEDED)
    def supersede(self) -> None:
        """A later revision is in force; what was made under this one keeps it."""


class Appropriation(FSMModelMixin, Subject):
    """Budget money by one document: recorded by the 处室, entered in the ledger when 财政厅 confirms it."""

    ARCS = APPROPRIATION_ARCS

    year = models.PositiveSmallIntegerField("预算年度")
    kind = models.CharField("类别", max_length=16, choices=AppropriationKind, default=AppropriationKind.APPROPRIATION)
    source_doc_no = models.CharField("预算文号", max_length=80)
    amount = MoneyField("金额")
    state = FSMField("状态", choices=AppropriationState, default=AppropriationState.RECORDED, protected=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "预算登记"
        constraints = [
            models.UniqueConstraint(
                fields=["source_doc_no", "year"],
                condition=~Q(state=AppropriationState.REJECTED),
                name="appropriation_document_once",
                violation_error_message="该预算文号在本年度已登记。",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="appropriation_amount_positive",
                violation_error_message="金额须大于0；核减另选类别。",
            ),
            models.CheckConstraint(
                condition=~Q(recorded_by=F("confirmed_by")),
                name="appropriation_two_people",
                violation_error_message="登记人与确认人不能是同一人。",
            ),
            _who_and_when(
                "appropriation_confirmed_by_and_at", [AppropriationState.CONFIRMED], "confirmed_by", "confirmed_at"
            ),
        ]
        triggers = [
            *Subject.Meta.triggers,
            arcs_trigger(APPROPRIATION_ARCS),
            pgtrigger.Protect(
                name="figures_fixed",
                operation=pgtrigger.Update,
                condition=_changed("year", "kind", "source_doc_no", "amount", "recorded_by"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.source_doc_no}"

    @property
    def effect(self) -> Decimal:
        """What it adds to the budget, in 元; negative for a reduction."""
        amount: Decimal = self.amount
        return amount if self.kind == AppropriationKind.APPROPRIATION else -amount

    @transition(field=state, source=AppropriationState.RECORDED, target=AppropriationState.CONFIRMED)
    def confirm(self, by: User, at: datetime) -> None:
        """It is entered in the ledger."""
        self.confirmed_by, self.confirmed_at = by, at

    @transition(field=state, source=AppropriationState.RECORDED, target=AppropriationState.REJECTED)
    def reject(self) -> None:
        """It is never entered; the document may be recorded again."""


class TargetSet(FSMModelMixin, Subject):
    """The 绩效目标 of one programme year by one document: drafted by the 处室, confirmed by 厅审定.

    `targets` is {indicator: value as text}, see `programmes.targets`. A later one takes the place of what was in force.
    """

    ARCS = TARGET_ARCS

    year = models.PositiveSmallIntegerField("年度")
    doc_no = models.CharField("依据文号", max_length=80)
    targets = models.JSONField("绩效目标")
    state = FSMField("状态", choices=TargetState, default=TargetState.DRAFT, protected=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人")
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人"
    )
    confirmed_at = models.DateTimeField("审定时间", null=True, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "绩效目标"
        constraints = [
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(state=TargetState.DRAFT),
                name="targets_one_draft",
                violation_error_message="该年度已有待审定的绩效目标。",
            ),
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(state=TargetState.CONFIRMED),
                name="targets_one_in_force",
                violation_error_message="该年度已有现行的绩效目标。",
            ),
            models.CheckConstraint(
                condition=~Q(targets={}), name="targets_not_empty", violation_error_message="至少设定一项绩效目标。"
            ),
            models.CheckConstraint(
                condition=~Q(drafted_by=F("confirmed_by")),
                name="targets_two_people",
                violation_error_message="起草人与审定人不能是同一人。",
            ),
            _who_and_when(
                "targets_confirmed_by_and_at",
                [TargetState.CONFIRMED, TargetState.SUPERSEDED],
                "confirmed_by",
                "confirmed_at",
            ),
        ]
        triggers = [
            *Subject.Meta.triggers,
            arcs_trigger(TARGET_ARCS),
            frozen_trigger("year", "doc_no", "targets", "drafted_by"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.doc_no}"

    @transition(field=state, source=TargetState.DRAFT, target=TargetState.CONFIRMED)
    def confirm(self, by: User, at: datetime) -> None:
        """It is what the year is measured by."""
        self.confirmed_by, self.confirmed_at = by, at

    @transition(field=state, source=TargetState.DRAFT, target=TargetState.REJECTED)
    def reject(self) -> None:
        """It never counted; another may be drafted."""

    @transition(field=state, source=TargetState.CONFIRMED, target=TargetState.SUPERSEDED)
    def supersede(self) -> None:
        """A later one counts."""


class Suspension(Subject):
    """A pause of signing in one budget year (第二十一条). Open while `ended_at` is null; one open pause a year."""

    year = models.PositiveSmallIntegerField("预算年度")
    kind = models.CharField("类别", max_length=16, choices=SuspensionKind)
    reason = models.CharField("原因", max_length=500)
    started_at = models.DateTimeField("暂停时间")
    started_by = models.CharField("暂停人", max_length=64)
    ended_at = models.DateTimeField("恢复时间", null=True, blank=True)
    ended_by = models.CharField("恢复人", max_length=64, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "暂停签约"
        constraints = [
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(ended_at=None),
                name="suspension_one_open",
                violation_error_message="该年度已处于暂停签约状态。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="suspension_ended_by_and_at",
                violation_error_message="恢复人和恢复时间须同时填写。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="suspension_ends_after_start"
            ),
        ]
        triggers = [
            *Subject.Meta.triggers,
            pgtrigger.Protect(
                name="ended_for_good", operation=pgtrigger.Update, condition=pgtrigger.Q(old__ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.get_kind_display()}"

    def end(self, by: Actor, at: datetime) -> None:
        """Signing goes on from `at`."""
        self.ended_at, self.ended_by = at, by.actor_id


class BudgetWarning(models.Model):
    """A threshold that the money left has passed, told once for each total it was measured against."""

    year = models.PositiveSmallIntegerField("预算年度")
    threshold = models.DecimalField("剩余比例", max_digits=5, decimal_places=4)
    total = MoneyField("预算总额")
    left = MoneyField("剩余")
    warned_at = models.DateTimeField("提醒时间")

    class Meta:
        verbose_name = verbose_name_plural = "预算提醒"
        constraints = [
            models.UniqueConstraint(fields=["year", "threshold", "total"], name="budget_warning_once"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.threshold}"
