"""Reads about claims, batches and payouts, shared by services, API and later pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Case, Count, Q, Sum, Value, When
from django.db.models.functions import ExtractMonth

from accounts.models import User
from accounts.states import ADMINISTRATORS, OFFICERS, OrganisationKind, Role
from contracts import selectors as contract_rows
from contracts.models import Contract
from contracts.states import State as ContractState
from engines.evidence import chain
from engines.evidence.selectors import of_subject, stages_done
from foundation import clock
from foundation.explain import Bound, Explanation
from foundation.money import ZERO, percent, round_down
from programmes import selectors as programmes
from settlement import policies
from settlement.models import Appeal, Batch, BatchExport, Claim, PayoutOrder
from settlement.states import (
    CLAIM_ENDING,
    CLAIM_EXAMINED,
    CLAIM_MARKED,
    CLAIM_ORDERABLE,
    BatchState,
    ClaimState,
)

QUEUE = ("cleared_at", "batch__number", "submitted_at", "pk")  # the order in which cleared claims are paid (8-23)
DECISIONS = ("pass", "reduce", "refuse")
PARTIES = ("contract__enterprise__organisation", "provider__organisation", "notice", "batch")


def visible_claims(user: User) -> models.QuerySet[Claim]:
    """Officers see all, a city its enterprises', a provider its own, an enterprise those of its contracts."""
    rows = Claim.objects.select_related(*PARTIES)
    if user.has(*OFFICERS):
        return rows
    if user.has(*ADMINISTRATORS):
        return rows.none()
    if user.has(Role.CITY):
        return rows.filter(contract__enterprise__organisation__city__startswith=user.organisation.city[:4])
    # an organisation is one or the other: with "or" over both joins PostgreSQL would read every claim
    if user.organisation.kind == OrganisationKind.PROVIDER:
        return rows.filter(provider__organisation=user.organisation_id)
    return rows.filter(contract__enterprise__organisation=user.organisation_id)


def claimable(user: User) -> models.QuerySet[Contract]:
    """The confirmed contracts of the caller's own house as provider of which nothing was claimed yet (8-47)."""
    rows = contract_rows.visible_to(user).filter(state=ContractState.CONFIRMED, claim=None)
    return rows.filter(provider__organisation=user.organisation_id).order_by("confirmed_at", "pk")


def appeal_of(claim: Claim) -> Appeal | None:
    """The claim's one appeal, whatever became of it."""
    return Appeal.objects.filter(claim=claim).first()


def visible_batches(user: User) -> models.QuerySet[Batch]:
    """Whose work and figures are shown: to officers all, to a provider those that its claims are in."""
    rows = Batch.objects.select_related("notice", "publicity")
    if user.has(*OFFICERS):
        return rows
    if user.organisation.kind != OrganisationKind.PROVIDER:
        return rows.none()
    return rows.filter(pk__in=Claim.objects.filter(provider__organisation=user.organisation_id).values("batch"))


def readable_batches(user: User) -> models.QuerySet[Batch]:
    """With those of `visible_batches` a provider reads every round whose 兑付通知 is out (action 26: v).

    Each row tells by `inside` whether its figures are for the caller too, or the notice alone.
    """
    own = visible_batches(user)
    if user.organisation.kind != OrganisationKind.PROVIDER or user.has(*OFFICERS):
        return own.annotate(inside=Value(True))
    rows = Batch.objects.select_related("notice", "publicity")
    inside = Q(pk__in=own.order_by().values("pk"))
    shown = Case(When(inside, then=Value(True)), default=Value(False), output_field=models.BooleanField())
    return rows.filter(inside | Q(issued_at__isnull=False)).annotate(inside=shown)


def public_payout_notices() -> models.QuerySet[Batch]:
    """The 兑付通知 that are out, for everybody, the newest first: their titles and windows, no figures."""
    rows = Batch.objects.select_related("notice").defer("notice__rules").exclude(state=BatchState.CANCELLED)
    return rows.filter(issued_at__isnull=False).order_by("-issued_at", "-pk")


def takes_claims(batch: Batch, day: date) -> bool:
    """Whether claims are taken into the batch on `day`."""
    return batch.state == BatchState.OPEN and batch.intake_from <= day <= batch.intake_to


