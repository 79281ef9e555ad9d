"""A provider's claim for the voucher part of one confirmed contract (第二十一条)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, transition

from accounts.models import User
from contracts.models import Contract
from engines.evidence.models import Subject, arcs_trigger
from foundation.money import ZERO, MoneyField
from foundation.parts import different_people, in_states, moment, only_in_states, person, together
from programmes.models import Notice
from providers.models import Provider
from settlement.models.batch import Batch
from settlement.states import (
    CLAIM_ARCS,
    CLAIM_BATCHED,
    CLAIM_BUDGETED,
    CLAIM_CHECKED,
    CLAIM_DECIDED,
    CLAIM_REVIEWED,
    CLAIM_SUBMITTED,
    ENDED,
    Fault,
)
from settlement.states import ClaimState as S

_ENDED = ", ".join(f"'{state.value}'" for state in sorted(ENDED))
REFUSED_EARLY = pgtrigger.Trigger(
    name="refused_early_when_ended",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("state"),
    condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
    func=f"""
        IF NEW.state = 'refused' AND (OLD.state <> 'formal_review' OR NEW.reviewed_at IS NULL) AND NOT EXISTS (
            SELECT 1 FROM contracts_contract c WHERE c.id = NEW.contract_id AND c.state IN ({_ENDED})
        ) THEN
            RAISE EXCEPTION 'stage: claim % is refused before its review, and its contract has not ended', NEW.id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,  # noqa: S608 - our own states
)


