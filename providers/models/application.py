"""A provider's qualification for one service year (第十五条, 第十六条)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from engines.files.models import StoredFile
from foundation.parts import different_people, in_states, person, together
from programmes.models import Notice
from providers.models.provider import Provider
from providers.states import (
    APPLICATION_ACCEPTED,
    APPLICATION_APPROVED,
    APPLICATION_ARCS,
    APPLICATION_LISTED,
    APPLICATION_PUBLISHED,
    APPLICATION_RECOMMENDED,
    BANNABLE,
)
from providers.states import ApplicationState as S


class Application(FSMModelMixin, Subject):
    """One provider, one service year. LISTED is what lets it contract; the cap account opens with it."""

    ARCS: ClassVar = APPLICATION_ARCS

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="applications", verbose_name="服务商")
    year = models.PositiveSmallIntegerField("服务年度")
    state = FSMField("状态", choices=S, default=S.DRAFT, protected=True, max_length=16)
    profile = models.JSONField("申报时的条件", default=dict, blank=True)
    submitted_by, submitted_at = person("提交人"), models.DateTimeField("提交时间", null=True, blank=True)
    checked_by, checked_at = person("形式审查人"), models.DateTimeField("形式审查时间", null=True, blank=True)
    accepted_by, accepted_at = person("受理人"), models.DateTimeField("受理时间", null=True, blank=True)
    recommended_by, recommended_at = person("推荐人"), models.DateTimeField("推荐时间", null=True, blank=True)
    expert_opinion = models.CharField("专家评审意见", max_length=200, blank=True)
    expert_opinion_file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="专家评审意见文件"
    )
    approved_by, approved_at = person("审定人"), models.DateTimeField("审定时间", null=True, blank=True)
    approval_no = models.CharField("审定文号", max_length=64, blank=True)
    publicity_from = models.DateField("公示开始", null=True, blank=True)
    publicity_to = models.DateField("公示结束", null=True, blank=True)
    publicity_reference = models.CharField("公示文号或网址", max_length=200, blank=True)
    listed_by, listed_at = person("列入人"), models.DateTimeField("列入时间", null=True, blank=True)
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="依据通知")
    valid_from = models.DateField("有效期起", null=True, blank=True)
    valid_to = models.DateField("有效期止", null=True, blank=True)
    reason = models.TextField("退回、不予受理、暂停或终止理由", blank=True)
    decision_no = models.CharField("终止决定文号", max_length=64, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "服务商申请"
        triggers = [*Subject.Meta.triggers, arcs_trigger(APPLICATION_ARCS)]
        indexes = [models.Index(fields=["state", "valid_to"], name="application_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "year"],
                name="application_once_a_year",
                violation_error_message="该服务商本年度已有申请。",
            ),
            together("application_submit_both", "提交的人和时间", "submitted_by", "submitted_at"),
            together("application_check_both", "形式审查的人和时间", "checked_by", "checked_at"),
            together("application_accept_both", "受理的人和时间", "accepted_by", "accepted_at"),
            together("application_recommend_both", "推荐的人和时间", "recommended_by", "recommended_at"),
            together("application_approve_both", "审定的人和时间", "approved_by", "approved_at"),
            together("application_list_both", "列入的人和时间", "listed_by", "listed_at"),
            different_people("application_check_accept_differ", "形式审查与受理", "checked_by", "accepted_by"),
            different_people("application_check_approve_differ", "形式审查与审定", "checked_by", "approved_by"),
            different_people("application_accept_approve_differ", "受理与审定", "accepted_by", "approved_by"),
            different_people("application_recommend_approve_differ", "推荐与审定", "recommended_by", "approved_by"),
            in_states(
                "application_accepted_state",
                APPLICATION_ACCEPTED,
                Q(submitted_at__isnull=False, checked_at__isnull=False, accepted_at__isnull=False),
                "须先完成提交、形式审查和受理。",
            ),
            in_states(
                "application_recommended_state",
                APPLICATION_RECOMMENDED,
                Q(recommended_at__isnull=False) & ~Q(expert_opinion=""),
                "推荐须有专家评审意见。",
            ),
            in_states(
                "application_approved_state",
                APPLICATION_APPROVED,
                Q(approved_at__isnull=False) & ~Q(approval_no=""),
                "审定须有审定人和文号。",
            ),
            in_states(
                "application_publicity_state",
                APPLICATION_PUBLISHED,
                Q(publicity_from__isnull=False, publicity_to__isnull=False) & ~Q(publicity_reference=""),
                "公示须有起止日期和文号或网址。",
            ),
            in_states(
                "application_listed_state",
                APPLICATION_LISTED,
                Q(
                    listed_at__isnull=False,
                    notice__isnull=False,
                    valid_from__isnull=False,
                    valid_to__isnull=False,
                    valid_from__gt=F("publicity_to"),
                    valid_to__gte=F("valid_from"),
                ),
                "列入年度服务商须在公示期满之后，并有依据通知和有效期。",
            ),
            models.CheckConstraint(
                condition=Q(publicity_from__isnull=True, publicity_to__isnull=True)
                | Q(publicity_from__isnull=False, publicity_to__gte=F("publicity_from")),
                name="application_publicity_order",
                violation_error_message="公示结束日期不能早于开始日期。",
            ),
            in_states(
                "application_reason_given",
                frozenset({S.RETURNED, S.REJECTED, S.SUSPENDED, S.TERMINATED, S.TERMINATED_BAN}),
                ~Q(reason=""),
                "退回、不予受理、暂停或终止须写明理由。",
            ),
            in_states(
                "application_ended_by_decision",
                frozenset({S.TERMINATED, S.TERMINATED_BAN}),
                ~Q(decision_no=""),
                "终止服务资格须有决定文号。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.year}"

    @transition(field=state, source=[S.DRAFT, S.RETURNED], target=S.SUBMITTED)
    def submit(self, by: User, at: datetime, profile: dict[str, Any]) -> None:
        self.submitted_by, self.submitted_at, self.profile, self.reason = by, at, profile, ""
        self.checked_by = self.checked_at = None

    @transition(field=state, source=S.SUBMITTED, target=S.FORMAL_CHECK)
    def check_form(self, by: User, at: datetime) -> None:
        self.checked_by, self.checked_at = by, at

    @transition(field=state, source=S.FORMAL_CHECK, target=S.RETURNED)
    def send_back(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.FORMAL_CHECK, target=S.REJECTED)
    def reject(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.FORMAL_CHECK, target=S.DEPT_ACCEPTED)
    def accept(self, by: User, at: datetime) -> None:
        self.accepted_by, self.accepted_at = by, at

    @transition(field=state, source=S.DEPT_ACCEPTED, target=S.RECOMMENDED)
    def recommend(self, by: User, at: datetime, opinion: str, opinion_file: StoredFile | None) -> None:
        self.recommended_by, self.recommended_at = by, at
        self.expert_opinion, self.expert_opinion_file = opinion, opinion_file

    @transition(field=state, source=S.RECOMMENDED, target=S.APPROVED)
    def approve(self, by: User, at: datetime, approval_no: str) -> None:
        self.approved_by, self.approved_at, self.approval_no = by, at, approval_no

    @transition(field=state, source=S.APPROVED, target=S.PUBLICITY)
    def publicise(self, first: date, last: date, reference: str) -> None:
        self.publicity_from, self.publicity_to, self.publicity_reference = first, last, reference

    @transition(field=state, source=S.PUBLICITY, target=S.LISTED)
    def enlist(self, by: User, at: datetime, notice: Notice, valid_from: date, valid_to: date) -> None:
        self.listed_by, self.listed_at, self.notice = by, at, notice
        self.valid_from, self.valid_to = valid_from, valid_to

    @transition(field=state, source=S.LISTED, target=S.SUSPENDED)
    def suspend(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.SUSPENDED, target=S.LISTED)
    def resume(self) -> None:
        self.reason = ""

    @transition(field=state, source=[S.LISTED, S.SUSPENDED], target=S.EXPIRED)
    def expire(self) -> None:
        """The year is over: no new contract; those that run go on and may settle (8-37)."""

    @transition(field=state, source=S.LISTED, target=S.TERMINATED)
    def terminate(self, reason: str, decision_no: str) -> None:
        self.reason, self.decision_no = reason, decision_no

    @transition(field=state, source=sorted(BANNABLE), target=S.TERMINATED_BAN)
    def ban(self, reason: str, decision_no: str) -> None:
        self.reason, self.decision_no = reason, decision_no
