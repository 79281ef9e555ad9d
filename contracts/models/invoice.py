"""Invoices that the provider gave the enterprise for a contract."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from contracts.models.contract import Contract
from contracts.states import INVOICE_ARCS, InvoiceState
from engines.evidence.models import Subject, arcs_trigger, frozen_trigger
from engines.files.models import StoredFile
from foundation.money import MoneyField
from foundation.parts import moment, only_in_states, person

# DOMAIN 10.5: a 数电票 has 20 digits; before, the number of 8 digits follows a code of 10 or 12 digits
INVOICE_NUMBER = r"^([0-9]{18}|[0-9]{20})$"
WITHDRAWN = frozenset({InvoiceState.VOIDED, InvoiceState.REVERSED})


class Invoice(FSMModelMixin, Subject):
    """发票: what it says never changes. One that was wrong is withdrawn, stays on record, and another is registered.

    The platform keeps what the provider says; whether the tax office knows the invoice is asked elsewhere.
    """

    ARCS: ClassVar = INVOICE_ARCS

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="invoices", verbose_name="合同")
    state = FSMField("状态", choices=InvoiceState, default=InvoiceState.STANDING, protected=True, max_length=16)
    number = models.CharField("发票号码", max_length=20)
    issued_on = models.DateField("开票日期")
    amount = MoneyField("价税合计")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="发票文件")
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    withdrawn_by, withdrawn_at = person("作废人"), moment("作废时间")
    withdrawn_reason = models.TextField("作废原因", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "发票"
        triggers = [
            *Subject.Meta.triggers,
            arcs_trigger(INVOICE_ARCS),
            frozen_trigger("contract", "number", "issued_on", "amount", "file", "registered_by"),
        ]
        indexes = [
            models.Index(fields=["amount", "id"], name="invoice_by_amount"),
            models.Index(fields=["issued_on", "id"], name="invoice_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(state=InvoiceState.STANDING),
                name="invoice_number_once",
                violation_error_message="该发票号码已登记。",
            ),
            models.CheckConstraint(
                condition=Q(number__regex=INVOICE_NUMBER),
                name="invoice_number_shape",
                violation_error_message="发票号码须为20位数字，或发票代码加号码共18位、20位数字。",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="invoice_amount_positive",
                violation_error_message="价税合计须大于零。",
            ),
            only_in_states(
                "invoice_withdrawn_whole",
                WITHDRAWN,
                Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                "作废或红冲的发票须有办理人、时间和原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=InvoiceState.STANDING, target=InvoiceState.VOIDED)
    def void(self) -> None:
        """It was never good."""

    @transition(field=state, source=InvoiceState.STANDING, target=InvoiceState.REVERSED)
    def reverse(self) -> None:
        """A red-letter invoice has undone it."""
