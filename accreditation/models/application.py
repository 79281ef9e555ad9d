"""An application: of a provider for a service year, or of one version of a product (第九条, 第十五条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from accreditation import states
from accreditation.models.round import Round
from accreditation.ranking import Score
from accreditation.states import APPLICATION_ARCS, CaseKind
from accreditation.states import ApplicationState as S
from engines.evidence.models import Subject, arcs_trigger
from engines.publicity.models import Publicity
from foundation.money import MoneyField
from foundation.parts import different_people, in_states, moment, person, together
from programmes.models import Notice
from providers.models import Listing, ProductVersion, Provider


class Application(FSMModelMixin, Subject):
    """One case: `provider` asks for the year's qualification, or for `product_version` to be taken on.

    `stated` is what the provider's record (or the version) said when it was last submitted. `submissions` counts
    how often it was; the checks of its conditions and the lists of what to put right bear that number. `mean` is
    the experts' mean of points, `rank` the place among those that passed the vote.
    """

    ARCS: ClassVar = APPLICATION_ARCS

    kind = models.CharField("申请类别", max_length=16, choices=CaseKind)
    number = models.CharField("申请编号", max_length=32, unique=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="applications", verbose_name="征集批次")
    year = models.PositiveSmallIntegerField("服务年度")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="年度通知版本")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="applications", verbose_name="服务商")
    product_version = models.ForeignKey(
        ProductVersion, models.PROTECT, null=True, related_name="applications", verbose_name="产品版本"
    )
    renews = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name="续期所依据的申请")
    state = FSMField("状态", choices=S, default=S.DRAFT, protected=True, max_length=16)
    categories = models.JSONField("服务类别", default=list)
    public_platform = models.CharField("公共服务平台认定", max_length=120, blank=True)
    parent_core_staff = models.PositiveIntegerField("母公司核心业务专职人员数", null=True)
    parent_clients = models.PositiveIntegerField("母公司上年服务企业数", null=True)
    parent_revenue = MoneyField("母公司上年营业收入", null=True)
    stated = models.JSONField("提交时的内容", default=dict)
    digest = models.CharField("提交内容SM3", max_length=64, blank=True)
    submissions = models.PositiveSmallIntegerField("提交次数", default=0)
    submitted_by, submitted_at = person("提交人"), moment("提交时间")
    first_submitted_at = moment("首次提交时间")
    check_due = models.DateField("审查期限", null=True)
    checked_by, checked_at = person("形式审查人"), moment("形式审查时间")
    returns = models.PositiveSmallIntegerField("退回次数", default=0)
    correction_due = models.DateField("补正期限", null=True)
    accepted_by, accepted_at = person("受理人"), moment("受理时间")
    opinion = models.TextField("处室初审意见", blank=True)
    panel = models.ForeignKey(
        "accreditation.Panel", models.PROTECT, null=True, related_name="applications", verbose_name="专家组"
    )
    mean = models.DecimalField("专家平均分", max_digits=6, decimal_places=2, null=True)
    votes_for = models.PositiveSmallIntegerField("赞成票", null=True)
    votes = models.PositiveSmallIntegerField("票数", null=True)
    rank = models.PositiveIntegerField("评审排名", null=True)
    recommended_by, recommended_at = person("推荐名单拟定人"), moment("推荐名单拟定时间")
    approved_by, approved_at = person("审定人"), moment("审定时间")
    approval_no = models.CharField("审定文号", max_length=64, blank=True)
    publicity = models.ForeignKey(Publicity, models.PROTECT, null=True, related_name="+", verbose_name="公示")
    listing = models.ForeignKey(Listing, models.PROTECT, null=True, related_name="+", verbose_name="年度资格")
    reason = models.TextField("退回、不予受理、不予推荐或移出理由", blank=True)
    decision_no = models.CharField("决定文号", max_length=64, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "认定申请"
        triggers = [*Subject.Meta.triggers, arcs_trigger(APPLICATION_ARCS)]
        indexes = [
            models.Index(fields=["provider", "-id"], name="application_of_provider"),
            models.Index(fields=["round", "kind", "state"], name="application_of_round"),
            models.Index(fields=["state", "check_due"], name="application_by_check_due"),
            models.Index(fields=["state", "correction_due"], name="application_by_correction"),
            models.Index(fields=["publicity"], name="application_of_publicity"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "year"],
                condition=Q(kind=CaseKind.PROVIDER) & ~Q(state__in=sorted(states.FAILED)),
                name="application_once_a_year",
                violation_error_message="该服务商本年度已有申请。",
            ),
            models.UniqueConstraint(
                fields=["product_version"],
                condition=~Q(state__in=sorted(states.FAILED)),
                name="application_of_version_once",
                violation_error_message="该产品版本已有申请。",
            ),
            models.CheckConstraint(
                condition=Q(kind=CaseKind.PROVIDER, product_version=None)
                | Q(kind=CaseKind.PRODUCT, product_version__isnull=False),
                name="application_kind_and_version",
                violation_error_message="产品申请须指明产品版本，服务商申请不得指明。",
            ),
            together("application_submit_both", "提交的人和时间", "submitted_by", "submitted_at", "first_submitted_at"),
            together("application_check_both", "形式审查的人和时间", "checked_by", "checked_at"),
            together("application_accept_both", "受理的人和时间", "accepted_by", "accepted_at"),
            together("application_recommend_both", "拟定推荐名单的人和时间", "recommended_by", "recommended_at"),
            together("application_approve_both", "审定的人和时间", "approved_by", "approved_at"),
            together("application_score_whole", "平均分、赞成票和票数", "mean", "votes_for", "votes"),
            different_people(
                "application_three_people", "形式审查、受理与审定", "checked_by", "accepted_by", "approved_by"
            ),
            different_people("application_check_recommend_differ", "形式审查与推荐", "checked_by", "recommended_by"),
            different_people("application_recommend_approve_differ", "推荐与审定", "recommended_by", "approved_by"),
            in_states(
                "application_submitted_state",
                states.SUBMITTED,
                Q(submitted_at__isnull=False, submissions__gte=1, check_due__isnull=False) & ~Q(digest=""),
                "须有提交人、提交内容摘要和审查期限。",
            ),
            in_states("application_checked_state", states.CHECKED, Q(checked_at__isnull=False), "须先完成形式审查。"),
            in_states("application_accepted_state", states.ACCEPTED, Q(accepted_at__isnull=False), "须先由处室受理。"),
            in_states(
                "application_scored_state",
                states.SCORED,
                Q(mean__isnull=False, panel__isnull=False),
                "须有专家评审结果。",
            ),
            in_states(
                "application_recommended_state",
                states.RECOMMENDED,
                Q(recommended_at__isnull=False, rank__isnull=False),
                "推荐须有拟定人和评审排名：未通过专家表决的不得推荐。",
            ),
            in_states(
                "application_approved_state",
                states.APPROVED,
                Q(approved_at__isnull=False) & ~Q(approval_no=""),
                "审定须有审定人和文号。",
            ),
            in_states("application_publicity_state", states.PUBLISHED, Q(publicity__isnull=False), "须有公示。"),
            in_states(
                "application_listed_state",
                states.LISTED_STATES,
                Q(kind=CaseKind.PRODUCT) | Q(listing__isnull=False),
                "列入年度服务商须有年度资格。",
            ),
            in_states(
                "application_correction_state",
                frozenset({S.RETURNED}),
                Q(correction_due__isnull=False, returns__gte=1),
                "退回补正须有期限。",
            ),
            in_states(
                "application_reason_given",
                frozenset({S.REJECTED, S.NOT_RECOMMENDED, S.DECLINED, S.REMOVED, S.OBJECTION_HOLD}),
                ~Q(reason=""),
                "不予受理、不予推荐、未审定、异议核查或移出须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject_name(self) -> str:
        """What it is about, for lists: the provider's or the product's name."""
        return self.product_version.name if self.product_version is not None else self.provider.name

    @transition(field=state, source=[S.DRAFT, S.RETURNED], target=S.SUBMITTED)
    def submit(self, by: User, at: datetime, stated: dict[str, Any], digest: str, due: date) -> None:
        self.submitted_by, self.submitted_at, self.stated, self.digest = by, at, stated, digest
        self.first_submitted_at = self.first_submitted_at or at
        self.check_due, self.correction_due, self.reason = due, None, ""
        self.checked_by = self.checked_at = None
        self.submissions += 1

    @transition(field=state, source=S.SUBMITTED, target=S.FORMAL_CHECK)
    def check_form(self, by: User, at: datetime) -> None:
        self.checked_by, self.checked_at = by, at

    @transition(field=state, source=[S.SUBMITTED, S.FORMAL_CHECK], target=S.RETURNED)
    def send_back(self, until: date) -> None:
        self.correction_due = until
        self.returns += 1
        self.checked_by = self.checked_at = None

    @transition(field=state, source=sorted(states.WITHDRAWABLE), target=S.WITHDRAWN)
    def withdraw(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=sorted(states.REJECTABLE), target=S.REJECTED)
    def reject(self, reason: str, decision_no: str = "") -> None:
        self.reason, self.decision_no = reason, decision_no

    @transition(field=state, source=S.FORMAL_CHECK, target=S.DEPT_ACCEPTED)
    def accept(self, by: User, at: datetime, opinion: str) -> None:
        self.accepted_by, self.accepted_at, self.opinion = by, at, opinion

    @transition(field=state, source=S.DEPT_ACCEPTED, target=S.EXPERT_REVIEW)
    def begin_review(self) -> None:
        """The experts of its panel have their sheets."""

    @transition(field=state, source=S.EXPERT_REVIEW, target=S.SCORED)
    def be_scored(self, score: Score) -> None:
        self.mean, self.votes_for, self.votes = score.mean, score.votes_for, score.votes

    @transition(field=state, source=S.SCORED, target=S.RECOMMENDED)
    def recommend(self, by: User, at: datetime, rank: int) -> None:
        self.recommended_by, self.recommended_at, self.rank = by, at, rank

    @transition(field=state, source=S.SCORED, target=S.NOT_RECOMMENDED)
    def pass_over(self, by: User, at: datetime, rank: int | None, reason: str) -> None:
        self.recommended_by, self.recommended_at, self.rank, self.reason = by, at, rank, reason

    @transition(field=state, source=S.RECOMMENDED, target=S.APPROVED)
    def approve(self, by: User, at: datetime, approval_no: str) -> None:
        self.approved_by, self.approved_at, self.approval_no = by, at, approval_no

    @transition(field=state, source=S.RECOMMENDED, target=S.DECLINED)
    def decline(self, by: User, at: datetime, approval_no: str, reason: str) -> None:
        self.approved_by, self.approved_at, self.approval_no, self.reason = by, at, approval_no, reason

    @transition(field=state, source=S.APPROVED, target=S.PUBLICITY)
    def publicise(self, publicity: Publicity) -> None:
        self.publicity = publicity

    @transition(field=state, source=S.PUBLICITY, target=S.OBJECTION_HOLD)
    def hold(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.OBJECTION_HOLD, target=S.PUBLICITY)
    def show_again(self) -> None:
        self.reason = ""

    @transition(field=state, source=[S.PUBLICITY, S.OBJECTION_HOLD], target=S.APPROVED)
    def take_back(self) -> None:
        """The list it was on was withdrawn: it will be on another one."""
        self.publicity, self.reason = None, ""

    @transition(field=state, source=[S.PUBLICITY, S.OBJECTION_HOLD], target=S.LISTED)
    def enlist(self, listing: Listing | None) -> None:
        self.listing, self.reason = listing, ""

    @transition(field=state, source=[S.APPROVED, S.PUBLICITY, S.OBJECTION_HOLD], target=S.REMOVED)
    def remove(self, reason: str, decision_no: str = "") -> None:
        self.reason, self.decision_no = reason, decision_no

    @property
    def parent_figures(self) -> Mapping[str, Decimal | int | None]:
        """What was stated of the parent's last year."""
        return {
            "parent_core_staff": self.parent_core_staff,
            "parent_clients": self.parent_clients,
            "parent_revenue": self.parent_revenue,
        }
