"""The papers of a contract's life: service confirmation, supplement, termination."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from contracts.models.contract import Contract
from contracts.states import (
    SUPPLEMENT_ARCS,
    TERMINATION_ARCS,
    Fault,
    Side,
    SupplementState,
    TerminationState,
)
from engines.evidence.models import Subject, arcs_trigger
from foundation.money import MoneyField


class ServiceConfirmation(Subject):
    """服务确认书: what was done, what was paid, how it was. Signed by the provider, then by the enterprise."""

    contract = models.OneToOneField(Contract, models.PROTECT, related_name="confirmation", verbose_name="合同")
    content = models.TextField("实际服务内容")
    amount = MoneyField("实际金额")
    paid_by_enterprise = MoneyField("企业已付")
    voucher = MoneyField("服务券抵扣")
    ratings = models.JSONField("评分", null=True)
    comment = models.TextField("评价", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "服务确认书"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount=F("paid_by_enterprise") + F("voucher")),
                name="confirmation_sum",
                violation_error_message="企业已付与服务券抵扣之和须等于实际金额。",
            )
        ]

    def __str__(self) -> str:
        return f"服务确认书 {self.contract_id}"


class Supplement(FSMModelMixin, Subject):
    """补充协议: new terms, in force when the other side's signatory assents. The voucher only goes down."""

    ARCS: ClassVar = SUPPLEMENT_ARCS

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="supplements", verbose_name="合同")
    state = FSMField("状态", choices=SupplementState, default=SupplementState.PROPOSED, protected=True, max_length=16)
    side = models.CharField("提出方", max_length=16, choices=Side)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    amount = MoneyField("新合同金额")
    voucher = MoneyField("新服务券金额")
    end_date = models.DateField("新结束日期")
    reason = models.TextField("变更原因")

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "补充协议"
        triggers = [*Subject.Meta.triggers, arcs_trigger(SUPPLEMENT_ARCS)]
        constraints = [
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(state=SupplementState.PROPOSED),
                name="supplement_one_open",
                violation_error_message="已有待签署的补充协议。",
            )
        ]

    def __str__(self) -> str:
        return f"补充协议 {self.contract_id}"

    @property
    def balance(self) -> Decimal:
        """What the enterprise has left to pay once this is in force, in 元."""
        left: Decimal = self.amount - self.contract.deposit - self.voucher
        return left

    @transition(field=state, source=SupplementState.PROPOSED, target=SupplementState.IN_FORCE)
    def put_in_force(self) -> None:
        """Both have signed."""

    @transition(field=state, source=SupplementState.PROPOSED, target=SupplementState.REFUSED)
    def refuse(self) -> None:
        """The other side will not."""

    @transition(field=state, source=SupplementState.PROPOSED, target=SupplementState.WITHDRAWN)
    def withdraw(self) -> None:
        """The proposer takes it back."""

    @transition(field=state, source=SupplementState.PROPOSED, target=SupplementState.LAPSED)
    def lapse(self) -> None:
        """Nobody answered before something else happened to the contract."""


class Termination(FSMModelMixin, Subject):
    """A request to end a running contract, with the fault; decided by two officers (第三十条, 8-17)."""

    ARCS: ClassVar = TERMINATION_ARCS

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="terminations", verbose_name="合同")
    state = FSMField(
        "状态", choices=TerminationState, default=TerminationState.REQUESTED, protected=True, max_length=16
    )
    side = models.CharField("提出方", max_length=16, choices=Side)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    fault = models.CharField("过错方", max_length=16, choices=Fault)
    reason = models.TextField("原因")
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    refused_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="不予终止的人")

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "终止申请"
        triggers = [*Subject.Meta.triggers, arcs_trigger(TERMINATION_ARCS)]
        constraints = [
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(state__in=[TerminationState.REQUESTED, TerminationState.CHECKED]),
                name="termination_one_open",
                violation_error_message="已有未办结的终止申请。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("checked_by")),
                name="termination_two_officers",
                violation_error_message="经办人与复核人须为不同的人。",
            ),
            models.CheckConstraint(
                condition=Q(refused_by=None) | Q(checked_by=None) | ~Q(refused_by=F("checked_by")),
                name="termination_refused_by_another",
                violation_error_message="核对过的申请须由另一人决定不予终止。",
            ),
            models.CheckConstraint(
                condition=Q(state=TerminationState.REFUSED, refused_by__isnull=False)
                | (~Q(state=TerminationState.REFUSED) & Q(refused_by=None)),
                name="termination_refused_by_whom",
                violation_error_message="不予终止须记明决定人。",
            ),
        ]

    def __str__(self) -> str:
        return f"终止申请 {self.contract_id}"

    @transition(field=state, source=TerminationState.REQUESTED, target=TerminationState.CHECKED)
    def examine(self) -> None:
        """The first officer finds the facts so."""

    @transition(field=state, source=TerminationState.CHECKED, target=TerminationState.DECIDED)
    def decide(self) -> None:
        """The second officer ends the contract."""

    @transition(
        field=state, source=[TerminationState.REQUESTED, TerminationState.CHECKED], target=TerminationState.REFUSED
    )
    def refuse(self) -> None:
        """The contract goes on."""
