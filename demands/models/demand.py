"""What an enterprise looks for, from draft to contract (第十八条第（三）项)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from demands.states import DEMAND_ARCS, DEMAND_BOUND, DEMAND_PUBLISHED, DEMAND_SHOWN, DEMAND_SUBMITTED
from demands.states import DemandState as S
from engines.evidence.models import Subject, arcs_trigger
from enterprises.models import Enterprise
from foundation.money import MoneyField
from foundation.parts import different_people, in_states, moment, person, together
from programmes.models import Notice


class Demand(FSMModelMixin, Subject):
    """One demand of one enterprise. Its words are fixed while it is looked at and shown.

    The contact is personal data: never on the board, and given only to the provider that was taken up.
    `contract` names the contract that stands on it (a room above), from its draft on; one at a time.
    """

    ARCS: ClassVar = DEMAND_ARCS

    number = models.CharField("需求编号", max_length=32)
    state = FSMField("状态", choices=S, default=S.DRAFT, protected=True, max_length=16)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="demands", verbose_name="企业")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="年度通知版本")
    title = models.CharField("标题", max_length=80)
    content = models.TextField("需求服务内容")
    categories = ArrayField(models.CharField(max_length=32), verbose_name="需求产品类型", default=list, blank=True)
    fee_low = MoneyField("可接受服务费用下限", null=True, blank=True)
    fee_high = MoneyField("可接受服务费用上限", null=True, blank=True)
    starts_on = models.DateField("期望开始日期", null=True, blank=True)
    ends_on = models.DateField("期望完成日期", null=True, blank=True)
    contact_name = models.CharField("联系人", max_length=64)
    contact_phone = models.CharField("联系电话", max_length=32)
    findings = models.JSONField("内容提示", default=list, blank=True)
    submitted_by, submitted_at = person("提交人"), moment("提交时间")
    checked_by, checked_at = person("审核人"), moment("审核时间")
    published_by, published_at = person("发布人"), moment("发布时间")
    shown_until = models.DateField("展示至", null=True)
    reminded_at = moment("到期提醒时间")
    contract = models.UUIDField("合同", null=True)
    contract_number = models.CharField("合同编号", max_length=32, blank=True)
    reason = models.TextField("退回、撤回或下架理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "需求"
        triggers = [*Subject.Meta.triggers, arcs_trigger(DEMAND_ARCS)]
        indexes = [
            models.Index(fields=["state", "-published_at", "-id"], name="demand_board"),
            models.Index(
                fields=["published_at", "id"], condition=Q(state__in=sorted(DEMAND_SHOWN)), name="demand_shown_latest"
            ),
            models.Index(
                fields=["shown_until", "id"], condition=Q(state__in=sorted(DEMAND_SHOWN)), name="demand_shown_until"
            ),
            models.Index(fields=["enterprise", "-id"], name="demand_of_enterprise"),
            models.Index(fields=["state", "shown_until"], name="demand_by_end"),
            GinIndex(fields=["categories"], name="demand_categories"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], name="demand_number_once", violation_error_message="需求编号重复。"
            ),
            models.CheckConstraint(
                condition=Q(fee_low__isnull=True)
                | Q(fee_high__isnull=True)
                | Q(fee_low__isnull=False, fee_high__isnull=False, fee_low__lte=F("fee_high")),
                name="demand_fees_in_order",
                violation_error_message="可接受服务费用的下限不能高于上限。",
            ),
            models.CheckConstraint(
                condition=(Q(fee_low__isnull=True) | Q(fee_low__gte=0))
                & (Q(fee_high__isnull=True) | Q(fee_high__gt=0)),
                name="demand_fees_not_negative",
                violation_error_message="可接受服务费用不能为负，上限须大于零。",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="demand_dates_in_order",
                violation_error_message="期望完成日期不能早于开始日期。",
            ),
            together("demand_submit_both", "提交的人和时间", "submitted_by", "submitted_at"),
            together("demand_check_both", "审核的人和时间", "checked_by", "checked_at"),
            together("demand_publish_both", "发布的人、时间和展示期限", "published_by", "published_at", "shown_until"),
            different_people("demand_check_publish_differ", "审核与发布", "checked_by", "published_by"),
            in_states(
                "demand_submitted_state",
                DEMAND_SUBMITTED,
                Q(submitted_at__isnull=False),
                "提交的需求须有提交人和时间。",
            ),
            in_states(
                "demand_published_state",
                DEMAND_PUBLISHED,
                Q(checked_at__isnull=False, published_at__isnull=False),
                "展示过的需求须经审核和发布。",
            ),
            models.CheckConstraint(
                condition=Q(contract__isnull=True, contract_number="")
                | (Q(contract__isnull=False) & ~Q(contract_number="") & Q(state__in=sorted(DEMAND_BOUND))),
                name="demand_contract_state",
                violation_error_message="只有对接中或已签约的需求记有合同及其编号。",
            ),
            in_states("demand_matched_state", {S.MATCHED}, Q(contract__isnull=False), "已签约的需求须有合同。"),
            in_states(
                "demand_reason_given",
                {S.RETURNED, S.WITHDRAWN, S.TAKEN_DOWN},
                ~Q(reason=""),
                "退回、撤回或下架须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def stage_label(self) -> str:
        """The state as people follow it: one that the first officer has passed waits for the second, not for a check."""
        waits_for_second = self.state == S.SUBMITTED and self.checked_at is not None
        return "已审核，待发布" if waits_for_second else str(self.get_state_display())

    @transition(field=state, source=[S.DRAFT, S.RETURNED], target=S.SUBMITTED)
    def submit(self, by: User, at: datetime, findings: list[dict[str, Any]]) -> None:
        self.submitted_by, self.submitted_at, self.findings, self.reason = by, at, findings, ""
        self.checked_by = self.checked_at = None

    @transition(field=state, source=S.SUBMITTED, target=S.RETURNED)
    def send_back(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.SUBMITTED, target=S.PUBLISHED)
    def publish(self, by: User, at: datetime, until: date) -> None:
        self.published_by, self.published_at, self.shown_until = by, at, until

    @transition(field=state, source=S.PUBLISHED, target=S.MATCHING)
    def begin_matching(self) -> None:
        """A response was taken up, or a contract is being drawn up."""

    @transition(field=state, source=S.MATCHING, target=S.MATCHED)
    def match(self) -> None:
        """Both have signed the contract that stands on it."""

    @transition(field=state, source=[S.MATCHING, S.MATCHED], target=S.PUBLISHED)
    def reopen(self) -> None:
        """It came to nothing: others may answer again."""
        self.unbind()

    @transition(field=state, source=[S.DRAFT, S.SUBMITTED, S.RETURNED, S.PUBLISHED, S.MATCHING], target=S.WITHDRAWN)
    def withdraw(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=[S.PUBLISHED, S.MATCHING, S.MATCHED], target=S.EXPIRED)
    def expire(self) -> None:
        """Its days on the board are over."""
        self.unbind()

    @transition(field=state, source=[S.PUBLISHED, S.MATCHING], target=S.TAKEN_DOWN)
    def take_down(self, reason: str) -> None:
        self.reason = reason
        self.unbind()

    def bind(self, contract: UUID, number: str) -> None:
        """A contract stands on it."""
        self.contract, self.contract_number = contract, number

    def unbind(self) -> None:
        """No contract stands on it any more."""
        self.contract, self.contract_number = None, ""

    @property
    def words(self) -> dict[str, Any]:
        """What is shown to the public, JSON-ready; its digest stands in the chain."""
        return {
            "title": self.title,
            "content": self.content,
            "categories": list(self.categories),
            "fee_low": None if self.fee_low is None else f"{self.fee_low:.2f}",
            "fee_high": None if self.fee_high is None else f"{self.fee_high:.2f}",
            "starts_on": None if self.starts_on is None else str(self.starts_on),
            "ends_on": None if self.ends_on is None else str(self.ends_on),
        }
