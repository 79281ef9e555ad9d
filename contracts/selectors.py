"""Reads about contracts, shared by services, API and later pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q, Subquery, Sum
from django.db.models.functions import Coalesce, ExtractMonth

from accounts.models import User
from accounts.states import ADMINISTRATORS, OFFICERS, Role
from contracts import deadlines, gates, subsidy, waiting
from contracts.models import (
    Contract,
    EvidenceQuery,
    Invoice,
    Milestone,
    PaymentOrder,
    RelatedPermit,
    ServiceConfirmation,
    Supplement,
    Termination,
)
from contracts.states import (
    CAME_TO_NOTHING,
    CLAIM_OVER,
    CLAIM_WITH_PROVIDER,
    HOLDING,
    OVER,
    RUNNING,
    ClaimStage,
    EvidenceKind,
    InvoiceState,
    PermitState,
    QueryState,
    State,
)
from engines.evidence import chain
from engines.ledger import selectors as ledger
from enterprises.models import Enterprise
from foundation import clock
from foundation.explain import Bound, Explanation
from foundation.money import ZERO
from foundation.names import last_four, same_name
from programmes import books
from providers.models import Provider

PARTIES = ("enterprise__organisation", "provider__organisation", "notice", "product")


def whole_rows() -> models.QuerySet[Contract]:
    """Every contract with its parties. The notice's rules, kept parsed in the process, are large and stay unread."""
    return Contract.objects.select_related(*PARTIES).defer("notice__rules")


def visible_to(user: User) -> models.QuerySet[Contract]:
    """Officers see all, a city its enterprises', a party its own, administrators none."""
    rows = whole_rows()
    if user.has(*OFFICERS):
        return rows
    if user.has(*ADMINISTRATORS):
        return rows.none()
    if user.has(Role.CITY):
        return rows.filter(enterprise__organisation__city__startswith=user.organisation.city[:4])
    return rows.filter(_of_party(user))


def _of_party(user: User) -> Q:
    """The rows of the caller's enterprise or provider: found first, each alone, so that an index leads to its rows."""
    enterprise = Enterprise.objects.filter(organisation=user.organisation_id).values("pk")[:1]
    provider = Provider.objects.filter(organisation=user.organisation_id).values("pk")[:1]
    return Q(enterprise=Subquery(enterprise)) | Q(provider=Subquery(provider))


def visible_payments(user: User) -> models.QuerySet[PaymentOrder]:
    """The orders of the contracts the caller may see."""
    return PaymentOrder.objects.select_related("contract", "payer", "payee").filter(contract__in=visible_to(user))


@dataclass(frozen=True)
class PayingAccount:
    """The account from which the enterprise pays, as it registered it; of the number only the end."""

    name: str
    bank: str
    number: str


def paying_account(user: User, order: PaymentOrder) -> PayingAccount | None:
    """Where the payer's own people pay from; nobody else is shown it."""
    enterprise = order.contract.enterprise
    if user.organisation_id != order.payer_id or not enterprise.bank_account:
        return None
    return PayingAccount(enterprise.name, enterprise.bank_name, last_four(enterprise.bank_account))


def payee_agrees(order: PaymentOrder) -> bool:
    """The payee is by name the provider of the contract that both signed (DOMAIN H3)."""
    return same_name(order.payee.name, str(order.contract.terms["provider"]["name"]))


def visible_invoices(user: User) -> models.QuerySet[Invoice]:
    """Those of the contracts the caller may see, standing or withdrawn."""
    rows = Invoice.objects.select_related(
        "contract__enterprise__organisation", "contract__provider__organisation", "file"
    )
    return rows.filter(contract__in=visible_to(user))


def invoiceable(contract: Contract) -> bool:
    """In effect, and neither interrupted nor over."""
    return contract.state in RUNNING | {State.CONFIRMED}


def may_be_invoiced(contract: Contract) -> bool:
    """An invoice may be registered: in effect, and its claim not with the offices."""
    return invoiceable(contract) and contract.claim_stage in CLAIM_WITH_PROVIDER


def most_invoiced(contract: Contract) -> Decimal:
    """What its invoices may come to: what was agreed, and once it is accepted what was accepted (8-46)."""
    most: Decimal = contract.amount if contract.accepted_amount is None else contract.accepted_amount
    return most


def invoiced(contract: Contract) -> Decimal:
    """What the contract's standing invoices come to, in 元."""
    rows = Invoice.objects.filter(contract=contract.pk, state=InvoiceState.STANDING)
    total: Decimal = rows.aggregate(total=Coalesce(Sum("amount"), ZERO))["total"]
    return total


def visible_supplements(user: User) -> models.QuerySet[Supplement]:
    return Supplement.objects.select_related("contract").filter(contract__in=visible_to(user))


def visible_terminations(user: User) -> models.QuerySet[Termination]:
    return Termination.objects.select_related("contract").filter(contract__in=visible_to(user))


