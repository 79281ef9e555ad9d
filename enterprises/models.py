"""A registered enterprise, what it was granted for each year, and adjustments of that by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import Organisation, User
from engines.evidence.models import EvidenceRecord, Subject, arcs_trigger
from enterprises.states import (
    ADJUSTMENT_ARCS,
    ARCS,
    CHECKED_STATES,
    CONFIRMED_STATES,
    EDITABLE,
    REOPENABLE,
    UNCHECKED,
    AdjustmentState,
    GrantKind,
    State,
)
from foundation.ids import new_id
from foundation.money import MoneyField
from programmes.models import Notice

MANUFACTURING = r"^(1[3-9]|[23][0-9]|4[0-3])[0-9]{2}$"  # GB/T 4754-2017 divisions 13-43


def _both(who: str, when: str) -> Q:
    return Q(**{f"{who}__isnull": True, f"{when}__isnull": True}) | Q(
        **{f"{who}__isnull": False, f"{when}__isnull": False}
    )


class Enterprise(FSMModelMixin, Subject):
    """A 规上 manufacturer that may hold vouchers (第六条). Contact fields are personal data: never public."""

    ARCS: ClassVar = ARCS

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="enterprise", verbose_name="组织")
    state = FSMField("状态", choices=State, default=State.DRAFT, protected=True, max_length=16)
    name = models.CharField("企业名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18)
    industry_code = models.CharField("行业代码（GB/T 4754）", max_length=4)
    region_code = models.CharField("所在县（市、区）代码", max_length=6)
    address = models.CharField("注册地址", max_length=200)
    registered_on = models.DateField("成立日期")
    listed_since = models.DateField("自报入规年月", null=True, blank=True)
    legal_representative = models.CharField("法定代表人", max_length=64)
    contact_name = models.CharField("联系人", max_length=64)
    contact_phone = models.CharField("联系电话", max_length=32)
    contact_email = models.CharField("电子邮箱", max_length=120, blank=True)
    bank_name = models.CharField("付款开户行", max_length=120)
    bank_account = models.CharField("付款账号", max_length=40)
    committed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="信用承诺签署人"
    )
    committed_at = models.DateTimeField("信用承诺时间", null=True, blank=True)
    checks = models.JSONField("自动核验结果", default=list, blank=True)
    auto_checked_at = models.DateTimeField("自动核验时间", null=True, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="初核人")
    checked_at = models.DateTimeField("初核时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    confirmed_at = models.DateTimeField("复核时间", null=True, blank=True)
    return_reason = models.TextField("退回或不予通过理由", blank=True)
    frozen_reason = models.TextField("冻结理由", blank=True)
    disqualified_until = models.DateField("取消资格至", null=True, blank=True)
    decision_no = models.CharField("决定文号", max_length=64, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "企业"
        triggers = [*Subject.Meta.triggers, arcs_trigger(ARCS)]
        indexes = [models.Index(fields=["state", "id"], name="enterprise_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"], name="enterprise_uscc_once", violation_error_message="该统一社会信用代码的企业已登记。"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted({*EDITABLE, State.CLOSED})) | Q(industry_code__regex=MANUFACTURING),
                name="enterprise_is_manufacturer",
                violation_error_message="行业须为制造业（GB/T 4754 第13至43大类）。",
            ),
            models.CheckConstraint(
                condition=_both("committed_by", "committed_at"),
                name="enterprise_commitment_both",
                violation_error_message="信用承诺的签署人和时间须同时填写。",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT) | Q(committed_at__isnull=False),
                name="enterprise_committed_when_submitted",
                violation_error_message="提交须签署信用承诺。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted({*UNCHECKED, *CHECKED_STATES})) | Q(auto_checked_at__isnull=False),
                name="enterprise_auto_checked",
                violation_error_message="须先完成自动核验。",
            ),
            models.CheckConstraint(
                condition=_both("checked_by", "checked_at"),
                name="enterprise_check_both",
                violation_error_message="初核人和初核时间须同时填写。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(CHECKED_STATES)) | Q(checked_at__isnull=False),
                name="enterprise_checked_state",
                violation_error_message="须先完成初核。",
            ),
            models.CheckConstraint(
                condition=_both("confirmed_by", "confirmed_at"),
                name="enterprise_confirm_both",
                violation_error_message="复核人和复核时间须同时填写。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(CONFIRMED_STATES)) | Q(confirmed_at__isnull=False),
                name="enterprise_confirmed_state",
                violation_error_message="须先完成复核。",
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | Q(confirmed_by__isnull=True) | ~Q(checked_by=F("confirmed_by")),
                name="enterprise_two_people",
                violation_error_message="初核与复核须由不同的人办理。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted({State.RETURNED, State.REJECTED})) | ~Q(return_reason=""),
                name="enterprise_returned_with_reason",
                violation_error_message="退回或不予通过须写明理由。",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FROZEN) | ~Q(frozen_reason=""),
                name="enterprise_frozen_with_reason",
                violation_error_message="冻结须写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DISQUALIFIED, disqualified_until__isnull=False) & ~Q(decision_no="")
                | ~Q(state=State.DISQUALIFIED) & Q(disqualified_until__isnull=True, decision_no=""),
                name="enterprise_disqualified_by_decision",
                violation_error_message="取消领券资格须有期限和决定文号。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @transition(field=state, source=[State.DRAFT, State.RETURNED], target=State.SUBMITTED)
    def submit(self, by: User, at: datetime) -> None:
        self.committed_by, self.committed_at = by, at
        self.checked_by = self.checked_at = None

    @transition(field=state, source=State.SUBMITTED, target=State.AUTO_OK)
    def find_clear(self, at: datetime) -> None:
        self.auto_checked_at = at

    @transition(field=state, source=State.SUBMITTED, target=State.AUTO_DOUBT)
    def find_doubtful(self, at: datetime) -> None:
        self.auto_checked_at = at

    @transition(field=state, source=sorted(UNCHECKED), target=State.CHECKED)
    def check_facts(self, by: User, at: datetime) -> None:
        self.checked_by, self.checked_at = by, at
        self.return_reason = ""

    @transition(field=state, source=[*sorted(UNCHECKED), State.CHECKED], target=State.RETURNED)
    def send_back(self, reason: str) -> None:
        self.return_reason = reason
        self.checked_by = self.checked_at = None

    @transition(field=state, source=sorted(UNCHECKED), target=State.REJECTED)
    def reject(self, reason: str) -> None:
        self.return_reason = reason

    @transition(field=state, source=State.CHECKED, target=State.ACTIVE)
    def confirm(self, by: User, at: datetime) -> None:
        self.confirmed_by, self.confirmed_at = by, at

    @transition(field=state, source=[State.ACTIVE, State.RENEW_CHECK], target=State.FROZEN)
    def freeze(self, reason: str) -> None:
        self.frozen_reason = reason

    @transition(field=state, source=State.FROZEN, target=State.ACTIVE)
    def lift(self) -> None:
        self.frozen_reason = ""

    @transition(field=state, source=[State.ACTIVE, State.FROZEN], target=State.DISQUALIFIED)
    def disqualify(self, until: date, decision_no: str) -> None:
        self.disqualified_until, self.decision_no = until, decision_no

    @transition(field=state, source=State.ACTIVE, target=State.RENEW_CHECK)
    def begin_renewal(self) -> None:
        """The year's re-check opens; `renew` or `freeze` ends it in the same transaction."""

    @transition(field=state, source=State.RENEW_CHECK, target=State.ACTIVE)
    def renew(self) -> None:
        """Stands for another year."""

    @transition(field=state, source=[State.RETURNED, State.ACTIVE], target=State.CLOSED)
    def close(self) -> None:
        """No further act but to reopen; what runs goes on to its end elsewhere."""

    @transition(field=state, source=sorted(REOPENABLE), target=State.DRAFT)
    def reopen(self) -> None:
        """As it was at registration; who did what before stands in the chain."""
        self.committed_by = self.checked_by = self.confirmed_by = None
        self.committed_at = self.auto_checked_at = self.checked_at = self.confirmed_at = None
        self.checks = []
        self.return_reason = self.frozen_reason = self.decision_no = ""
        self.disqualified_until = None


