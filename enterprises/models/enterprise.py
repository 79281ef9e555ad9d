"""A registered enterprise (第六条, 第十八条; DOMAIN 6.1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import Organisation, User
from engines.evidence.models import Subject, arcs_trigger
from enterprises.states import (
    ARCS,
    CHECKED_STATES,
    CLOCKED,
    CONFIRMED_STATES,
    EDITABLE,
    REOPENABLE,
    UNCHECKED,
    State,
)

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
    due_on = models.DateField("办理期限", null=True, blank=True)
    reminded_on = models.DateField("补正提醒日期", null=True, blank=True)
    return_reason = models.TextField("退回或不予通过理由", blank=True)
    frozen_reason = models.TextField("冻结理由", blank=True)
    disqualified_until = models.DateField("取消资格至", null=True, blank=True)
    decision_no = models.CharField("决定文号", max_length=64, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "企业"
        triggers = [*Subject.Meta.triggers, arcs_trigger(ARCS)]
        indexes = [
            models.Index(fields=["state", "id"], name="enterprise_by_state"),
            models.Index(fields=["due_on"], condition=Q(due_on__isnull=False), name="enterprise_by_due"),
        ]
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
                condition=Q(state__in=sorted(CLOCKED)) | Q(due_on__isnull=True),
                name="enterprise_due_while_it_runs",
                violation_error_message="只有审核或补正中的登记有办理期限。",
            ),
            models.CheckConstraint(
                condition=Q(reminded_on__isnull=True) | Q(state=State.RETURNED, due_on__isnull=False),
                name="enterprise_reminded_while_returned",
                violation_error_message="只有补正期限内的登记有补正提醒。",
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
        self._stop_clock()

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
        self._stop_clock()

    @transition(field=state, source=sorted(UNCHECKED), target=State.REJECTED)
    def reject(self, reason: str) -> None:
        self.return_reason = reason
        self._stop_clock()

    @transition(field=state, source=State.CHECKED, target=State.ACTIVE)
    def confirm(self, by: User, at: datetime) -> None:
        self.confirmed_by, self.confirmed_at = by, at
        self._stop_clock()

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
        self._stop_clock()

    @transition(field=state, source=sorted(REOPENABLE), target=State.DRAFT)
    def reopen(self) -> None:
        """As it was at registration; who did what before stands in the chain."""
        self.committed_by = self.checked_by = self.confirmed_by = None
        self.committed_at = self.auto_checked_at = self.checked_at = self.confirmed_at = None
        self.checks = []
        self.return_reason = self.frozen_reason = self.decision_no = ""
        self.disqualified_until = None

    def _stop_clock(self) -> None:
        """Nobody is waited for; the service that moved it starts the next clock, if there is one."""
        self.due_on = self.reminded_on = None
