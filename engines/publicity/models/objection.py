"""An objection against one thing on a list; who filed it stands apart and sealed."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from engines.evidence.models import Subject, arcs_trigger, frozen_trigger
from engines.publicity.models.publicity import PublicityItem, actor
from engines.publicity.states import (
    OBJECTION_ARCS,
    OBJECTION_DECIDED,
    OBJECTION_TOLD,
    AskedBy,
    FilerKind,
    FileRole,
    Outcome,
    Unaccepted,
)
from engines.publicity.states import ObjectionState as S
from foundation.ids import new_id
from foundation.parts import different_people, in_states, moment, only_in_states, together

FROZEN = ("number", "item", "filer_kind", "grounds", "filed_at", "accept_due")
# A result that was once told stays, also when the list is withdrawn while it is reviewed.
LAPSED_OR = OBJECTION_DECIDED | {S.LAPSED}


class Objection(FSMModelMixin, Subject):
    """A real-name objection (8-39). Nothing here tells who filed it; `grounds` are his own words.

    `accept_due`, `result_due`, `review_until` and `review_due` are last days. Nobody takes two of its stages:
    acceptance, investigation, decision, review.
    """

    ARCS: ClassVar = OBJECTION_ARCS

    number = models.CharField("回执号", max_length=32, unique=True)
    item = models.ForeignKey(PublicityItem, models.PROTECT, related_name="objections", verbose_name="公示事项")
    filer_kind = models.CharField("异议人类别", max_length=8, choices=FilerKind)
    grounds = models.TextField("事实和理由")
    state = FSMField("状态", choices=S, default=S.FILED, protected=True, max_length=16)
    filed_at = models.DateTimeField("提出时间")
    accept_due = models.DateField("受理期限")
    accepted_by, accepted_at = actor("受理人"), moment("受理决定时间")
    unaccepted = models.CharField("不予受理原因", max_length=16, choices=Unaccepted, blank=True)
    result_due = models.DateField("答复期限", null=True)
    extended_by, extended_at = actor("延期批准人"), moment("延期时间")
    investigated_by, investigated_at = actor("核查人"), moment("核查时间")
    findings = models.TextField("核查情况", blank=True)
    decided_by, decided_at = actor("决定人"), moment("决定时间")
    outcome = models.CharField("结果", max_length=16, choices=Outcome, blank=True)
    answer = models.TextField("答复", blank=True)
    notified_by, notified_at = actor("告知人"), moment("告知时间")
    review_until = models.DateField("可申请复核至", null=True)
    review_asked_by = models.CharField("复核申请方", max_length=8, choices=AskedBy, blank=True)
    review_asked_at = moment("复核申请时间")
    review_grounds = models.TextField("复核理由", blank=True)
    review_due = models.DateField("复核期限", null=True)
    reviewed_by, reviewed_at = actor("复核人"), moment("复核时间")
    review_outcome = models.CharField("复核结果", max_length=16, choices=Outcome, blank=True)
    review_answer = models.TextField("复核答复", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "公示异议"
        triggers = [*Subject.Meta.triggers, arcs_trigger(OBJECTION_ARCS), frozen_trigger(*FROZEN)]
        constraints = [
            different_people(
                "objection_hands_differ",
                "异议的受理、核查、决定、复核",
                "accepted_by",
                "investigated_by",
                "decided_by",
                "reviewed_by",
            ),
            together("objection_accept_both", "受理人和时间", "accepted_by", "accepted_at"),
            together("objection_extend_both", "延期批准人和时间", "extended_by", "extended_at"),
            together("objection_investigate_both", "核查人和时间", "investigated_by", "investigated_at"),
            together("objection_decide_both", "决定人和时间", "decided_by", "decided_at"),
            together("objection_notify_all", "告知人、时间和复核期限", "notified_by", "notified_at", "review_until"),
            together("objection_review_asked_both", "复核申请时间和期限", "review_asked_at", "review_due"),
            together("objection_review_both", "复核人和时间", "reviewed_by", "reviewed_at"),
            models.CheckConstraint(
                condition=~Q(grounds=""), name="objection_has_grounds", violation_error_message="异议须写明事实和理由。"
            ),
            only_in_states(
                "objection_unaccepted_state",
                [S.NOT_ACCEPTED],
                ~Q(unaccepted=""),
                "不予受理须有原因，且只在不予受理时填写。",
            ),
            in_states(
                "objection_accepted_state",
                [S.ACCEPTED, S.INVESTIGATING, *OBJECTION_DECIDED],
                Q(accepted_at__isnull=False, result_due__isnull=False),
                "受理须有受理人、时间和答复期限。",
            ),
            in_states(
                "objection_decided_state",
                OBJECTION_DECIDED,
                Q(decided_at__isnull=False, investigated_at__isnull=False)
                & ~Q(outcome="")
                & ~Q(answer="")
                & ~Q(findings=""),
                "决定须有核查情况、决定人、结果和答复。",
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(state__in=sorted(LAPSED_OR)),
                name="objection_outcome_state",
                violation_error_message="决定之前不能有结果。",
            ),
            in_states("objection_told_state", OBJECTION_TOLD, Q(notified_at__isnull=False), "告知须有告知人和时间。"),
            in_states(
                "objection_review_state",
                [S.REVIEW],
                Q(review_asked_at__isnull=False) & ~Q(review_asked_by="") & ~Q(review_grounds=""),
                "复核须有申请方、时间和理由。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=S.FILED, target=S.ACCEPTED)
    def accept(self, by: str, at: datetime, result_due: date) -> None:
        """It will be looked into; an answer is owed by `result_due`."""
        self.accepted_by, self.accepted_at, self.result_due = by, at, result_due

    @transition(field=state, source=S.FILED, target=S.NOT_ACCEPTED)
    def turn_down(self, by: str, at: datetime, why: str, answer: str) -> None:
        """It is none that this procedure deals with."""
        self.accepted_by, self.accepted_at = by, at
        self.unaccepted, self.answer = why, answer

    @transition(field=state, source=S.ACCEPTED, target=S.INVESTIGATING)
    def investigate(self, by: str, at: datetime) -> None:
        """Somebody looks into it."""
        self.investigated_by, self.investigated_at = by, at

    @transition(field=state, source=S.INVESTIGATING, target=S.UPHELD)
    def uphold(self, by: str, at: datetime, answer: str) -> None:
        """It is right."""
        self.decided_by, self.decided_at, self.outcome, self.answer = by, at, Outcome.UPHELD, answer

    @transition(field=state, source=S.INVESTIGATING, target=S.NOT_UPHELD)
    def dismiss(self, by: str, at: datetime, answer: str) -> None:
        """It is not right."""
        self.decided_by, self.decided_at, self.outcome, self.answer = by, at, Outcome.NOT_UPHELD, answer

    @transition(field=state, source=[S.UPHELD, S.NOT_UPHELD], target=S.NOTIFIED)
    def notify(self, by: str, at: datetime, review_until: date) -> None:
        """The filer and the party were told; either may ask once for another look until `review_until`."""
        self.notified_by, self.notified_at, self.review_until = by, at, review_until

    @transition(field=state, source=S.NOTIFIED, target=S.REVIEW)
    def ask_review(self, asked_by: str, at: datetime, grounds: str, due: date) -> None:
        """Somebody else looks at it once more, by `due`."""
        self.review_asked_by, self.review_asked_at = asked_by, at
        self.review_grounds, self.review_due = grounds, due

    @transition(field=state, source=S.REVIEW, target=S.CLOSED)
    def conclude(self, by: str, at: datetime, outcome: str, answer: str) -> None:
        """The last word."""
        self.reviewed_by, self.reviewed_at = by, at
        self.review_outcome, self.review_answer = outcome, answer

    @transition(field=state, source=S.NOTIFIED, target=S.CLOSED)
    def close(self) -> None:
        """Nobody has asked for another look in time."""

    @transition(field=state, source=[S.FILED, S.ACCEPTED, S.INVESTIGATING, S.REVIEW], target=S.LAPSED)
    def lapse(self) -> None:
        """What it was about is no longer proposed."""


class ObjectionFiler(models.Model):
    """Who filed: sealed with a key of its own, bound to this objection, opened only by `open_identity`.

    `secret` is SM3 of the word by which the filer asks for the state of his objection.
    """

    objection = models.OneToOneField(
        Objection, models.PROTECT, primary_key=True, related_name="filer", verbose_name="异议"
    )
    sealed = models.BinaryField("密文")
    secret = models.CharField("查询码摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "异议人"
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.objection_id}"


class ObjectionFile(models.Model):
    """A paper of the filer, kept sealed outside the common files: its content may tell who he is.

    `sm3` is of what he sent. It has no name of its own: a file's name may be a person's.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    objection = models.ForeignKey(Objection, models.PROTECT, related_name="files", verbose_name="异议")
    role = models.CharField("用途", max_length=16, choices=FileRole)
    name = models.CharField("名称", max_length=64)
    content_type = models.CharField("类型", max_length=64)
    size = models.PositiveBigIntegerField("字节数")
    sm3 = models.CharField("SM3", max_length=64)
    added_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = verbose_name_plural = "异议材料"
        constraints = [
            models.UniqueConstraint(
                fields=["objection"],
                condition=Q(role=FileRole.LETTER),
                name="objection_one_letter",
                violation_error_message="每件异议只有一份盖章异议函。",
            ),
            models.UniqueConstraint(fields=["objection", "name"], name="objection_file_name_once"),
        ]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where the sealed bytes lie; never shown to anyone."""
        return Path(settings.FILES_DIR) / "sealed" / str(self.pk)