def visible_queries(user: User) -> models.QuerySet[EvidenceQuery]:
    rows = EvidenceQuery.objects.select_related("contract", "evidence__milestone", "evidence__file")
    return rows.filter(contract__in=visible_to(user))


def visible_permits(user: User) -> models.QuerySet[RelatedPermit]:
    """Officers see all, the two parties their own, nobody else any."""
    rows = RelatedPermit.objects.select_related("enterprise__organisation", "provider__organisation")
    if user.has(*OFFICERS):
        return rows
    return rows.filter(_of_party(user))


def permit_in_force(contract: Contract, day: date) -> RelatedPermit | None:
    """What lets the contract's parties, related as they are, contract on `day` (8-35)."""
    return RelatedPermit.objects.filter(
        enterprise=contract.enterprise_id, provider=contract.provider_id, year=day.year, state=PermitState.GRANTED
    ).first()


def standing(user: User, today: date) -> models.QuerySet[Any]:
    """What stands still, with the money it holds: for officers, and a city its enterprises'. Nobody else's."""
    rows = waiting.with_money(waiting.standing(visible_to(user).select_related(*PARTIES, "wait"), today))
    return rows if user.has(*OFFICERS, Role.CITY) else rows.none()


def expected_settlement(contract: Contract) -> deadlines.Expectation | None:
    """Until when its voucher may be claimed and in which rounds it is paid; None where nothing is to come any more."""
    if contract.state in OVER or contract.claim_stage in CLAIM_OVER:
        return None
    confirmed_on = clock.local_date(contract.confirmed_at) if contract.confirmed_at else None
    return deadlines.expectation(
        contract.notice.parsed,
        confirmed_on=confirmed_on,
        quota_year=contract.quota_year or clock.local_date(contract.created_at).year,
        extended_to=contract.claim_until,
        stage=ClaimStage(contract.claim_stage),
        stage_due=contract.claim_due,
    )


def gates_of(step: Milestone, day: date) -> gates.Gate:
    """The milestone as it stands on `day`; ask with `evidence__queries` prefetched."""
    given = [one.kind for one in step.evidence.all() if one.counts]
    return gates.gate(step.evidence_kinds, given, due=step.due_date, today=day)


@dataclass(frozen=True)
class Lack:
    """What stands in the way of delivery and of acceptance: titles of milestones, in their order (第二十二条)."""

    asked: Mapping[str, int]  # how many questions about its materials nobody has answered
    missing: Mapping[str, Sequence[EvidenceKind]]  # kinds that no material shows that counts

    def __bool__(self) -> bool:
        return bool(self.asked or self.missing)

    @property
    def sentences(self) -> list[str]:
        """Each milestone and what it lacks, in words. What is asked about may count again once that is answered."""
        lacking = {title: kinds for title, kinds in self.missing.items() if title not in self.asked}
        return [
            *(f"{title}有{number}项质询尚未答复" for title, number in self.asked.items()),
            *(f"{title}缺{'、'.join(kind.label for kind in kinds)}" for title, kinds in lacking.items()),
        ]


def lack(steps: Iterable[Milestone], day: date) -> Lack:
    """What the milestones of a contract lack on `day`; ask with `evidence__queries` prefetched."""
    asked: dict[str, int] = {}
    missing: dict[str, Sequence[EvidenceKind]] = {}
    for step in steps:
        open_ones = [
            one for paper in step.evidence.all() for one in paper.queries.all() if one.state == QueryState.OPEN
        ]
        if open_ones:
            asked[step.title] = asked.get(step.title, 0) + len(open_ones)
        if kinds := gates_of(step, day).missing:
            missing[step.title] = kinds
    return Lack(asked, missing)


@dataclass(frozen=True)
class Commitment:
    """What the contracts of one state hold of a year's budget, in 元."""

    state: str
    label: str
    contracts: int
    vouchers: Decimal


def commitments(year: int) -> list[Commitment]:
    """Contracts that hold money of the year's budget, by state in the order of a contract's life.

    Those carried over from the year before are among them, and no longer among that year's.
    """
    rows = Contract.objects.filter(state__in=sorted(HOLDING), hold__in=ledger.live_holds([books.BUDGET], year))
    amount = Coalesce("final_voucher", "voucher")
    found = {
        state: (number, held)
        for state, number, held in rows.order_by()
        .values_list("state")
        .annotate(number=models.Count("*"), held=models.Sum(amount))
    }
    return [Commitment(one.value, str(one.label), *found[one.value]) for one in State if one.value in found]


def effective_by_month(year: int) -> dict[int, Decimal]:
    """What contracts of the quota year took out of the budget, in 元, by the month in which they took effect.

    By the voucher as it stands now; contracts that came to nothing are not among them. Reads the whole year's contracts.
    """
    rows = Contract.objects.filter(quota_year=year, effective_at__isnull=False).exclude(state__in=CAME_TO_NOTHING)
    month = ExtractMonth("effective_at", tzinfo=clock.SHANGHAI)
    held = Coalesce("final_voucher", "voucher")
    return dict(rows.order_by().annotate(month=month).values_list("month").annotate(sum=Sum(held)))