class QuotaGrant(models.Model):
    """One change of a year's quota, as it was decided: the tier, the rule's version, the amount issued.

    Not a subject of its own: a grant has no states and never changes, so a chain of one record would
    say nothing more. It hangs instead on the enterprise's chain: `record` is the evidence written in
    the same transaction, and no grant can stand without one. Append-only by trigger. `amount` is what
    the ledger issued (negative: took back); the sum over a year equals the ledger's `issued`.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="grants", verbose_name="企业")
    year = models.PositiveSmallIntegerField("年度")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="依据通知")
    kind = models.CharField("类别", max_length=8, choices=GrantKind)
    tier_code = models.CharField("档次", max_length=32)
    winning_title = models.CharField("依据称号", max_length=64, blank=True)
    quota = MoneyField("年度额度")
    amount = MoneyField("本次增减", signed=True)
    explanation = models.JSONField("说明")
    record = models.OneToOneField(EvidenceRecord, models.PROTECT, related_name="+", verbose_name="存证")
    created_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "额度匹配"
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        indexes = [models.Index(fields=["enterprise", "year", "-id"], name="quota_grant_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "year"],
                condition=Q(kind__in=[GrantKind.GRANT, GrantKind.RENEWAL]),
                name="quota_grant_opens_year_once",
                violation_error_message="该企业本年度额度已匹配。",
            ),
            models.CheckConstraint(
                condition=Q(quota__gte=0), name="quota_grant_not_negative", violation_error_message="额度不能为负。"
            ),
            models.CheckConstraint(
                condition=Q(kind=GrantKind.LOSS, amount__lte=0)
                | Q(kind=GrantKind.MANUAL)
                | Q(kind__in=[GrantKind.GRANT, GrantKind.RENEWAL, GrantKind.UPGRADE], amount__gte=0),
                name="quota_grant_sign_of_kind",
                violation_error_message="增减方向与类别不符。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.year} {self.amount:+}"

    @property
    def opens_year(self) -> bool:
        """The first of its year."""
        return self.kind in (GrantKind.GRANT, GrantKind.RENEWAL)


class QuotaAdjustment(FSMModelMixin, Subject):
    """A change of one enterprise's quota by hand (DOMAIN 4, action 5): three different people."""

    ARCS: ClassVar = ADJUSTMENT_ARCS

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="adjustments", verbose_name="企业")
    state = FSMField("状态", choices=AdjustmentState, default=AdjustmentState.PROPOSED, protected=True, max_length=16)
    year = models.PositiveSmallIntegerField("年度")
    amount = MoneyField("增减", signed=True)
    reason = models.TextField("理由")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核准人")
    decision_no = models.CharField("决定文号", max_length=64, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "额度人工调整"
        triggers = [*Subject.Meta.triggers, arcs_trigger(ADJUSTMENT_ARCS)]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "year"],
                condition=Q(state__in=[AdjustmentState.PROPOSED, AdjustmentState.REVIEWED]),
                name="quota_adjustment_one_open",
                violation_error_message="该企业本年度已有办理中的额度调整。",
            ),
            models.CheckConstraint(
                condition=~Q(amount=0), name="quota_adjustment_moves", violation_error_message="增减额不能为零。"
            ),
            models.CheckConstraint(
                condition=(Q(reviewed_by__isnull=True) | ~Q(proposed_by=F("reviewed_by")))
                & (Q(decided_by__isnull=True) | ~Q(proposed_by=F("decided_by")))
                & (Q(reviewed_by__isnull=True) | Q(decided_by__isnull=True) | ~Q(reviewed_by=F("decided_by"))),
                name="quota_adjustment_three_people",
                violation_error_message="提出、复核、核准须由三个不同的人办理。",
            ),
            models.CheckConstraint(
                condition=~Q(state=AdjustmentState.DECIDED)
                | Q(reviewed_by__isnull=False, decided_by__isnull=False) & ~Q(decision_no=""),
                name="quota_adjustment_decided_fully",
                violation_error_message="核准须经复核并有决定文号。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.year} {self.amount:+}"

    @transition(field=state, source=AdjustmentState.PROPOSED, target=AdjustmentState.REVIEWED)
    def review(self, by: User) -> None:
        self.reviewed_by = by

    @transition(field=state, source=AdjustmentState.REVIEWED, target=AdjustmentState.DECIDED)
    def decide(self, by: User, decision_no: str) -> None:
        self.decided_by, self.decision_no = by, decision_no

    @transition(
        field=state, source=[AdjustmentState.PROPOSED, AdjustmentState.REVIEWED], target=AdjustmentState.DECLINED
    )
    def decline(self) -> None:
        """Not adjusted; a new proposal may follow."""
