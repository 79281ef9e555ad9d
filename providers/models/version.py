"""What a product says of itself, in numbered versions that stay as they were reviewed (第八条, 第九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from engines.evidence.models import Subject, arcs_trigger
from foundation.money import MoneyField
from foundation.parts import in_states
from programmes.models import Notice
from providers.models.product import Product
from providers.states import (
    VERSION_ARCS,
    VERSION_CHECKED,
    VERSION_EDITABLE,
    VERSION_OPEN,
    VERSION_SHELVED,
    PrecheckResult,
    VersionOrigin,
)
from providers.states import VersionState as S


class ProductVersion(FSMModelMixin, Subject):
    """One version of a product's terms: drafted by the provider, frozen once it is in review.

    `sub_type` is a code of the pinned notice, or free text where the notice names none; `sub_type_name` is what
    people read. Prices in 元 per `price_unit`, days in calendar days. `proof_files` are
    [{file, name, sm3}], `market_prices` [{source, price}], `indicators` [{name, unit, target, method}].
    """

    ARCS: ClassVar = VERSION_ARCS

    product = models.ForeignKey(Product, models.PROTECT, related_name="versions", verbose_name="产品")
    number = models.PositiveIntegerField("产品版本")
    state = FSMField("状态", choices=S, default=S.DRAFT, protected=True, max_length=16)
    origin = models.CharField("由来", max_length=16, choices=VersionOrigin, default=VersionOrigin.DRAFTED)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="类别依据通知")
    name = models.CharField("产品名称", max_length=120)
    category = models.CharField("服务类别", max_length=32)
    sub_type = models.CharField("细分类型", max_length=64)
    sub_type_name = models.CharField("细分类型名称", max_length=80)
    is_diagnosis = models.BooleanField("是否诊断服务")
    is_training = models.BooleanField("是否深修、研学")
    aim = models.TextField("服务目的")
    functions = models.TextField("功能内容", blank=True)
    deliverables = models.JSONField("交付物")
    indicators = models.JSONField("验收指标")
    min_days = models.PositiveIntegerField("最短服务天数")
    max_days = models.PositiveIntegerField("最长服务天数")
    price = MoneyField("标价")
    price_unit = models.CharField("计价单位", max_length=20, default="项")
    price_proof = models.TextField("价格依据", blank=True)
    proof_files = models.JSONField("价格证明文件", default=list, blank=True)
    market_prices = models.JSONField("市场同类价格", default=list, blank=True)
    discount = models.CharField("优惠说明", max_length=500, blank=True)
    team = models.TextField("服务团队", blank=True)
    cases = models.TextField("服务案例", blank=True)
    qualification = models.TextField("所需资质", blank=True)
    submitted_at = models.DateTimeField("送审时间", null=True)
    precheck_result = models.PositiveSmallIntegerField("预审结果", choices=PrecheckResult, null=True)
    precheck = models.JSONField("预审意见", default=dict, blank=True)
    approval_no = models.CharField("审定文号", max_length=64, blank=True)
    reference = models.CharField("公示文号或网址", max_length=200, blank=True)
    shelved_at = models.DateTimeField("上架时间", null=True)
    superseded_at = models.DateTimeField("被替代时间", null=True)
    reason = models.TextField("退回、不予通过或撤回理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "产品版本"
        triggers = [*Subject.Meta.triggers, arcs_trigger(VERSION_ARCS)]
        indexes = [models.Index(fields=["state", "category"], name="version_by_category")]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "number"], name="version_number_once", violation_error_message="该产品版本号已存在。"
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state__in=sorted(VERSION_OPEN)),
                name="version_one_open",
                violation_error_message="该产品已有未办结的版本。",
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state=S.CURRENT),
                name="version_one_current",
                violation_error_message="一个产品只能有一个现行版本。",
            ),
            models.CheckConstraint(
                condition=Q(price__gt=0), name="version_price_positive", violation_error_message="标价须大于零。"
            ),
            models.CheckConstraint(
                condition=Q(min_days__gte=1, max_days__gte=F("min_days")),
                name="version_days_in_order",
                violation_error_message="服务天数须不少于1天，且最长不少于最短。",
            ),
            in_states(
                "version_checked",
                VERSION_CHECKED,
                Q(submitted_at__isnull=False, precheck_result__isnull=False),
                "送审须记录时间和预审结果。",
            ),
            in_states(
                "version_shelved_by_document",
                VERSION_SHELVED,
                Q(shelved_at__isnull=False) & ~Q(approval_no="") & ~Q(reference=""),
                "上架须有审定文号、公示文号或网址和时间。",
            ),
            models.CheckConstraint(
                condition=Q(state=S.SUPERSEDED, superseded_at__isnull=False)
                | ~Q(state=S.SUPERSEDED) & Q(superseded_at__isnull=True),
                name="version_superseded_at",
                violation_error_message="被替代的版本须有替代时间，其他版本没有。",
            ),
            models.CheckConstraint(
                condition=Q(origin=VersionOrigin.DRAFTED) | Q(state__in=sorted(VERSION_SHELVED)),
                name="version_lowered_is_shelved",
                violation_error_message="降价形成的版本直接上架，不经审核。",
            ),
            in_states(
                "version_reason_given", frozenset({S.RETURNED, S.REJECTED}), ~Q(reason=""), "退回或不予通过须写明理由。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第{self.number}版"

    @transition(field=state, source=sorted(VERSION_EDITABLE), target=S.IN_REVIEW)
    def take_up(self, at: datetime, result: int, precheck: dict[str, Any]) -> None:
        self.submitted_at, self.reason = at, ""
        self.precheck_result, self.precheck = result, precheck

    @transition(field=state, source=sorted(VERSION_EDITABLE), target=S.WITHDRAWN)
    def withdraw(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.IN_REVIEW, target=S.RETURNED)
    def give_back(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.IN_REVIEW, target=S.REJECTED)
    def dismiss(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.IN_REVIEW, target=S.CURRENT)
    def shelve(self, at: datetime, approval_no: str, reference: str) -> None:
        self.shelved_at, self.approval_no, self.reference = at, approval_no, reference

    @transition(field=state, source=S.CURRENT, target=S.SUPERSEDED)
    def supersede(self, at: datetime) -> None:
        self.superseded_at = at

    @property
    def terms(self) -> dict[str, Any]:
        """All that the provider states, JSON-ready: what is reviewed, frozen, and digested on the chain."""
        return {
            "product": str(self.product_id),
            "revision": self.number,
            "name": self.name,
            "category": self.category,
            "sub_type": self.sub_type,
            "sub_type_name": self.sub_type_name,
            "is_diagnosis": self.is_diagnosis,
            "aim": self.aim,
            "functions": self.functions,
            "deliverables": self.deliverables,
            "indicators": self.indicators,
            "min_days": self.min_days,
            "max_days": self.max_days,
            "price": f"{self.price:.2f}",
            "price_unit": self.price_unit,
            "price_proof": self.price_proof,
            "proof_files": self.proof_files,
            "market_prices": self.market_prices,
            "discount": self.discount,
            "team": self.team,
            "cases": self.cases,
            "qualification": self.qualification,
        }
