"""A provider's claim for the voucher part of one confirmed contract (第二十一条)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, transition

from accounts.models import User
from contracts.models import Contract
from engines.evidence.models import Subject, arcs_trigger
from foundation.money import ZERO, MoneyField
from foundation.parts import moment, person
from programmes.models import Notice
from providers.models import Provider
from settlement.models.batch import Batch
from settlement.models.claim_rules import CONSTRAINTS, REFUSED_EARLY
from settlement.states import CLAIM_ARCS, CLAIM_ENDING, Fault
from settlement.states import ClaimState as S


class Claim(FSMModelMixin, Subject):
    """Settled once: one claim per contract, for good.

    What it says is copied from contract, payments, evidence and confirmation and does not follow them
    afterwards. No amount is typed: `requested` is the contract's final voucher, `approved` is what is
    left after a reduction. `account` is the payee as approved; `corrected_account` the one the provider
    confirmed after a payment came back. `due` is for the first submission; once returned, the claim has
    `correction_due` instead. `first_submitted_at`
    tells in which round's intake it came and stays while it is returned and put right. `step_due` is the last day of the step it is in, `warned_at` when the office was
    told that it has passed.

    A refusal is final at `final_at`: until then it may be appealed against (to `appeal_until`) or, when it was
    refused because a correction never came, filed again (to `refile_until`), and the money stays set aside.
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
    reduction_code = models.CharField("核减原因", max_length=3, blank=True, choices=Fault)
    reduction_reason = models.TextField("核减理由", blank=True)
    refusal_code = models.CharField("不予通过原因", max_length=3, blank=True, choices=Fault)
    refusal_text = models.TextField("不予通过说明", blank=True)
    appeal_until = models.DateField("可申诉至", null=True)
    refile_until = models.DateField("可重新申报至", null=True)
    refilings = models.PositiveSmallIntegerField("重新申报次数", default=0)
    final_at = moment("不予通过生效时间")
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
    first_submitted_at = moment("首次提交时间")
    checked_by, checked_at = person("形式审核人"), moment("形式审核时间")
    reviewed_by, reviewed_at = person("复核人"), moment("复核时间")
    decided_by, decided_at = person("实质审核人"), moment("实质审核时间")
    step_due = models.DateField("本环节期限", null=True)
    warned_at = moment("逾期提醒时间")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="claims", verbose_name="批次")
    cap_year = models.PositiveSmallIntegerField("服务商上限年度", null=True)
    budget_year = models.PositiveSmallIntegerField("预算年度", null=True)
    cap_held_year = models.PositiveSmallIntegerField("上限已满的年度", null=True)
    cap_override_no = models.CharField("超上限决定文号", max_length=64, blank=True)
    cleared_at = moment("公示无异议时间")
    carried_into = models.PositiveSmallIntegerField("结转至年度", null=True)
    paid_on = models.DateField("支付日期", null=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "兑付申请"
        triggers = [*Subject.Meta.triggers, arcs_trigger(CLAIM_ARCS), REFUSED_EARLY]
        indexes = [
            models.Index(fields=["provider", "-id"], name="claim_of_provider"),
            models.Index(fields=["state", "-id"], name="claim_by_state"),
            models.Index(fields=["batch", "id"], name="claim_of_batch"),
            models.Index(fields=["requested", "id"], name="claim_by_requested"),
            models.Index(fields=["step_due"], condition=Q(step_due__isnull=False), name="claim_by_step_due"),
        ]
        constraints = CONSTRAINTS

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
        self.first_submitted_at = self.first_submitted_at or at
        self.checked_by = self.checked_at = self.reviewed_by = self.reviewed_at = None
        self.return_items = []

    @transition(field=state, source=S.SUBMITTED, target=S.DRAFT)
    def withdraw(self) -> None:
        """A draft again. One that was returned keeps the round it was first submitted in."""
        self.submitted_by = self.submitted_at = None
        self.digest = ""
        if not self.returns:
            self.first_submitted_at = None

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
    def reduce(self, by: User, at: datetime, reduction: Decimal, code: str, reason: str) -> None:
        """Approved for less: the reduction is taken off, for a reason with its code."""
        self.decided_by, self.decided_at, self.approved = by, at, self.requested - reduction
        self.reduction_code, self.reduction_reason = code, reason

    @transition(field=state, source=S.FORMAL_REVIEW, target=S.REFUSED)
    def refuse(self, by: User, at: datetime, code: str, text: str) -> None:
        """Nothing is paid, for a reason with its code."""
        self._refused(by, at, code, text)

    @transition(field=state, source=sorted(CLAIM_ENDING), target=S.REFUSED)
    def refuse_ended(self, by: User, at: datetime, code: str, text: str) -> None:
        """Its contract has ended: there is nothing left to pay, at whatever stage the claim is."""
        self._refused(by, at, code, text)
        self.final_at = at

    @transition(field=state, source=S.RETURNED, target=S.REFUSED)
    def time_out(self, code: str, text: str, refile_until: date) -> None:
        """Nothing was put right in time; it may be filed again until that day (8-40)."""
        self.refusal_code, self.refusal_text, self.refile_until = code, text, refile_until

    @transition(field=state, source=S.REFUSED, target=S.DRAFT)
    def refile(self) -> None:
        """Filed anew by the provider: a draft with a count of returns and a first submission of its own."""
        until = self.refile_until
        self._unrefused()
        if until is not None:
            self.due = until
        self.refilings += 1
        self.first_submitted_at = None
        self.returns, self.correction_due, self.return_items = 0, None, []

    @transition(field=state, source=S.REFUSED, target=S.APPEAL)
    def appeal_against(self) -> None:
        """The provider asks that the refusal be looked at by others."""

    @transition(field=state, source=S.APPEAL, target=S.FORMAL_REVIEW)
    def reopen(self) -> None:
        """The appeal is upheld: as reviewed, it waits for a new decision."""
        self._unrefused()
        self._undecided()

    @transition(field=state, source=S.APPEAL, target=S.REFUSED)
    def stay_refused(self, at: datetime) -> None:
        """The appeal is dismissed: refused for good."""
        self.final_at = at

    @transition(field=state, source=[S.PASSED, S.REDUCED, S.CAP_HELD], target=S.IN_BATCH)
    def enter_batch(self, batch: Batch) -> None:
        """Taken into the plan of a batch."""
        self.batch = batch

    @transition(field=state, source=S.IN_BATCH, target=RETURN_VALUE(S.PASSED, S.REDUCED))
    def leave_batch(self) -> str:
        """Left out of the plan again."""
        self.batch = None
        return S.PASSED if self.approved == self.requested else S.REDUCED

    @transition(field=state, source=S.IN_BATCH, target=S.CAP_HELD)
    def hold_for_cap(self, year: int) -> None:
        """The provider's cap of `year` is full: it waits for the next service year (8-18)."""
        self.batch, self.cap_held_year = None, year

    @transition(field=state, source=S.IN_BATCH, target=S.APPROVED)
    def approve(self, cap_year: int, budget_year: int, cap_override_no: str = "") -> None:
        """Approved by the 厅, counted in these years."""
        self.cap_year, self.budget_year, self.cap_override_no = cap_year, budget_year, cap_override_no

    @transition(field=state, source=S.APPROVED, target=S.PUBLICITY)
    def publicise(self) -> None:
        """Shown to everyone with its batch."""

    @transition(field=state, source=[S.PUBLICITY, S.OBJECTION_HOLD], target=S.APPROVED)
    def unpublish(self) -> None:
        """The list was withdrawn: it will be shown anew for a full period."""

    @transition(field=state, source=S.PUBLICITY, target=S.OBJECTION_HOLD)
    def hold_for_objection(self) -> None:
        """An objection to it is being looked into; the rest of its batch goes on."""

    @transition(field=state, source=S.OBJECTION_HOLD, target=S.PUBLICITY)
    def release_objection(self) -> None:
        """Nothing in the objection, and the period still runs."""

    @transition(field=state, source=S.OBJECTION_HOLD, target=S.FORMAL_REVIEW)
    def uphold_objection(self) -> None:
        """The objection is right: out of the batch, as reviewed, it waits for a new decision."""
        self.batch = self.cap_year = self.budget_year = None
        self.cap_override_no = ""
        self.reduction_code = self.reduction_reason = ""
        self._undecided()

    @transition(field=state, source=[S.PUBLICITY, S.OBJECTION_HOLD], target=S.CLEARED)
    def clear(self, at: datetime) -> None:
        """The period is over and nothing holds it."""
        self.cleared_at = at

    @transition(field=state, source=S.CLEARED, target=S.MARKED)
    def mark(self) -> None:
        """Marked and confirmed on the platform (第二十一条)."""

    @transition(field=state, source=S.MARKED, target=S.PAYABLE)
    def make_payable(self) -> None:
        """The money is there: an order may be made."""

    @transition(field=state, source=[S.MARKED, S.PAYABLE], target=S.CARRIED_OVER)
    def carry_over(self, year: int) -> None:
        """The year ended before it was paid: first in the next (第二十条)."""
        self.carried_into = year

    @transition(field=state, source=[S.PAYABLE, S.CARRIED_OVER], target=S.PAYING)
    def start_payment(self) -> None:
        """An order is on its way."""

    @transition(field=state, source=S.PAYING, target=RETURN_VALUE(S.PAYABLE, S.CARRIED_OVER))
    def stop_payment(self) -> str:
        """The order was taken back before it was sent."""
        return self._waiting()

    @transition(field=state, source=S.PAYING, target=S.BOUNCED)
    def bounce(self) -> None:
        """The money came back."""

    @transition(field=state, source=S.BOUNCED, target=RETURN_VALUE(S.PAYABLE, S.CARRIED_OVER))
    def try_again(self) -> str:
        """The provider has put its account right."""
        return self._waiting()

    @transition(field=state, source=S.PAYING, target=S.PAID)
    def settle(self, amount: Decimal, paid_on: date, budget_year: int) -> None:
        """The provider has the money."""
        self.paid, self.paid_on, self.budget_year = amount, paid_on, budget_year

    def _refused(self, by: User, at: datetime, code: str, text: str) -> None:
        self.decided_by, self.decided_at, self.approved = by, at, ZERO
        self.refusal_code, self.refusal_text = code, text
        self.reduction_code = self.reduction_reason = ""

    def _unrefused(self) -> None:
        self.refusal_code = self.refusal_text = ""
        self.appeal_until = self.refile_until = None

    def _undecided(self) -> None:
        self.decided_by = self.decided_at = self.approved = None

    def _waiting(self) -> str:
        return S.PAYABLE if self.carried_into is None else S.CARRIED_OVER