def payout_notices(user: User) -> models.QuerySet[Batch]:
    """The 兑付通知 that are out, for who may read them, the newest first: their titles and windows, no figures."""
    return readable_batches(user).filter(issued_at__isnull=False).order_by("-issued_at", "-pk")


def visible_payouts(user: User) -> models.QuerySet[PayoutOrder]:
    """Officers see all, a provider its own; an enterprise is not shown its provider's account."""
    rows = PayoutOrder.objects.select_related("claim__contract", "claim__provider__organisation", "claim__batch")
    if user.has(*OFFICERS):
        return rows
    if user.organisation.kind != OrganisationKind.PROVIDER:
        return rows.none()
    return rows.filter(claim__provider__organisation=user.organisation_id)


def sees_accounts(user: User, claim: Claim) -> bool:
    """Who is shown where the money goes: officers and the payee."""
    return user.has(*OFFICERS) or user.organisation_id == claim.provider.organisation_id


def visible_appeals(user: User) -> models.QuerySet[Appeal]:
    """Officers see all, a provider its own; nobody else."""
    rows = Appeal.objects.select_related("claim__provider__organisation", "claim__contract")
    if user.has(*OFFICERS):
        return rows
    if user.organisation.kind != OrganisationKind.PROVIDER:
        return rows.none()
    return rows.filter(claim__provider__organisation=user.organisation_id)


def exports_of(user: User, batch: Batch) -> models.QuerySet[BatchExport]:
    """Which lists of the batch were taken out, the latest first; for officers alone."""
    rows = BatchExport.objects.filter(batch=batch).order_by("-pk")
    return rows if user.has(*OFFICERS) else rows.none()


def has_decided(claim: Claim, user: User) -> bool:
    """Whether the user once passed, reduced or refused the claim: a decision that was taken back is for another."""
    return of_subject(claim).filter(act__in=DECISIONS, actor=user.actor_id).exists()


def turn_of(user: User, claim: Claim) -> str:
    """The stage of the claim that is open to the person now, as policies name it; empty when it is another's turn.

    Neither a second stage of one case, nor a second decision after one that was taken back.
    """
    stage = policies.STAGE_IN.get(ClaimState(claim.state))
    if stage is None or not user.has(policies.ROLE_OF[stage]):
        return ""
    if not policies.may_take(user, stage, stages_done([claim], user)):
        return ""
    return "" if stage == policies.DECIDE and has_decided(claim, user) else stage


def without_findings(claims: models.QuerySet[Claim]) -> models.QuerySet[Claim]:
    """Those whose every check was met when they were submitted."""
    return claims.exclude(checklist__contains=[{"ok": False}]).exclude(checklist=[])


def ends_with_contract(claim: Claim) -> bool:
    """The claim is at a point at which the end of its contract refuses it for good."""
    return ClaimState(claim.state) in CLAIM_ENDING


def orderable(claims: models.QuerySet[Claim]) -> models.QuerySet[Claim]:
    """Those for which a payout order may be made now, in the order in which they are paid (8-23)."""
    return settleable(claims.filter(state__in=sorted(CLAIM_ORDERABLE))).order_by(*QUEUE)


def sums_of(claims: models.QuerySet[Claim]) -> dict[str, Any]:
    """How many they are and what was approved of them, in 元."""
    found = claims.order_by().aggregate(number=Count("pk"), amount=Sum("approved"))
    return {"number": found["number"], "amount": found["amount"] or ZERO}


def paid_by_month(year: int) -> dict[int, Decimal]:
    """What was paid from the year's budget, in 元, by the month of payment. Reads the whole year's claims."""
    rows = Claim.objects.filter(budget_year=year, paid_on__isnull=False).order_by()
    return dict(rows.annotate(month=ExtractMonth("paid_on")).values_list("month").annotate(sum=Sum("paid")))


def rounds_of(year: int) -> int:
    """How many rounds of the year there are that were not called off."""
    return Batch.objects.filter(year=year).exclude(state=BatchState.CANCELLED).count()


