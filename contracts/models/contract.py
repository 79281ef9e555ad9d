"""The contract itself: the spine of the platform."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, transition

from accounts.models import Organisation, User
from contracts.models.permit import RelatedPermit
from contracts.states import ARCS, CHANGEABLE, INTERRUPTED, LAPSING, RUNNING, STOPPABLE, ClaimStage, Side, State
from demands.models import Demand
from engines.evidence.models import Subject, arcs_trigger
from enterprises.models import Enterprise
from foundation.money import MoneyField
from programmes.models import Notice
from providers.models import Product, Provider

S = State


class Contract(FSMModelMixin, Subject):
    """One service project: one product, one voucher (8-11).

    `terms` copies what the parties agreed on at the time (product revision, names, deliverables): a
    legal document does not change when a product does. Rates and cap are those of the pinned notice.
    `hold` names the money set aside in the ledger since signing; `left_at_signing` is what the three accounts
    had just before, so that why V could be what it is stays known. `permit` is the 关联交易核准 that lets related
    parties contract (8-35): the one in force when the terms were written. `claim_stage`, since `claim_stage_at`, is
    what settlement last told of the claim; `claim_due` the last day of what the provider has to do about it. `reached`
    is what the latest delivery says of each indicator; what an earlier one said stands on the chain.

    Each act writes the row anew, and with it an entry in every index: the only ones are those that lists and
    jobs read by. Nothing looks for a contract by its other foreign keys, and what they name is never deleted.
    """

    ARCS: ClassVar = ARCS

    number = models.CharField("合同编号", max_length=32)
    state = FSMField("状态", choices=State, default=State.DRAFT, protected=True, max_length=24)
    resume_state = models.CharField("中断前状态", max_length=24, blank=True, choices=State)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="contracts", verbose_name="企业", db_index=False
    )
    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="contracts", verbose_name="服务商", db_index=False
    )
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="contracts", verbose_name="服务产品", db_index=False
    )
    demand = models.ForeignKey(
        Demand, models.PROTECT, null=True, related_name="contracts", verbose_name="所应需求", db_index=False
    )
    product_revision = models.PositiveIntegerField("产品版本")
    notice = models.ForeignKey(
        Notice, models.PROTECT, related_name="contracts", verbose_name="年度通知版本", db_index=False
    )
    category = models.CharField("服务类别", max_length=32)
    terms = models.JSONField("合同条款")
    rate = models.DecimalField("补贴比例", max_digits=5, decimal_places=4)
    cap = MoneyField("单个项目上限")
    deposit_rate = models.DecimalField("定金比例", max_digits=5, decimal_places=4)
    amount = MoneyField("合同金额（含税）")
    tax = MoneyField("其中税额", default=0)
    voucher = MoneyField("服务券金额")
    deposit = MoneyField("定金")
    balance = MoneyField("余款")
    start_date = models.DateField("服务开始日期")
    end_date = models.DateField("服务结束日期")
    related_party = models.BooleanField("存在关联关系", default=False)
    permit = models.ForeignKey(
        RelatedPermit, models.PROTECT, null=True, related_name="contracts", verbose_name="关联交易核准", db_index=False
    )
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人", db_index=False)
    enterprise_agreed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="企业同意人", db_index=False
    )
    provider_agreed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="服务商同意人", db_index=False
    )
    hold = models.UUIDField("额度占用", null=True, unique=True)
    quota_year = models.PositiveSmallIntegerField("额度年度", null=True)
    left_at_signing = models.JSONField("发起签署时余额", null=True)
    signing_due = models.DateTimeField("签署期限", null=True)
    signed_at = models.DateTimeField("双方签署时间", null=True)
    deposit_due = models.DateTimeField("定金期限", null=True)
    effective_at = models.DateTimeField("生效时间", null=True)
    delivered_at = models.DateTimeField("交付时间", null=True)
    reached = models.JSONField("验收指标完成情况", default=list)
    rectifications = models.PositiveSmallIntegerField("整改次数", default=0)
    accepted_at = models.DateTimeField("验收时间", null=True)
    accepted_amount = MoneyField("验收金额", null=True)
    final_voucher = MoneyField("最终服务券金额", null=True)
    final_balance = MoneyField("最终余款", null=True)
    paid_up_at = models.DateTimeField("付清时间", null=True)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    claim_until = models.DateField("兑付申请延至", null=True)
    claim_stage = models.CharField("兑付办理", max_length=16, choices=ClaimStage, default=ClaimStage.NONE)
    claim_stage_at = models.DateTimeField("兑付办理变动时间", null=True)
    claim_due = models.DateField("服务商兑付事项期限", null=True)
    settled_at = models.DateTimeField("兑付时间", null=True)
    ended_reason = models.TextField("结束原因", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "合同"
        triggers = [*Subject.Meta.triggers, arcs_trigger(ARCS)]
        indexes = [
            models.Index(fields=["enterprise", "-id"], name="contract_of_enterprise"),
            models.Index(fields=["provider", "-id"], name="contract_of_provider"),
            models.Index(fields=["state", "-id"], name="contract_by_state"),
            models.Index(fields=["amount", "id"], name="contract_by_amount"),
            models.Index(fields=["signing_due"], condition=Q(state=S.SIGNING), name="contract_signing_due"),
            models.Index(fields=["deposit_due"], condition=Q(state=S.SIGNED_WAIT_DEPOSIT), name="contract_deposit_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], name="contract_number_once", violation_error_message="合同编号重复。"
            ),
            models.UniqueConstraint(
                fields=["demand"],
                condition=~Q(state__in=[S.CANCELLED, S.TERMINATED, S.VOIDED]),
                name="contract_demand_once",
                violation_error_message="该需求已对应一份合同。",
            ),
            models.CheckConstraint(
                condition=Q(amount=F("deposit") + F("voucher") + F("balance")),
                name="contract_parts_sum",
                violation_error_message="定金、服务券金额与余款之和须等于合同金额。",
            ),
            models.CheckConstraint(
                condition=Q(
                    amount__gt=0, voucher__gt=0, deposit__gte=0, balance__gte=0, tax__gte=0, tax__lte=F("amount")
                ),
                name="contract_amounts_not_negative",
                violation_error_message="合同金额和服务券金额须大于零，其余金额不得为负。",
            ),
            models.CheckConstraint(
                condition=Q(voucher__lte=F("amount") * F("rate"), deposit__lte=F("amount") * F("deposit_rate")),
                name="contract_within_rates",
                violation_error_message="服务券金额或定金超过规定比例。",
            ),
            models.CheckConstraint(
                condition=Q(voucher__lte=F("cap")),
                name="contract_within_cap",
                violation_error_message="服务券金额超过单个项目上限。",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_amount=None, final_voucher=None, final_balance=None)
                | Q(
                    accepted_at__isnull=False,
                    accepted_amount__lte=F("amount"),
                    final_voucher__lte=F("voucher"),
                    final_voucher__gte=0,
                    final_balance__gte=0,
                    accepted_amount=F("deposit") + F("final_voucher") + F("final_balance"),
                ),
                name="contract_final_parts_sum",
                violation_error_message="验收金额须等于定金、最终服务券金额与最终余款之和，且服务券金额不得增加。",
            ),
            models.CheckConstraint(
                condition=Q(resume_state="", state__in=sorted(set(S) - INTERRUPTED))
                | (~Q(resume_state="") & Q(state__in=sorted(INTERRUPTED))),
                name="contract_resume_state",
                violation_error_message="只有中断的合同记有中断前状态。",
            ),
            models.CheckConstraint(
                condition=Q(hold=None, quota_year=None) | Q(hold__isnull=False, quota_year__isnull=False),
                name="contract_hold_and_year",
                violation_error_message="额度占用与额度年度须同时有或同时无。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted({S.SIGNING, S.CONFIRMED} | RUNNING)) | Q(hold__isnull=False),
                name="contract_funded",
                violation_error_message="签署中和履行中的合同须有额度占用。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(RUNNING | {S.CONFIRMED, S.SETTLED, S.ARCHIVED}))
                | Q(signed_at__isnull=False, effective_at__isnull=False),
                name="contract_effective_at",
                violation_error_message="已生效的合同须有签署时间和生效时间。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.CONFIRMED, S.SETTLED, S.ARCHIVED]) | Q(confirmed_at__isnull=False),
                name="contract_confirmed_at",
                violation_error_message="已确认的合同须有确认时间。",
            ),
            models.CheckConstraint(
                condition=Q(claim_stage=ClaimStage.NONE) | Q(confirmed_at__isnull=False, claim_stage_at__isnull=False),
                name="contract_claim_of_confirmed",
                violation_error_message="只有已确认的合同可以申请兑付，并须记明办理时间。",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=False) | Q(reached=[]),
                name="contract_reached_by_delivery",
                violation_error_message="只有已交付的合同写明验收指标完成情况。",
            ),
            models.CheckConstraint(
                condition=Q(start_date__lte=F("end_date")),
                name="contract_dates_in_order",
                violation_error_message="服务结束日期不得早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(related_party=False, permit=None) | Q(related_party=True, permit__isnull=False),
                name="contract_related_by_permit",
                violation_error_message="存在关联关系的合同须有关联交易核准，其他合同不得有。",
            ),
        ]

    @property
    def usccs(self) -> tuple[str, str]:
        """The codes of its two parties."""
        return self.enterprise.uscc, self.provider.uscc

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=S.DRAFT, target=S.READY)
    def make_ready(self) -> None:
        """Both have agreed to the same terms."""

    @transition(field=state, source=S.READY, target=S.DRAFT)
    def reopen(self) -> None:
        """Back to the desk: both must agree again."""
        self.enterprise_agreed_by = self.provider_agreed_by = None

    @transition(field=state, source=S.READY, target=S.SIGNING)
    def start_signing(self) -> None:
        """Money is set aside; the two may sign."""

    @transition(field=state, source=S.SIGNING, target=S.SIGNED_WAIT_DEPOSIT)
    def complete_signing(self) -> None:
        """Both have signed."""

    @transition(field=state, source=[S.DRAFT, S.READY, S.SIGNING, S.SIGNED_WAIT_DEPOSIT], target=S.CANCELLED)
    def cancel(self, reason: str) -> None:
        """Ended before it took effect."""
        self.ended_reason = reason

    @transition(field=state, source=S.SIGNED_WAIT_DEPOSIT, target=S.EFFECTIVE)
    def take_effect(self) -> None:
        """The deposit is paid."""

    @transition(field=state, source=S.EFFECTIVE, target=S.PERFORMING)
    def begin(self) -> None:
        """The first evidence of work is in."""

    @transition(field=state, source=[S.PERFORMING, S.RECTIFY], target=S.DELIVERED)
    def deliver(self) -> None:
        """The provider says it is done."""

    @transition(field=state, source=S.DELIVERED, target=S.RECTIFY)
    def reject(self) -> None:
        """The enterprise says it is not."""
        self.rectifications += 1

    @transition(field=state, source=S.DELIVERED, target=S.ACCEPTED)
    def accept(self) -> None:
        """The enterprise says it is."""

    @transition(field=state, source=S.ACCEPTED, target=S.PAID_UP)
    def pay_up(self) -> None:
        """The balance is paid, or there was none."""

    @transition(field=state, source=S.PAID_UP, target=S.CONFIRMED)
    def confirm(self) -> None:
        """Both have signed the 服务确认书."""

    @transition(field=state, source=S.CONFIRMED, target=S.SETTLED)
    def settle(self) -> None:
        """The state's part has reached the provider."""

    @transition(field=state, source=S.SETTLED, target=S.ARCHIVED)
    def archive(self) -> None:
        """Closed for good."""

    @transition(field=state, source=sorted(CHANGEABLE), target=S.CHANGE_PENDING)
    def propose_change(self, seen: str) -> None:
        """A supplement waits for the other side; `seen` is the state to come back to."""
        self.resume_state = seen

    @transition(field=state, source=[*sorted(STOPPABLE), S.OVERDUE], target=S.DISPUTED)
    def dispute(self, seen: str) -> None:
        """The parties disagree; nothing moves until it is resolved."""
        self._interrupt(seen)

    @transition(field=state, source=[*sorted(STOPPABLE), S.OVERDUE, S.DISPUTED], target=S.FROZEN)
    def freeze(self, seen: str) -> None:
        """The department stops it while a suspicion is looked into (第二十七条)."""
        self._interrupt(seen)

    @transition(field=state, source=sorted(LAPSING), target=S.OVERDUE)
    def mark_overdue(self, seen: str) -> None:
        """The performance period, or the time for a claim, has passed."""
        self._interrupt(seen)

    @transition(field=state, source=S.CHANGE_PENDING, target=RETURN_VALUE(*sorted(CHANGEABLE)))
    def end_change(self) -> str:
        """The supplement is in force, refused or withdrawn."""
        return self._resumed()

    @transition(field=state, source=[S.DISPUTED, S.FROZEN], target=RETURN_VALUE(*sorted(STOPPABLE)))
    def resume(self) -> str:
        """Back to where it was."""
        return self._resumed()

    @transition(field=state, source=S.OVERDUE, target=RETURN_VALUE(*sorted(LAPSING)))
    def extend(self) -> str:
        """A later date by the department's decision."""
        return self._resumed()

    @transition(field=state, source=[*sorted(RUNNING), S.DISPUTED, S.OVERDUE], target=S.TERMINATED)
    def terminate(self, reason: str) -> None:
        """Failed: the voucher is void (第三十条)."""
        self.resume_state = ""
        self.ended_reason = reason

    @transition(field=state, source=[S.FROZEN, S.OVERDUE], target=S.VOIDED)
    def void(self, reason: str) -> None:
        """Ended by the department's decision."""
        self.resume_state = ""
        self.ended_reason = reason

    def _interrupt(self, seen: str) -> None:
        """An interruption of an interruption comes back to where the first one began."""
        self.resume_state = self.resume_state or seen

    def _resumed(self) -> str:
        state, self.resume_state = self.resume_state, ""
        return state

    def side_organisation(self, side: str) -> Organisation:
        """The organisation on that side."""
        return self.enterprise.organisation if side == Side.ENTERPRISE else self.provider.organisation