def awaiting_settlement() -> models.QuerySet[Contract]:
    """Confirmed contracts whose voucher is not yet paid."""
    return Contract.objects.filter(state=State.CONFIRMED).select_related(*PARTIES)


def left(contract: Contract, day: date) -> dict[str, Decimal]:
    """What is free now, in 元, on the three accounts a signing on `day` would draw from."""
    accounts = {
        "quota": ledger.account_id(books.QUOTA, str(contract.enterprise_id), day.year),
        "provider_cap": ledger.account_id(books.CAP, str(contract.provider_id), day.year),
        "budget": ledger.account_id(books.BUDGET, books.BUDGET_OWNER, day.year),
    }
    return {
        name: ledger.balance(account).available if account is not None else Decimal("0.00")
        for name, account in accounts.items()
    }


LABELS = {"quota": "企业年度额度余额", "provider_cap": "服务商年度结算上限余额", "budget": "预算剩余资金"}


def explain_voucher(contract: Contract) -> Explanation:
    """Why the voucher may be what it is: with what is left now, or was left when the money was set aside."""
    rules = contract.notice.parsed
    bounds = subsidy.rule_bounds(
        contract.amount, rate=contract.rate, cap=contract.cap, deposit_rate=contract.deposit_rate
    )
    if contract.state in (State.DRAFT, State.READY):
        bounds += [Bound(name, LABELS[name], amount) for name, amount in left(contract, clock.today()).items()]
    elif contract.left_at_signing:
        bounds += [
            Bound(name, f"发起签署时{LABELS[name]}", Decimal(amount))
            for name, amount in contract.left_at_signing.items()
        ]
    return Explanation(
        figure="voucher",
        rule="voucher_ceiling",
        article=f"{rules.article('subsidy')}{rules.article('year_limit')}{rules.article('suspension')}",
        notice=contract.notice.label,
        inputs={
            "contract": contract.number,
            "category": contract.category,
            "amount": contract.amount,
            "rate": contract.rate,
            "cap": contract.cap,
            "chosen": contract.voucher,
        },
        formula="服务券上限 = min(合同金额×补贴比例, 单个项目上限, 合同金额−定金, 额度余额, 服务商上限余额, 预算余额)，向下取整到分",
        result=subsidy.ceiling(bounds),
        bounds=bounds,
    )


def explain_shares(contract: Contract) -> Explanation:
    """Deposit and balance of the contract as it stands."""
    return Explanation(
        figure="deposit_and_balance",
        rule="deposit_rate",
        article=contract.notice.parsed.article("deposit"),
        notice=contract.notice.label,
        inputs={
            "amount": contract.amount,
            "deposit_rate": contract.deposit_rate,
            "rate": contract.rate,
            "cap": contract.cap,
            "voucher": contract.voucher,
            "deposit": contract.deposit,
            "accepted_amount": contract.accepted_amount,
            "final_voucher": contract.final_voucher,
        },
        formula=(
            "定金 = 签订时合同金额×定金比例，向下取整到分；"
            "最终服务券 = min(服务券金额, 验收金额×补贴比例, 单个项目上限, 验收金额−定金)，只减不增；"
            "余款 = 验收金额（验收前为合同金额）−定金−最终服务券（验收前为服务券金额）"
        ),
        result=contract.balance if contract.final_balance is None else contract.final_balance,
    )


def digest_of(contract: Contract) -> str:
    """SM3 over what the two sign: every term and every amount."""
    return chain.sm3(chain.canonical(signed_text(contract)))


def signed_text(contract: Contract) -> dict[str, Any]:
    """The contract's text as data; the PDF will be made of it."""
    return {
        "number": contract.number,
        "notice": contract.notice.label,
        "terms": contract.terms,
        "amount": f"{contract.amount:.2f}",
        "tax": f"{contract.tax:.2f}",
        "voucher": f"{contract.voucher:.2f}",
        "deposit": f"{contract.deposit:.2f}",
        "balance": f"{contract.balance:.2f}",
        "start_date": contract.start_date.isoformat(),
        "end_date": contract.end_date.isoformat(),
        "related_party": contract.related_party,
    }


def digest_of_confirmation(confirmation: ServiceConfirmation) -> str:
    """SM3 over the 服务确认书 that both sides sign. The rating is the enterprise's own and not part of it."""
    return chain.sm3(
        chain.canonical(
            {
                "contract": str(confirmation.contract_id),
                "content": confirmation.content,
                "amount": f"{confirmation.amount:.2f}",
                "paid_by_enterprise": f"{confirmation.paid_by_enterprise:.2f}",
                "voucher": f"{confirmation.voucher:.2f}",
            }
        )
    )
