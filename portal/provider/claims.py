"""Claims: what may be claimed, the reviewers' own checklist before it is submitted, and the payment clock (第二十、二十一条)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from contracts.models import Contract
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import not_found
from foundation.names import last_four
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.provider.common import steps_of, tone
from settlement import checklist, gathering, packs, policies, progress, selectors
from settlement import serializers as bodies
from settlement.api.common import attachment
from settlement.models import Batch, Claim
from settlement.services import appeals, filing, payouts
from settlement.services.payouts import FIXABLE
from settlement.states import CLAIM_EDITABLE, Severity
from settlement.states import ClaimState as C

# the way of a claim in eight steps, each with the states in which the claim is at it
FEW_NOTICES = 3  # of the 兑付通知, the newest
STEPS: tuple[tuple[str, frozenset[C]], ...] = (
    ("申请", frozenset({C.DRAFT, C.RETURNED})),
    ("形式审核", frozenset({C.SUBMITTED})),
    ("复核", frozenset({C.FORMAL_CHECK})),
    ("实质审核", frozenset({C.FORMAL_REVIEW, C.APPEAL, C.REFUSED})),
    ("列入批次", frozenset({C.PASSED, C.REDUCED, C.CAP_HELD})),
    ("审定", frozenset({C.IN_BATCH})),
    ("公示", frozenset({C.APPROVED, C.PUBLICITY, C.OBJECTION_HOLD})),
    ("支付", frozenset({C.CLEARED, C.MARKED, C.PAYABLE, C.CARRIED_OVER, C.PAYING, C.BOUNCED})),
)


def claim_page(row: Claim) -> str:
    return reverse("provider:claim", kwargs={"pk": row.pk})


def own_claims(by: User) -> QuerySet[Claim]:
    """The claims of the caller's own provider."""
    return selectors.visible_claims(by).filter(provider__organisation=by.organisation_id)


def product_of(row: Claim) -> str:
    """The product's name as the claim's own papers have it."""
    return str(row.materials["contract"]["product"].get("name", ""))


def _numbered(rows: QuerySet[Claim], value: str) -> QuerySet[Claim]:
    return rows.filter(number__icontains=value) | rows.filter(contract__number__icontains=value)


LIST = Listing(
    name="claims",
    caption="兑付申请",
    columns=(
        Column(name="number", label="申请编号", show="number", sort="number", place="title", link=claim_page),
        Column(name="contract", label="合同", show="contract.number", second=product_of),
        Column(name="requested", label="申请金额（元）", show="requested", kind="money", sort="requested"),
        Column(name="approved", label="核定金额（元）", show="approved", kind="money"),
        Column(name="waits", label="现由谁办理", show=progress.waiting_for),
        Column(name="due", label="本环节期限", show="step_due", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=C.choices),
        Filter(name="number", label="申请或合同编号", narrow=_numbered, kind="text"),
    ),
    flag=lambda row: row.state in (C.RETURNED, C.BOUNCED),
    empty="还没有兑付申请。合同经双方签署服务确认书后，即可在此发起。",
)


class ReasonForm(BodyForm):
    body = bodies.SettlementReasonIn


class AppealForm(BodyForm):
    body = bodies.AppealIn
    labels = {"grounds": "申诉的事实和理由", "files": "证明材料"}
    uploads = {"files": "evidence"}


class ClaimForm(BodyForm):
    body = bodies.ClaimIn


def _may_refile(by: User, row: Claim) -> bool:
    open_still = row.refile_until is not None and row.final_at is None and clock.today() <= row.refile_until
    return row.state == C.REFUSED and open_still and policies.may_withdraw(by, row)


def _may_appeal(by: User, row: Claim) -> bool:
    if row.state != C.REFUSED or row.final_at is not None or row.appeal_until is None:
        return False
    in_time = clock.today() <= row.appeal_until
    return in_time and policies.may_sign(by, row) and selectors.appeal_of(row) is None


def _may_fix(by: User, row: Claim) -> bool:
    if row.state not in FIXABLE or not policies.may_sign(by, row):
        return False
    if row.state == C.BOUNCED:
        return gathering.refused_account(row, clock.today()) is None
    return not progress.account_stands(row, clock.today())


def _checklist(by: User, row: Claim) -> dict[str, Any]:
    items = gathering.checklist_of(row.contract, row)
    return {"checklist": items, "missing": checklist.missing(items), "risks": checklist.risks(items), "claim": row}


def _appeal(by: User, row: Claim, data: dict[str, Any]) -> Any:
    return appeals.file(
        by=by, claim_id=row.pk, version=data["version"], grounds=data["grounds"], file_ids=data["files"]
    )


