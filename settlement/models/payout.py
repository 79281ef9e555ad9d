"""The order that pays one claim (DOMAIN 6.12, 10.9)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from foundation.money import MoneyField
from foundation.parts import different_people, in_states, moment, only_in_states, person, together
from settlement.models.claim import Claim
from settlement.states import PAYOUT_ARCS, PAYOUT_LIVE, ReturnCode
from settlement.states import PayoutState as S


class PayoutOrder(FSMModelMixin, Subject):
    """One attempt to pay a claim. It copies the payee as it was when the order was made.

    An order that came back stays as it is; the next attempt is another order with its own number, and
    only after this one has ended. The treasury may be sent an order twice: its number tells that it is one.
    """

    ARCS: ClassVar = PAYOUT_ARCS

    number = models.CharField("支付单号", max_length=32, unique=True)
    state = FSMField("状态", choices=S, default=S.CREATED, protected=True, max_length=16)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="payouts", verbose_name="兑付申请")
    amount = MoneyField("金额")
    amount_words = models.CharField("金额大写", max_length=80)
    payee_name = models.CharField("收款人全称", max_length=120)
    account_number = models.CharField("收款账号", max_length=40)
    bank_name = models.CharField("开户行", max_length=120)
    line_no = models.CharField("行号", max_length=12)
    purpose = models.CharField("用途", max_length=120)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="制单人")
    checked_by, checked_at = person("复核人"), moment("复核时间")
    sent_by, sent_at = person("发送人"), moment("发送时间")
    voucher_no = models.CharField("支付凭证号", max_length=64, null=True, unique=True)
    paid_on = models.DateField("支付日期", null=True)
    return_code = models.CharField("退回原因", max_length=16, blank=True, choices=ReturnCode)
    return_text = models.TextField("退回说明", blank=True)
    ended_by, ended_at = person("结果登记人"), moment("结果登记时间")

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "支付单"
        triggers = [*Subject.Meta.triggers, arcs_trigger(PAYOUT_ARCS)]
        indexes = [models.Index(fields=["state", "-id"], name="payout_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"],
                condition=~Q(state=S.RETURNED),
                name="payout_one_live",
                violation_error_message="该申请已有未退回的支付单。",
            ),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(state=S.PAID),
                name="payout_one_paid",
                violation_error_message="该申请已支付，不得重复支付。",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="payout_amount_positive", violation_error_message="支付金额须大于零。"
            ),
            models.CheckConstraint(
                condition=~Q(payee_name="")
                & ~Q(account_number="")
                & ~Q(bank_name="")
                & Q(line_no__regex=r"^[0-9]{12}$"),
                name="payout_payee_whole",
                violation_error_message="收款人全称、账号、开户行和12位行号须齐全。",
            ),
            together("payout_check_both", "复核人和时间", "checked_by", "checked_at"),
            together("payout_send_both", "发送人和时间", "sent_by", "sent_at"),
            together("payout_end_both", "结果登记人和时间", "ended_by", "ended_at"),
            together("payout_paid_both", "支付凭证号和日期", "voucher_no", "paid_on"),
            different_people("payout_three_people", "制单、复核与发送", "created_by", "checked_by", "sent_by"),
            in_states("payout_checked_state", {S.CHECKED, S.SENT, S.PAID}, Q(checked_at__isnull=False), "须先复核。"),
            in_states("payout_sent_state", {S.SENT, S.PAID}, Q(sent_at__isnull=False), "须先发送。"),
            only_in_states(
                "payout_ended_state", set(S) - PAYOUT_LIVE, Q(ended_at__isnull=False), "办结的支付单须有结果登记人。"
            ),
            only_in_states("payout_paid_state", {S.PAID}, Q(voucher_no__isnull=False), "已支付的须有凭证号和日期。"),
            models.CheckConstraint(
                condition=Q(state=S.RETURNED, return_code__in=ReturnCode.values)
                | ~Q(state=S.RETURNED) & Q(return_code=""),
                name="payout_returned_with_code",
                violation_error_message="退回须有原因代码。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=S.CREATED, target=S.CHECKED)
    def check_order(self, by: User, at: datetime) -> None:
        """A second person has compared it with the approval."""
        self.checked_by, self.checked_at = by, at

    @transition(field=state, source=S.CHECKED, target=S.SENT)
    def send(self, by: User, at: datetime) -> None:
        """The treasury has it."""
        self.sent_by, self.sent_at = by, at

    @transition(field=state, source=S.SENT, target=S.PAID)
    def settle(self, by: User, at: datetime, voucher_no: str, paid_on: date) -> None:
        """The treasury has paid it."""
        self.ended_by, self.ended_at = by, at
        self.voucher_no, self.paid_on = voucher_no, paid_on

    @transition(field=state, source=[S.CREATED, S.CHECKED, S.SENT], target=S.RETURNED)
    def come_back(self, by: User, at: datetime, code: str, text: str) -> None:
        """Not paid; this order has ended."""
        self.ended_by, self.ended_at = by, at
        self.return_code, self.return_text = code, text