class Claim(FSMModelMixin, Subject):
    """Settled once: one claim per contract, for good.

    What it says is copied from contract, payments, evidence and confirmation and does not follow them
    afterwards. No amount is typed: `requested` is the contract's final voucher, `approved` is what is
    left after a reduction. `account` is the payee as approved; `corrected_account` the one the provider
    confirmed after a payment came back. `due` is for the first submission; once returned, the claim has
    `correction_due` instead.
    """

    ARCS: ClassVar = CLAIM_ARCS

    number = models.CharField("申请编号", max_length=32, unique=True)
    state = FSMField("状态", choices=S, default=S.DRAFT, protected=True, max_length=20)
    contract = models.OneToOneField(Contract, models.PROTECT, related_name="claim", verbose_name="合同")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="claims", verbose_name="服务商")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="年度通知版本")
    accepted_amount = MoneyField("验收金额")
    deposit = MoneyField("定金")
    voucher = MoneyField("最终服务券金额")
    balance = MoneyField("余款")
    requested = MoneyField("申请金额")
    approved = MoneyField("核定金额", null=True)
    paid = MoneyField("已付金额", null=True)
    reduction_reason = models.TextField("核减理由", blank=True)
    refusal_code = models.CharField("不予通过原因", max_length=3, blank=True, choices=Fault)
    refusal_text = models.TextField("不予通过说明", blank=True)
    materials = models.JSONField("结算材料")
    checklist = models.JSONField("核对清单", default=list)
    account = models.JSONField("收款账户", null=True)
    corrected_account = models.JSONField("更正后的收款账户", null=True)
    digest = models.CharField("签署内容SM3", max_length=64, blank=True)
    due = models.DateField("申报截止")
    correction_due = models.DateField("补正截止", null=True)
    returns = models.PositiveSmallIntegerField("退回次数", default=0)
    return_items = models.JSONField("补正清单", default=list)
    submitted_by, submitted_at = person("提交人"), moment("提交时间")
    checked_by, checked_at = person("形式审核人"), moment("形式审核时间")
    reviewed_by, reviewed_at = person("复核人"), moment("复核时间")
    decided_by, decided_at = person("实质审核人"), moment("实质审核时间")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="claims", verbose_name="批次")
    cap_year = models.PositiveSmallIntegerField("服务商上限年度", null=True)
    budget_year = models.PositiveSmallIntegerField("预算年度", null=True)
    paid_on = models.DateField("支付日期", null=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "兑付申请"
        triggers = [*Subject.Meta.triggers, arcs_trigger(CLAIM_ARCS), REFUSED_EARLY]
        indexes = [
            models.Index(fields=["provider", "-id"], name="claim_of_provider"),
            models.Index(fields=["state", "-id"], name="claim_by_state"),
            models.Index(fields=["batch", "id"], name="claim_of_batch"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_amount=F("deposit") + F("voucher") + F("balance"))
                & Q(deposit__gte=0, voucher__gt=0, balance__gte=0),
                name="claim_parts_sum",
                violation_error_message="定金、服务券金额与余款之和须等于验收金额。",
            ),
            models.CheckConstraint(
                condition=Q(requested__gt=0, requested__lte=F("voucher")),
                name="claim_requested_within_voucher",
                violation_error_message="申请金额不得超过最终服务券金额。",
            ),
            models.CheckConstraint(
                condition=Q(approved=None) | Q(approved__gte=0, approved__lte=F("requested")),
                name="claim_approved_within_requested",
                violation_error_message="核定金额不得超过申请金额。",
            ),
            models.CheckConstraint(
                condition=Q(paid=None) | Q(approved__isnull=False, paid__gt=0, paid__lte=F("approved")),
                name="claim_paid_within_approved",
                violation_error_message="已付金额不得超过核定金额。",
            ),
            together("claim_submit_both", "提交人和时间", "submitted_by", "submitted_at"),
            together("claim_check_both", "形式审核人和时间", "checked_by", "checked_at"),
            together("claim_review_both", "复核人和时间", "reviewed_by", "reviewed_at"),
            together("claim_decide_whole", "实质审核人、时间和核定金额", "decided_by", "decided_at", "approved"),
            together("claim_paid_whole", "已付金额和支付日期", "paid", "paid_on"),
            together("claim_years_both", "上限年度和预算年度", "cap_year", "budget_year"),
            different_people(
                "claim_three_people", "形式审核、复核与实质审核", "checked_by", "reviewed_by", "decided_by"
            ),
            in_states(
                "claim_submitted_state",
                CLAIM_SUBMITTED,
                Q(submitted_at__isnull=False, account__isnull=False) & ~Q(digest=""),
                "已提交的申请须有签署人、收款账户和签署摘要。",
            ),
            in_states(
                "claim_returned_state",
                {S.RETURNED},
                Q(correction_due__isnull=False, returns__gt=0),
                "退回的申请须有补正期限。",
            ),
            in_states("claim_checked_state", CLAIM_CHECKED, Q(checked_at__isnull=False), "须先完成形式审核。"),
            in_states("claim_reviewed_state", CLAIM_REVIEWED, Q(reviewed_at__isnull=False), "须先完成复核。"),
            only_in_states(
                "claim_decided_state", CLAIM_DECIDED, Q(decided_at__isnull=False), "实质审核后方有核定金额。"
            ),
            in_states("claim_passed_whole", {S.PASSED}, Q(approved=F("requested")), "未核减的申请按申请金额通过。"),
            in_states(
                "claim_reduced_lower",
                {S.REDUCED},
                Q(approved__gt=0, approved__lt=F("requested")),
                "核减后的金额须更低。",
            ),
            models.CheckConstraint(
                condition=Q(approved=None) | Q(approved=F("requested")) | ~Q(reduction_reason="") | ~Q(refusal_code=""),
                name="claim_gap_has_reason",
                violation_error_message="核定金额低于申请金额的，须写明核减或不予通过的理由。",
            ),
            models.CheckConstraint(
                condition=Q(state=S.REFUSED, approved=0, refusal_code__in=Fault.values) & ~Q(refusal_text="")
                | ~Q(state=S.REFUSED) & Q(refusal_code="", refusal_text=""),
                name="claim_refused_with_code",
                violation_error_message="不予通过须有原因代码和说明。",
            ),
            only_in_states("claim_batched_state", CLAIM_BATCHED, Q(batch__isnull=False), "列入方案的申请须有批次。"),
            only_in_states(
                "claim_budgeted_state", CLAIM_BUDGETED, Q(cap_year__isnull=False), "审定后方有上限和预算年度。"
            ),
            only_in_states("claim_paid_state", {S.PAID}, Q(paid__isnull=False), "已支付的申请须有金额和日期。"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def payee(self) -> dict[str, Any]:
        """Where the money goes now. Raises ValueError before the claim is submitted."""
        account = self.corrected_account or self.account
        if account is None:
            raise ValueError("the claim has no settlement account yet")
        return dict(account)

    @transition(field=state, source=[S.DRAFT, S.RETURNED], target=S.SUBMITTED)
    def submit(self, by: User, at: datetime, digest: str) -> None:
        """Signed by the provider; what earlier officers did no longer counts."""
        self.submitted_by, self.submitted_at, self.digest = by, at, digest
        self.checked_by = self.checked_at = self.reviewed_by = self.reviewed_at = None
        self.return_items = []

    @transition(field=state, source=S.SUBMITTED, target=S.DRAFT)
    def withdraw(self) -> None:
        """A draft again."""
        self.submitted_by = self.submitted_at = None
        self.digest = ""

    @transition(field=state, source=S.SUBMITTED, target=S.FORMAL_CHECK)
    def check_form(self, by: User, at: datetime) -> None:
        """The formal check is done."""
        self.checked_by, self.checked_at = by, at

    @transition(field=state, source=S.FORMAL_CHECK, target=S.FORMAL_REVIEW)
    def review(self, by: User, at: datetime) -> None:
        """The second officer agrees."""
        self.reviewed_by, self.reviewed_at = by, at

    @transition(field=state, source=[S.SUBMITTED, S.FORMAL_CHECK, S.FORMAL_REVIEW], target=S.RETURNED)
    def send_back(self, items: list[dict[str, str]], until: date) -> None:
        """Returned with one list, to be put right until that day; the count goes up."""
        self.returns += 1
        self.return_items, self.correction_due = items, until

    @transition(field=state, source=S.FORMAL_REVIEW, target=S.PASSED)
    def pass_whole(self, by: User, at: datetime) -> None:
        """Approved as requested."""
        self.decided_by, self.decided_at, self.approved = by, at, self.requested

    @transition(field=state, source=S.FORMAL_REVIEW, target=S.REDUCED)
    def reduce(self, by: User, at: datetime, reduction: Decimal, reason: str) -> None:
        """Approved for less: the reduction is taken off."""
        self.decided_by, self.decided_at, self.approved = by, at, self.requested - reduction
        self.reduction_reason = reason

    @transition(field=state, source=S.FORMAL_REVIEW, target=S.REFUSED)
    def refuse(self, by: User, at: datetime, code: str, text: str) -> None:
        """Nothing is paid, for a reason with its code."""
        self.decided_by, self.decided_at, self.approved = by, at, ZERO
        self.refusal_code, self.refusal_text = code, text

    @transition(
        field=state,
        source=[S.SUBMITTED, S.FORMAL_CHECK, S.FORMAL_REVIEW, S.RETURNED, S.PASSED, S.REDUCED],
        target=S.REFUSED,
    )
    def refuse_ended(self, by: User, at: datetime, code: str, text: str) -> None:
        """Its contract has ended: there is nothing left to pay, at whatever stage the claim is."""
        self.decided_by, self.decided_at, self.approved = by, at, ZERO
        self.refusal_code, self.refusal_text = code, text

    @transition(field=state, source=[S.PASSED, S.REDUCED], target=S.IN_BATCH)
    def enter_batch(self, batch: Batch) -> None:
        """Taken into the plan of a batch."""
        self.batch = batch

    @transition(field=state, source=S.IN_BATCH, target=RETURN_VALUE(S.PASSED, S.REDUCED))
    def leave_batch(self) -> str:
        """Left out of the plan again."""
        self.batch = None
        return S.PASSED if self.approved == self.requested else S.REDUCED

    @transition(field=state, source=S.IN_BATCH, target=S.APPROVED)
    def approve(self, cap_year: int, budget_year: int) -> None:
        """Approved by the 厅, counted in these years."""
        self.cap_year, self.budget_year = cap_year, budget_year

    @transition(field=state, source=S.APPROVED, target=S.PUBLICITY)
    def publicise(self) -> None:
        """Shown to everyone with its batch."""

    @transition(field=state, source=S.PUBLICITY, target=S.CLEARED)
    def clear(self) -> None:
        """Nobody has objected."""

    @transition(field=state, source=S.CLEARED, target=S.MARKED)
    def mark(self) -> None:
        """Marked and confirmed on the platform (第二十一条)."""

    @transition(field=state, source=S.MARKED, target=S.PAYABLE)
    def make_payable(self) -> None:
        """An order may be made."""

    @transition(field=state, source=S.PAYABLE, target=S.PAYING)
    def start_payment(self) -> None:
        """An order is on its way."""

    @transition(field=state, source=S.PAYING, target=S.PAYABLE)
    def stop_payment(self) -> None:
        """The order was taken back before it was sent."""

    @transition(field=state, source=S.PAYING, target=S.BOUNCED)
    def bounce(self) -> None:
        """The money came back."""

    @transition(field=state, source=S.BOUNCED, target=S.PAYABLE)
    def try_again(self) -> None:
        """The provider has put its account right."""

    @transition(field=state, source=S.PAYING, target=S.PAID)
    def settle(self, amount: Decimal, paid_on: date, budget_year: int) -> None:
        """The provider has the money."""
        self.paid, self.paid_on, self.budget_year = amount, paid_on, budget_year