DECK = Deck(
    name="provider:claim",
    roles=PROVIDER,
    rows=own_claims,
    title=lambda row: row.number,
    acts=(
        Act(
            name="submit",
            label="签署并提交",
            tone="main",
            icon="send",
            intro="提交即签署：金额和材料由平台自动带入，均附摘要。下面是审核人员使用的同一份核对清单。",
            article="20,21",
            template="portal/provider/claim_submit.html",
            may=lambda by, row: row.state in CLAIM_EDITABLE and policies.may_sign(by, row),
            shown=_checklist,
            run=lambda by, row, data: filing.submit(by=by, claim_id=row.pk, **data),
            done="兑付申请已提交，等待促进中心形式审核。",
        ),
        Act(
            name="withdraw",
            label="撤回",
            tone="danger",
            intro="尚未审核的可以撤回，改好后重新提交；以最后一次提交的时间排队。",
            form=ReasonForm,
            may=lambda by, row: row.state == C.SUBMITTED and policies.may_withdraw(by, row),
            run=lambda by, row, data: filing.withdraw(by=by, claim_id=row.pk, **data),
            done="申请已撤回为草稿。",
        ),
        Act(
            name="refile",
            label="重新申报",
            tone="main",
            icon="refresh",
            intro="逾期未补正的，在期限内可以重新申报，列入以后的批次。",
            article="20",
            may=_may_refile,
            run=lambda by, row, data: filing.refile(by=by, claim_id=row.pk, **data),
            done="已重新申报，请补正后提交。",
        ),
        Act(
            name="appeal",
            label="提出申诉",
            tone="main",
            icon="gavel",
            intro="由未参与审核的人员答复，一份申请只能申诉一次；期满不申诉的，不予通过即生效。",
            form=AppealForm,
            may=_may_appeal,
            run=_appeal,
            goes=lambda made: claim_page(made.claim),
            done="申诉已提交。",
        ),
        Act(
            name="fix-account",
            label="确认现用收款账户",
            tone="main",
            icon="bank",
            intro="支付被退回或账户有变更的，由签署人确认按现用账户支付。账户有误的，请先申请变更并等待生效。",
            template="portal/provider/claim_account.html",
            may=_may_fix,
            shown=lambda by, row: {"used": progress.account_in_use(row, clock.today())},
            run=lambda by, row, data: payouts.fix_account(by=by, claim_id=row.pk, **data),
            done="收款账户已确认。",
        ),
    ),
)
BEGIN = Deck(
    name="provider:claimable",
    roles=PROVIDER,
    rows=selectors.claimable,
    title=lambda row: row.number,
    home=lambda row: reverse("provider:claims"),
    acts=(
        Act(
            name="claim",
            label="发起兑付申请",
            tone="main",
            icon="coins",
            intro="平台从合同、付款、佐证和服务确认书自动带入全部材料，不需另行填写；先存为草稿，由签署人提交。",
            article="20,21",
            form=ClaimForm,
            template="portal/provider/claim_begin.html",
            may=policies.may_claim,
            given=lambda by, row: {"contract": str(row.pk)},
            run=lambda by, row, data: filing.create(by=by, contract_id=data["contract"]),
            goes=claim_page,
            done="兑付申请草稿已建立，请核对清单后提交。",
        ),
    ),
)


def claimable(by: User) -> list[tuple[Contract, Any, str]]:
    """What may be claimed, with the last day and where to begin."""
    rows = selectors.claimable(by)[:50]
    return [(row, gathering.last_day(row), begin_page(row)) for row in rows]


def begin_page(row: Contract) -> str:
    """Where the claim of the contract begins."""
    return BEGIN.address(BEGIN.acts[0], row)


@pages_for(*PROVIDER)
def claims(request: Asked) -> HttpResponseBase:
    """What may be claimed, what stands in which queue, and every claim."""
    by = request.user
    rows = own_claims(by)
    htmx = request.htmx and request.htmx.target == LIST.name
    context = {} if htmx else {"claimable": claimable(by), "queue": progress.queue_for(rows), "notices": notices(by)}
    return LIST.answer(request, rows, "portal/provider/claims.html", context)


def notices(by: User) -> list[tuple[Batch, bool]]:
    """The newest 兑付通知, each with whether it takes claims in today."""
    today = clock.today()
    rows = selectors.payout_notices(by)[:FEW_NOTICES]
    return [(row, selectors.takes_claims(row, today)) for row in rows]


@pages_for(*PROVIDER)
def claim(request: Asked, pk: str) -> HttpResponseBase:
    """One claim: where it is, when the money comes, what is missing, what it is made of."""
    by = request.user
    row = own_claims(by).filter(pk=pk).first()
    if row is None:
        raise not_found("兑付申请")
    editable = row.state in CLAIM_EDITABLE
    items = [one.as_dict() for one in gathering.checklist_of(row.contract, row)] if editable else row.checklist
    told = progress.clock_of(row)
    context = {
        "claim": row,
        "product": product_of(row),
        "tone": tone(row),
        "steps": steps_of(STEPS, row.state),
        "clock": told,
        "days": [(one.state_label, one.days) for one in told.steps],
        "checklist": items,
        "hard": Severity.HARD,
        "papers": packs.papers(row.materials),
        "account": _masked(row),
        "appeal": selectors.appeal_of(row),
        "explanation": selectors.explain_claim(row),
        "acts": DECK.offered(by, row),
        "account_refused": gathering.refused_account(row, clock.today()) is not None,
        "trail": of_subject(row),
    }
    return render(request, "portal/provider/claim.html", context)


def _masked(row: Claim) -> dict[str, str] | None:
    if row.account is None:
        return None
    account = row.payee
    return {**account, "number": last_four(account["number"]), "changed": "是" if row.corrected_account else ""}


@pages_for(*PROVIDER)
def pack(request: Asked, pk: str) -> HttpResponseBase:
    """The list of the claim's papers, to print."""
    row = own_claims(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("兑付申请")
    return attachment(packs.pdf(row), f"{row.number}-结算材料.pdf", "application/pdf")
