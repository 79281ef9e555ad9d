"""A service institution, and the bank accounts it is paid to."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import Organisation, User
from engines.evidence.models import Subject, arcs_trigger
from foundation.money import MoneyField
from foundation.names import last_four
from providers.states import ACCOUNT_ARCS, AccountState


class Provider(Subject):
    """An institution that serves, or would (第四条, 第十三条). Its standing is its listing of the year.

    Contact fields and the legal representative are personal data: never in public answers.
    """

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="provider", verbose_name="组织")
    name = models.CharField("机构名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18)
    region_code = models.CharField("所在县（市、区）代码", max_length=6)
    address = models.CharField("服务场所地址", max_length=200)
    founded_on = models.DateField("成立日期")
    introduction = models.TextField("机构简介", blank=True)
    legal_representative = models.CharField("法定代表人（执行事务合伙人）", max_length=64)
    contact_name = models.CharField("联系人", max_length=64)
    contact_phone = models.CharField("联系电话", max_length=32)
    contact_email = models.CharField("电子邮箱", max_length=120, blank=True)
    core_staff = models.PositiveIntegerField("缴纳社保满1年的核心业务专职人员数")
    clients_last_year = models.PositiveIntegerField("上年服务企业数")
    revenue_last_year = MoneyField("上年营业收入")
    parent_name = models.CharField("母公司名称", max_length=120, blank=True)
    parent_uscc = models.CharField("母公司统一社会信用代码", max_length=18, blank=True)
    parent_founded_on = models.DateField("母公司成立日期", null=True, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "服务商"
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"],
                name="provider_uscc_once",
                violation_error_message="该统一社会信用代码的服务机构已登记。",
            ),
            models.CheckConstraint(
                condition=Q(revenue_last_year__gte=0),
                name="provider_revenue_not_negative",
                violation_error_message="营业收入不能为负。",
            ),
            models.CheckConstraint(
                condition=Q(parent_name="", parent_uscc="", parent_founded_on__isnull=True)
                | ~Q(parent_name="") & ~Q(parent_uscc="") & Q(parent_founded_on__isnull=False),
                name="provider_parent_whole",
                violation_error_message="母公司名称、代码、成立日期须同时填写或同时留空。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SettlementAccount(FSMModelMixin, Subject):
    """Where the provider is paid. A change is a new row; the old ones stay (8-48, 8-49: exact name kept)."""

    ARCS: ClassVar = ACCOUNT_ARCS

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="accounts", verbose_name="服务商")
    state = FSMField("状态", choices=AccountState, default=AccountState.REQUESTED, protected=True, max_length=16)
    account_name = models.CharField("户名", max_length=120)
    account_number = models.CharField("账号", max_length=40)
    bank_name = models.CharField("开户行", max_length=120)
    line_no = models.CharField("联行号", max_length=12)
    requested_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申请人"
    )
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    reviewed_at = models.DateTimeField("复核时间", null=True, blank=True)
    effective_on = models.DateField("生效日期", null=True, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "收款账户"
        triggers = [*Subject.Meta.triggers, arcs_trigger(ACCOUNT_ARCS)]
        indexes = [models.Index(fields=["provider", "-effective_on", "-id"], name="settlement_account_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["provider"],
                condition=Q(state=AccountState.REQUESTED),
                name="settlement_account_one_request",
                violation_error_message="已有待复核的账户变更。",
            ),
            models.CheckConstraint(
                condition=Q(line_no__regex=r"^[0-9]{12}$"),
                name="settlement_account_line_no",
                violation_error_message="联行号须为12位数字。",
            ),
            models.CheckConstraint(
                condition=Q(account_number__regex=r"^[0-9]{6,32}$"),
                name="settlement_account_number",
                violation_error_message="账号须为6至32位数字。",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="settlement_account_review_both",
                violation_error_message="复核人和复核时间须同时填写。",
            ),
            models.CheckConstraint(
                condition=Q(requested_by__isnull=True)
                | Q(reviewed_by__isnull=True)
                | ~Q(requested_by=F("reviewed_by")),
                name="settlement_account_two_people",
                violation_error_message="申请与复核须由不同的人办理。",
            ),
            models.CheckConstraint(
                condition=Q(state=AccountState.APPROVED, reviewed_at__isnull=False, effective_on__isnull=False)
                | ~Q(state=AccountState.APPROVED) & Q(effective_on__isnull=True),
                name="settlement_account_effective_when_approved",
                violation_error_message="复核通过的账户须有生效日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.masked_number}"

    @property
    def masked_number(self) -> str:
        """All but the last four digits hidden."""
        return last_four(self.account_number)

    @transition(field=state, source=AccountState.REQUESTED, target=AccountState.APPROVED)
    def approve(self, by: User, at: datetime, effective_on: date) -> None:
        self.reviewed_by, self.reviewed_at, self.effective_on = by, at, effective_on

    @transition(field=state, source=AccountState.REQUESTED, target=AccountState.REFUSED)
    def refuse(self, by: User, at: datetime) -> None:
        self.reviewed_by, self.reviewed_at = by, at
