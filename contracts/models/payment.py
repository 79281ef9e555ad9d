"""Payment orders between the two parties."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import Organisation, User
from contracts.models.contract import Contract
from contracts.states import PAYMENT_ARCS, PaymentKind, PaymentState
from engines.evidence.models import Subject, arcs_trigger
from engines.files.models import StoredFile
from foundation.money import MoneyField


class PaymentOrder(FSMModelMixin, Subject):
    """What one party owes the other. The money goes from bank to bank; the platform records and matches.

    A bank channel will later report through the same order.
    """

    ARCS: ClassVar = PAYMENT_ARCS

    number = models.CharField("订单号", max_length=32, unique=True)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="payments", verbose_name="合同")
    kind = models.CharField("款项", max_length=16, choices=PaymentKind)
    state = FSMField("状态", choices=PaymentState, default=PaymentState.CREATED, protected=True, max_length=16)
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="付款方")
    payee = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="收款方")
    amount = MoneyField("金额")
    due = models.DateTimeField("期限", null=True)
    bank_serial = models.CharField("银行流水号", max_length=64, null=True, unique=True)
    paid_at = models.DateTimeField("付款时间", null=True)
    receipt = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="电子回单")
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="报付人")
    matched_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核对人")
    matched_at = models.DateTimeField("核对时间", null=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "付款订单"
        triggers = [*Subject.Meta.triggers, arcs_trigger(PAYMENT_ARCS)]
        indexes = [models.Index(fields=["amount", "id"], name="payment_by_amount")]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "kind"],
                condition=~Q(state=PaymentState.CANCELLED),
                name="payment_once_per_kind",
                violation_error_message="该合同已有此款项的付款订单。",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(condition=~Q(payer=F("payee")), name="payment_between_two"),
            models.CheckConstraint(
                condition=Q(state__in=[PaymentState.CREATED, PaymentState.CANCELLED])
                | Q(bank_serial__isnull=False, paid_at__isnull=False, receipt__isnull=False, reported_by__isnull=False),
                name="payment_reported_whole",
                violation_error_message="已报付款须有流水号、时间和回单。",
            ),
            models.CheckConstraint(
                condition=Q(matched_by=None, matched_at=None)
                | Q(matched_by__isnull=False, matched_at__isnull=False, state=PaymentState.MATCHED),
                name="payment_matched_whole",
            ),
            models.CheckConstraint(
                condition=Q(matched_by=None) | ~Q(matched_by=F("reported_by")),
                name="payment_matched_by_other",
                violation_error_message="报付人与核对人须为不同的人。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=[PaymentState.CREATED, PaymentState.MISMATCH], target=PaymentState.REPORTED)
    def report(self) -> None:
        """The payer says it has paid."""

    @transition(field=state, source=PaymentState.REPORTED, target=PaymentState.MATCHED)
    def match(self) -> None:
        """The payee has it."""

    @transition(field=state, source=PaymentState.REPORTED, target=PaymentState.MISMATCH)
    def mismatch(self) -> None:
        """The payee has not, or not so much."""

    @transition(field=state, source=[PaymentState.CREATED, PaymentState.MISMATCH], target=PaymentState.CANCELLED)
    def cancel(self) -> None:
        """No longer owed."""