def ready_for_batch(batch: Batch) -> models.QuerySet[Claim]:
    """Examined claims of confirmed contracts that are in no batch and came in time for this one, the earliest first.

    With them what a full cap has kept from the rounds of an earlier year (8-18).
    """
    held = Q(state=ClaimState.CAP_HELD, cap_held_year__lt=batch.year)
    rows = in_time_for(batch, Claim.objects.filter(Q(state__in=sorted(CLAIM_EXAMINED)) | held))
    return settleable(rows).order_by("submitted_at", "pk")


def for_batch(claims: models.QuerySet[Claim]) -> models.QuerySet[Claim]:
    """Those examined, or held by a full cap, that wait for a plan to take them in."""
    return claims.filter(state__in=[*sorted(CLAIM_EXAMINED), ClaimState.CAP_HELD])


def in_time_for(batch: Batch, claims: models.QuerySet[Claim]) -> models.QuerySet[Claim]:
    """Those first submitted by the last day of the batch's intake (第二十条: 以兑付通知为准); later ones are the next's."""
    return claims.filter(first_submitted_at__lt=clock.end_of(batch.intake_to))


def carried_before(day: date) -> models.QuerySet[Claim]:
    """What an earlier year owes and can be paid: in order, first to be paid first (8-23).

    Its contract is neither disputed nor frozen. A payment that came back waits for the provider's account and is
    not among them: it holds nobody up.
    """
    old = Q(state__in=[ClaimState.MARKED, ClaimState.PAYABLE], cleared_at__lt=clock.start_of(date(day.year, 1, 1)))
    rows = Claim.objects.filter(Q(state=ClaimState.CARRIED_OVER) | old)
    return settleable(rows).select_related("batch", "provider").order_by(*QUEUE)


def is_carried(claim: Claim, day: date) -> bool:
    """Whether an earlier year owes it."""
    begin = clock.start_of(date(day.year, 1, 1))
    return claim.carried_into is not None or (claim.cleared_at is not None and claim.cleared_at < begin)


def marked_before(claim: Claim) -> models.QuerySet[Claim]:
    """What waits for its money and was cleared before the claim."""
    return in_front_of(claim, settleable(Claim.objects.filter(state=ClaimState.MARKED)).select_related("batch"))


def in_front_of(claim: Claim, rows: models.QuerySet[Claim]) -> models.QuerySet[Claim]:
    """Those of `rows` that come before the cleared claim: by clearing, batch, submission."""
    batch = claim.batch
    if batch is None or claim.cleared_at is None:
        return rows.none()
    earlier = (
        Q(cleared_at__lt=claim.cleared_at)
        | Q(cleared_at=claim.cleared_at, batch__number__lt=batch.number)
        | Q(cleared_at=claim.cleared_at, batch__number=batch.number, submitted_at__lt=claim.submitted_at)
        | Q(cleared_at=claim.cleared_at, batch__number=batch.number, submitted_at=claim.submitted_at, pk__lt=claim.pk)
    )
    return rows.filter(earlier).order_by(*QUEUE)


def settleable(claims: models.QuerySet[Claim]) -> models.QuerySet[Claim]:
    """Those whose contract is neither disputed, frozen nor ended."""
    return claims.filter(contract__state=ContractState.CONFIRMED)


def digest_of(claim: Claim) -> str:
    """SM3 over what the provider signs: every amount, every paper, the payee."""
    return chain.sm3(
        chain.canonical(
            {
                "number": claim.number,
                "contract": str(claim.contract_id),
                "requested": f"{claim.requested:.2f}",
                "materials": claim.materials,
                "account": claim.account,
            }
        )
    )


def digest_of_batch(batch: Batch) -> str:
    """SM3 over what is approved: every claim with its contract, amount and payee."""
    rows = batch.claims.order_by("number").values_list("number", "contract__number", "approved", "account")
    return chain.sm3(
        chain.canonical(
            {
                "batch": batch.number,
                "approval_no": batch.approval_no,
                "claims": [[number, contract, f"{amount:.2f}", payee] for number, contract, amount, payee in rows],
            }
        )
    )


