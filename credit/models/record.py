"""An entry in a party's credit file (第二十七条: 作为不良信用记录纳入服务档案)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import Organisation, User
from accounts.states import OrganisationKind
from credit.models.complaint import Complaint
from credit.states import RECORD_ARCS, RECORD_DECIDED, RECORD_ENDED, RECORD_REVIEWED, RECORD_STANDING, Ground
from credit.states import RecordState as S
from engines.evidence.models import Subject, arcs_trigger
from engines.files.models import StoredFile
from foundation.parts import different_people, in_states, moment, person, together


class CreditRecord(FSMModelMixin, Subject):
    """Proposed by 促进中心经办, examined by 促进中心复核, decided by 厅职能处室 with a document: three people.
    Repair and correction take a fourth (DOMAIN 4, row 35).

    The code stands by itself: the record follows it whatever becomes of the organisation, and also binds who
    has not registered yet. While the record is in force and `blocks`, the party can begin nothing new
    anywhere; `until` is typed in the decision (8-41), none means until it is repaired or taken back.
    """

    ARCS: ClassVar = RECORD_ARCS

    number = models.CharField("记录编号", max_length=32, unique=True)
    state = FSMField("状态", choices=S, default=S.PROPOSED, protected=True, max_length=16)
    uscc = models.CharField("统一社会信用代码", max_length=18)
    party_name = models.CharField("单位名称", max_length=120)
    party_kind = models.CharField("单位类别", max_length=16, choices=OrganisationKind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="credit_records", verbose_name="已注册单位"
    )
    ground = models.CharField("事由", max_length=16, choices=Ground)
    facts = models.TextField("事实和依据")
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, null=True, related_name="records", verbose_name="所依据的投诉"
    )
    files = models.ManyToManyField(StoredFile, related_name="+", verbose_name="佐证材料")
    blocks = models.BooleanField("限制参与", default=True)
    since = models.DateField("生效日期", null=True)
    until = models.DateField("截止日期", null=True)
    decision_no = models.CharField("决定文号", max_length=64, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    reviewed_by, reviewed_at = person("复核人"), moment("复核时间")
    decided_by, decided_at = person("决定人"), moment("决定时间")
    repair_text = models.TextField("修复申请", blank=True)
    ended_by, ended_at = person("终止人"), moment("终止时间")
    end_reason = models.TextField("修复、撤销或不予记录的理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "信用记录"
        triggers = [*Subject.Meta.triggers, arcs_trigger(RECORD_ARCS)]
        indexes = [
            models.Index(
                fields=["uscc"], condition=Q(blocks=True, state__in=sorted(RECORD_STANDING)), name="credit_blocking"
            ),
            models.Index(fields=["uscc", "-id"], name="credit_of_code"),
        ]
        constraints = [
            together("credit_review_both", "复核人和复核时间", "reviewed_by", "reviewed_at"),
            together("credit_decide_whole", "决定人、决定时间和生效日期", "decided_by", "decided_at", "since"),
            together("credit_end_both", "终止人和终止时间", "ended_by", "ended_at"),
            different_people(
                "credit_four_people",
                "提出、复核、决定与修复或撤销",
                "proposed_by",
                "reviewed_by",
                "decided_by",
                "ended_by",
            ),
            in_states("credit_reviewed_state", RECORD_REVIEWED, Q(reviewed_at__isnull=False), "须先经复核。"),
            in_states(
                "credit_decided_state",
                RECORD_DECIDED,
                Q(decided_at__isnull=False) & ~Q(decision_no=""),
                "生效的信用记录须有决定人和决定文号。",
            ),
            in_states(
                "credit_ended_state",
                RECORD_ENDED,
                Q(ended_at__isnull=False) & ~Q(end_reason=""),
                "修复或撤销须有经办人和理由。",
            ),
            in_states("credit_repair_state", {S.REPAIR_APPLIED}, ~Q(repair_text=""), "申请修复须写明整改情况。"),
            in_states("credit_declined_state", {S.DECLINED}, ~Q(end_reason=""), "不予记录须写明理由。"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(since__isnull=False, until__gte=F("since")),
                name="credit_period_order",
                violation_error_message="截止日期不能早于生效日期。",
            ),
            models.CheckConstraint(
                condition=Q(party_kind__in=["enterprise", "provider"]),
                name="credit_of_a_party",
                violation_error_message="信用记录只针对企业和服务商。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def says(self) -> str:
        """Whom it keeps out, why, by which document and how long, as the party is told."""
        until = f"至{self.until}" if self.until else "至修复或撤销为止"
        return f"{self.party_name}因“{self.get_ground_display()}”被限制参与（{self.decision_no}，{until}）"

    @transition(field=state, source=S.PROPOSED, target=S.REVIEWED)
    def review(self, by: User, at: datetime) -> None:
        """A second person has examined facts and evidence."""
        self.reviewed_by, self.reviewed_at = by, at

    @transition(field=state, source=[S.PROPOSED, S.REVIEWED], target=S.DECLINED)
    def decline(self, reason: str) -> None:
        """Nothing is recorded."""
        self.end_reason = reason

    @transition(field=state, source=S.REVIEWED, target=S.IN_FORCE)
    def decide(self, by: User, at: datetime, since: date, until: date | None, decision_no: str) -> None:
        """In force from `since`, to `until` where the decision names a last day."""
        self.decided_by, self.decided_at, self.decision_no = by, at, decision_no
        self.since, self.until = since, until

    @transition(field=state, source=S.IN_FORCE, target=S.REPAIR_APPLIED)
    def ask_repair(self, text: str) -> None:
        """The party says what it has put right. The record stays in force meanwhile."""
        self.repair_text = text

    @transition(field=state, source=S.REPAIR_APPLIED, target=S.IN_FORCE)
    def refuse_repair(self) -> None:
        """Not put right."""

    @transition(field=state, source=S.REPAIR_APPLIED, target=S.REPAIRED)
    def repair(self, by: User, at: datetime, reason: str) -> None:
        """Put right: it binds nobody any more."""
        self.ended_by, self.ended_at, self.end_reason = by, at, reason

    @transition(field=state, source=[S.IN_FORCE, S.REPAIR_APPLIED], target=S.CORRECTED)
    def correct(self, by: User, at: datetime, reason: str) -> None:
        """It should not have been made; taken back."""
        self.ended_by, self.ended_at, self.end_reason = by, at, reason

    @transition(field=state, source=[S.IN_FORCE, S.REPAIR_APPLIED], target=S.EXPIRED)
    def expire(self) -> None:
        """Its last day has passed."""
