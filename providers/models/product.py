"""A standardised service product (第八条, 第九条)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from foundation.money import MoneyField
from foundation.parts import different_people, in_states, person, together
from programmes.models import Notice
from providers.models.provider import Provider
from providers.states import PRODUCT_APPROVED, PRODUCT_ARCS, PRODUCT_PUBLISHED, PRODUCT_SHELVED
from providers.states import ProductState as S


class Product(FSMModelMixin, Subject):
    """What can be contracted. The category is the notice's; whether it is 诊断 follows from it."""

    ARCS: ClassVar = PRODUCT_ARCS

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="products", verbose_name="服务商")
    state = FSMField("状态", choices=S, default=S.DRAFT, protected=True, max_length=16)
    revision = models.PositiveIntegerField("产品版本", default=1)
    name = models.CharField("产品名称", max_length=120)
    category = models.CharField("服务类别", max_length=32)
    sub_type = models.CharField("细分类型", max_length=64, blank=True)
    is_diagnosis = models.BooleanField("是否诊断服务")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="类别依据通知")
    aim = models.TextField("服务目的")
    deliverables = models.JSONField("交付物")
    indicators = models.JSONField("验收指标")
    min_days = models.PositiveIntegerField("最短服务天数")
    max_days = models.PositiveIntegerField("最长服务天数")
    price = MoneyField("标价")
    price_proof = models.TextField("价格依据")
    submitted_by, submitted_at = person("提交人"), models.DateTimeField("提交时间", null=True, blank=True)
    checked_by, checked_at = person("形式审查人"), models.DateTimeField("形式审查时间", null=True, blank=True)
    recommended_by, recommended_at = person("推荐人"), models.DateTimeField("推荐时间", null=True, blank=True)
    expert_opinion = models.CharField("专家评审意见", max_length=200, blank=True)
    approved_by, approved_at = person("审定人"), models.DateTimeField("审定时间", null=True, blank=True)
    approval_no = models.CharField("审定文号", max_length=64, blank=True)
    publicity_from = models.DateField("公示开始", null=True, blank=True)
    publicity_to = models.DateField("公示结束", null=True, blank=True)
    publicity_reference = models.CharField("公示文号或网址", max_length=200, blank=True)
    shelf_from = models.DateField("上架日期", null=True, blank=True)
    shelf_to = models.DateField("在架至", null=True, blank=True)
    reason = models.TextField("退回、不予通过、暂停或下架理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "服务券产品"
        triggers = [*Subject.Meta.triggers, arcs_trigger(PRODUCT_ARCS)]
        indexes = [
            models.Index(fields=["state", "category"], name="product_by_category"),
            models.Index(fields=["state", "shelf_to"], name="product_by_shelf_end"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gt=0), name="product_price_positive", violation_error_message="标价须大于零。"
            ),
            models.CheckConstraint(
                condition=Q(min_days__gte=1, max_days__gte=F("min_days")),
                name="product_days_in_order",
                violation_error_message="服务天数须不少于1天，且最长不少于最短。",
            ),
            together("product_submit_both", "提交的人和时间", "submitted_by", "submitted_at"),
            together("product_check_both", "形式审查的人和时间", "checked_by", "checked_at"),
            together("product_recommend_both", "推荐的人和时间", "recommended_by", "recommended_at"),
            together("product_approve_both", "审定的人和时间", "approved_by", "approved_at"),
            different_people("product_check_recommend_differ", "形式审查与推荐", "checked_by", "recommended_by"),
            different_people("product_check_approve_differ", "形式审查与审定", "checked_by", "approved_by"),
            different_people("product_recommend_approve_differ", "推荐与审定", "recommended_by", "approved_by"),
            in_states(
                "product_approved_state",
                PRODUCT_APPROVED,
                Q(
                    submitted_at__isnull=False,
                    checked_at__isnull=False,
                    recommended_at__isnull=False,
                    approved_at__isnull=False,
                )
                & ~Q(approval_no=""),
                "审定须经形式审查、专家评审推荐，并有文号。",
            ),
            in_states(
                "product_publicity_state",
                PRODUCT_PUBLISHED,
                Q(publicity_from__isnull=False, publicity_to__isnull=False) & ~Q(publicity_reference=""),
                "公示须有起止日期和文号或网址。",
            ),
            in_states(
                "product_shelf_state",
                PRODUCT_SHELVED,
                Q(
                    shelf_from__isnull=False,
                    shelf_to__isnull=False,
                    shelf_from__gt=F("publicity_to"),
                    shelf_to__gte=F("shelf_from"),
                ),
                "上架须在公示期满之后，并有在架期限。",
            ),
            models.CheckConstraint(
                condition=Q(publicity_from__isnull=True, publicity_to__isnull=True)
                | Q(publicity_from__isnull=False, publicity_to__gte=F("publicity_from")),
                name="product_publicity_order",
                violation_error_message="公示结束日期不能早于开始日期。",
            ),
            in_states(
                "product_reason_given",
                frozenset({S.RETURNED, S.REJECTED, S.SUSPENDED, S.OFF_SHELF}),
                ~Q(reason=""),
                "退回、不予通过、暂停或下架须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @transition(field=state, source=[S.DRAFT, S.RETURNED], target=S.SUBMITTED)
    def submit(self, by: User, at: datetime) -> None:
        self.submitted_by, self.submitted_at, self.reason = by, at, ""
        self.checked_by = self.checked_at = self.recommended_by = self.recommended_at = None

    @transition(field=state, source=S.SUBMITTED, target=S.FORMAL_CHECK)
    def check_form(self, by: User, at: datetime) -> None:
        self.checked_by, self.checked_at = by, at

    @transition(field=state, source=S.FORMAL_CHECK, target=S.RETURNED)
    def send_back(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.FORMAL_CHECK, target=S.REJECTED)
    def reject(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.FORMAL_CHECK, target=S.APPROVED)
    def approve(self, by: User, at: datetime, approval_no: str) -> None:
        self.approved_by, self.approved_at, self.approval_no = by, at, approval_no

    @transition(field=state, source=S.APPROVED, target=S.PUBLICITY)
    def publicise(self, first: date, last: date, reference: str) -> None:
        self.publicity_from, self.publicity_to, self.publicity_reference = first, last, reference

    @transition(field=state, source=S.PUBLICITY, target=S.ON_SHELF)
    def shelve(self, first: date, last: date) -> None:
        self.shelf_from, self.shelf_to = first, last

    @transition(field=state, source=S.ON_SHELF, target=S.SUSPENDED)
    def suspend(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.SUSPENDED, target=S.ON_SHELF)
    def resume(self) -> None:
        self.reason = ""

    @transition(field=state, source=[S.ON_SHELF, S.SUSPENDED], target=S.OFF_SHELF)
    def take_off(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=[S.ON_SHELF, S.SUSPENDED], target=S.EXPIRED)
    def expire(self) -> None:
        """The year's list is over; contracts that run keep their copy."""

    @property
    def terms(self) -> dict[str, Any]:
        """What a contract copies of the product, JSON-ready: it stays as signed whatever becomes of this row."""
        return {
            "product": str(self.pk),
            "revision": self.revision,
            "name": self.name,
            "category": self.category,
            "sub_type": self.sub_type,
            "is_diagnosis": self.is_diagnosis,
            "aim": self.aim,
            "deliverables": self.deliverables,
            "indicators": self.indicators,
            "min_days": self.min_days,
            "max_days": self.max_days,
            "price": f"{self.price:.2f}",
        }