def totals(batch: Batch) -> dict[str, Any]:
    """Count and sums of the batch's claims as they stand, in 元."""
    sums = batch.claims.aggregate(
        claims=Count("pk"),
        providers=Count("provider", distinct=True),
        requested=Sum("requested"),
        approved=Sum("approved"),
        paid=Sum("paid"),
    )
    return {name: value if value is not None else ZERO for name, value in sums.items()}


def findings_in(batch: Batch) -> dict[str, int]:
    """How many of its claims had every check met when they were submitted, and how many had not."""
    clean, everything = without_findings(batch.claims.all()).count(), batch.claims.count()
    return {"clean": clean, "flagged": everything - clean}


def intake_over(batch: Batch) -> bool:
    """The last day of its intake has passed."""
    return clock.today() > batch.intake_to


def not_given_out(batch: Batch) -> Decimal:
    """What of the funded money no claim of the batch has been given yet, in 元."""
    given = batch.claims.filter(state__in=sorted(CLAIM_MARKED - {ClaimState.MARKED, ClaimState.CARRIED_OVER}))
    left: Decimal = batch.funded - (given.aggregate(sum=Sum("approved"))["sum"] or ZERO)
    return left


def waiting_for_money(batch: Batch) -> models.QuerySet[Claim]:
    """Its marked claims in the order in which money reaches them (8-23)."""
    return batch.claims.filter(state=ClaimState.MARKED).order_by("cleared_at", "submitted_at", "pk")


def has_cleared(batch: Batch) -> bool:
    """Some claim of it has been cleared by the 公示 and is not marked yet."""
    return batch.claims.filter(state=ClaimState.CLEARED).exists()


def worked_on_claims_of(batch: Batch, user: User) -> bool:
    """The person has taken a stage of one of its claims."""
    return bool(stages_done(list(batch.claims.only("pk")), user))


def explain_claim(claim: Claim) -> Explanation:
    """Why the claim is paid what it is paid: the bounds of 8-13, and what the reviewers took off."""
    contract, rules = claim.contract, claim.notice.parsed
    bounds = [
        Bound("signed", "签署的服务券金额", contract.voucher),
        Bound("rate", f"验收金额的{percent(contract.rate)}", round_down(claim.accepted_amount * contract.rate)),
        Bound("cap", "单个项目上限", contract.cap),
        Bound("after_deposit", "验收金额减已付定金", claim.accepted_amount - claim.deposit),
    ]
    if claim.approved is not None:
        bounds.append(Bound("approved", "审核核定金额", claim.approved))
    return Explanation(
        figure="approved" if claim.approved is not None else "requested",
        rule="claim_amount",
        article=f"{rules.article('subsidy')}{rules.article('deposit')}",
        notice=claim.notice.label,
        inputs={
            "contract": contract.number,
            "accepted_amount": claim.accepted_amount,
            "deposit": claim.deposit,
            "balance": claim.balance,
            "requested": claim.requested,
            "reduction": claim.requested - claim.approved if claim.approved is not None else ZERO,
            "reduction_code": claim.reduction_code,
            "reduction_reason": claim.reduction_reason,
        },
        formula=(
            "核定金额取下列各项中最小的一项，再减去核减金额，向下取整到分："
            "签署的服务券金额、验收金额×补贴比例、单个项目上限、验收金额减已付定金。"
        ),
        result=claim.approved if claim.approved is not None else claim.requested,
        bounds=bounds,
    )


def explain_batch(batch: Batch) -> Explanation:
    """What the batch comes to, beside the year's budget."""
    sums = totals(batch)
    budget, rules = programmes.figures(batch.year), batch.notice.parsed
    return Explanation(
        figure="batch_total",
        rule="batch_total",
        article=f"{rules.article('funding')}{rules.article('settlement')}",
        notice=batch.notice.label,
        inputs={
            "batch": batch.number,
            **sums,
            "budget_total": budget.total,
            "budget_committed": budget.committed,
            "budget_approved": budget.approved,
            "budget_paid": budget.paid,
            "budget_left": budget.left,
        },
        formula="批次金额为各申请核定金额之和；每笔在签约时已锁定预算，故批次金额不超过已承诺与应付预算之和。",
        result=sums["approved"],
    )
