"""兑付申请 as the offices see them: the queue, the review screen, and many clean ones at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from contracts.states import State as ContractState
from engines.evidence.selectors import of_subject, stages_done
from foundation import clock
from foundation.errors import DomainError
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing, Marks
from portal.kit.once import FIELD, key_of, once
from portal.officer.shown import last_of, one_of
from settlement import gathering, packs, policies, progress, selectors
from settlement import serializers as bodies
from settlement.api.common import attachment
from settlement.models import Claim
from settlement.services import bulk, filing, payouts, refusing, reviewing
from settlement.states import CLAIM_ARCS, CLAIM_EDITABLE, CLAIM_ORDERABLE, CLAIM_REFUSED, ENDED, ClaimState

STATES = [(str(one.value), str(one.label)) for one in CLAIM_ARCS]
READERS = (*DECIDERS, Role.CITY)
C = ClaimState
TONES = {
    C.RETURNED: "warn",
    C.REFUSED: "bad",
    C.APPEAL: "warn",
    C.OBJECTION_HOLD: "bad",
    C.BOUNCED: "bad",
    C.CAP_HELD: "warn",
    C.CARRIED_OVER: "warn",
    C.PASSED: "ok",
    C.REDUCED: "ok",
    C.PAID: "ok",
    C.DRAFT: "off",
}
# what the picture of a row shows: each of these checks is met when all of its items are
SHORT = (
    ("合同", ("contract_confirmed", "contract_signed", "within_notice", "dates_in_order")),
    ("定金", ("deposit_paid",)),
    ("余款", ("balance_paid", "amounts_agree")),
    ("确认书", ("confirmation_signed",)),
    ("佐证", ("evidence_whole", "evidence_own")),
    ("限额", ("money_held",)),
    ("账户", ("account_registered",)),
    ("资格", ("provider_qualified", "not_restricted", "no_open_complaint", "unrelated", "in_time")),
)


def tone(claim: Claim) -> str:
    return TONES.get(ClaimState(claim.state), "run")


def page(claim: Claim) -> str:
    return reverse("officer:claim", kwargs={"pk": claim.pk})


def marks(claim: Claim) -> Marks:
    """The checklist as it was when the provider submitted, in a few words; nothing before that."""
    met = {item["code"]: item["ok"] for item in claim.checklist}
    return Marks((label, all(met.get(code, True) for code in codes)) for label, codes in SHORT) if met else Marks()


def flagged(claim: Claim) -> bool:
    """Something in the checklist was not met when it was submitted."""
    return any(not item["ok"] for item in claim.checklist)


def _late(rows: models.QuerySet[Claim], value: str) -> models.QuerySet[Claim]:
    return rows.filter(step_due__lt=clock.today())


def _party(rows: models.QuerySet[Claim], name: str) -> models.QuerySet[Claim]:
    return rows.filter(
        models.Q(provider__organisation__name__icontains=name)
        | models.Q(contract__enterprise__organisation__name__icontains=name)
    )


COLUMNS = (
    Column(
        name="number", label="申请编号", show="number", second="contract.number", sort="number", link=page, place="title"
    ),
    Column(
        name="parties",
        label="服务商、企业",
        show="provider.organisation.name",
        second="contract.enterprise.organisation.name",
        place="wide",
    ),
    Column(name="requested", label="申请金额（元）", show="requested", kind="money", sort="requested"),
    Column(name="checks", label="核对", show=marks, kind="checks", place="wide"),
    Column(name="due", label="本环节期限", show="step_due", kind="date"),
    Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
)
LIST = Listing(
    name="claims",
    caption="兑付申请",
    columns=COLUMNS,
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=STATES),
        Filter(name="late", label="期限", narrow=_late, choices=[("yes", "本环节已逾期")]),
        Filter(name="party", label="单位名称", narrow=_party, kind="text"),
        Filter(name="number", label="申请编号", narrow="number", kind="text"),
        Filter(name="batch", label="批次号", narrow="batch__number", kind="text"),
    ),
    empty="还没有兑付申请。合同确认后，由服务商发起兑付申请。",
    flag=flagged,
)
BULK = Listing(
    name="clean",
    caption="核对清单全部符合的申请",
    columns=tuple(one for one in COLUMNS if one.name != "state"),
    empty="没有可以批量办理的申请：待您办理的申请都有须逐笔查看的核对项，或者没有待办的申请。",
    export=False,
    pick="claim",
)


class NoteForm(BodyForm):
    body = bodies.SettlementNoteIn


class ReasonForm(BodyForm):
    body = bodies.SettlementReasonIn


class ItemForm(BodyForm):
    body = bodies.FaultItemIn


class ReturnForm(BodyForm):
    body = bodies.ClaimReturnIn
    rows = {"items": ItemForm}
    helps = {"items": "一次列全，避免反复退回。每一项选择问题并写明怎样补正。"}


class ReduceForm(BodyForm):
    body = bodies.ClaimReduceIn
    only = ("version", "reduction", "code", "reason")
    helps = {"reduction": "填写扣减的部分，核定金额由平台相减得出。"}


class RefuseForm(BodyForm):
    body = bodies.ClaimRefuseIn


class ExtendForm(BodyForm):
    body = bodies.ClaimExtendIn
    only = ("version", "until", "reason")


def _turn(stage: str, row: Claim, by: User) -> bool:
    return policies.STAGE_IN.get(ClaimState(row.state)) == stage and selectors.turn_of(by, row) == stage


def _undisputed(row: Claim) -> bool:
    return bool(row.contract.state == ContractState.CONFIRMED)


def _may_refuse(by: User, row: Claim) -> bool:
    if row.contract.state in ENDED:
        open_ = row.state not in CLAIM_REFUSED and selectors.ends_with_contract(row)
        return open_ and policies.may_take(by, policies.DECIDE, stages_done([row], by))
    return _undisputed(row) and _turn(policies.DECIDE, row, by)


def _shown(by: User, row: Claim) -> dict[str, Any]:
    """The review screen beside every act: what it is about does not go out of sight."""
    return {"claim": row, "items": gathering.checklist_of(row.contract, row), "explanation": selectors.explain_claim(row)}


FRAME = {"template": "portal/officer/claim_act.html", "shown": _shown}
DECK = Deck(
    name="officer:claim",
    roles=DECIDERS,
    rows=selectors.visible_claims,
    title=lambda row: f"兑付申请 {row.number}",
    acts=(
        Act(
            name="check",
            label="形式审核通过",
            tone="main",
            icon="check",
            article="21",
            intro="材料齐全、各处一致，转促进中心复核。",
            form=NoteForm,
            roles=(Role.CENTRE_CHECKER,),
            may=lambda by, row: _turn(policies.CHECK, row, by),
            run=lambda by, row, data: reviewing.check(by=by, claim_id=row.pk, **data),
            done="形式审核通过，已转复核。",
            **FRAME,
        ),
        Act(
            name="review",
            label="复核通过",
            tone="main",
            icon="check",
            article="21",
            intro="同意形式审核意见，转厅职能处室实质审核。",
            form=NoteForm,
            roles=(Role.CENTRE_REVIEWER,),
            may=lambda by, row: _turn(policies.REVIEW, row, by),
            run=lambda by, row, data: reviewing.review(by=by, claim_id=row.pk, **data),
            done="复核通过，已转实质审核。",
            **FRAME,
        ),
        Act(
            name="pass",
            label="全额通过",
            tone="main",
            icon="check",
            article="21",
            intro="按申请金额核定，等待列入兑付批次。",
            form=NoteForm,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: _undisputed(row) and _turn(policies.DECIDE, row, by),
            run=lambda by, row, data: reviewing.pass_whole(by=by, claim_id=row.pk, **data),
            done="审核通过。",
            **FRAME,
        ),
        Act(
            name="reduce",
            label="核减通过",
            icon="minus",
            article="11,21",
            intro="扣减不应支持的部分，其余通过。核减的部分即时释放回额度、上限和预算。",
            form=ReduceForm,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: _undisputed(row) and _turn(policies.DECIDE, row, by),
            run=lambda by, row, data: reviewing.reduce(by=by, claim_id=row.pk, **data),
            done="核减通过。",
            **FRAME,
        ),
        Act(
            name="return",
            label="退回补正",
            icon="refresh",
            article="21",
            intro="由当前审核环节退回，服务商在补正期限内改正后重新提交。",
            form=ReturnForm,
            may=lambda by, row: (
                bool(selectors.turn_of(by, row)) and row.returns < row.notice.parsed.max_returns
            ),
            run=lambda by, row, data: reviewing.send_back(
                by=by, claim_id=row.pk, version=data["version"], items=[dict(one) for one in data["items"]]
            ),
            done="已退回补正，服务商已收到补正清单。",
            **FRAME,
        ),
        Act(
            name="refuse",
            label="不予通过",
            tone="danger",
            icon="close",
            article="21",
            intro="不支付服务券。服务商可在期限内申诉，期满前款项保持锁定。",
            form=RefuseForm,
            roles=(Role.DEPARTMENT,),
            may=_may_refuse,
            run=lambda by, row, data: refusing.refuse(by=by, claim_id=row.pk, **data),
            done="已作出不予通过的结论。",
            **FRAME,
        ),
        Act(
            name="extend",
            label="延长期限",
            icon="calendar",
            intro="申请在服务商手中时，延长申报期限；已退回的，延长补正期限。",
            form=ExtendForm,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: row.state in CLAIM_EDITABLE and policies.may_extend(by),
            run=lambda by, row, data: filing.extend(by=by, claim_id=row.pk, **data),
            done="期限已延长。",
        ),
        Act(
            name="order",
            label="制作支付单",
            tone="main",
            icon="receipt",
            article="21",
            intro="按核定金额和收款账户制作支付单，由另一人复核后交财政厅发送。",
            roles=(Role.CENTRE_CHECKER,),
            may=lambda by, row: (
                row.state in CLAIM_ORDERABLE and _undisputed(row) and policies.may_make_payout(by)
            ),
            run=lambda by, row, data: payouts.create(by=by, claim_id=row.pk),
            goes=lambda order: reverse("officer:payout", kwargs={"pk": order.pk}),
            done="支付单已制作，等待复核。",
        ),
    ),
)


@pages_for(*READERS)
def claims(request: Asked) -> HttpResponseBase:
    """Every claim the officer may see, the newest first."""
    context = {"stage": _stage_of(request.user)}
    return LIST.answer(request, selectors.visible_claims(request.user), "portal/officer/claims.html", context)


@pages_for(*READERS)
def claim(request: Asked, pk: UUID) -> HttpResponseBase:
    """The review screen: materials left, what the machine checked right, the decision above, the history below."""
    row = one_of(selectors.visible_claims(request.user), pk, "兑付申请")
    items = gathering.checklist_of(row.contract, row)
    context = {
        "claim": row,
        "tone": tone(row),
        "acts": DECK.offered(request.user, row),
        "items": items,
        "unmet": sum(not item.ok for item in items),
        "papers": packs.papers(row.materials),
        "clock": progress.clock_of(row),
        "explanation": selectors.explain_claim(row),
        "orders": selectors.visible_payouts(request.user).filter(claim=row).order_by("-pk"),
        "appeals": selectors.visible_appeals(request.user).filter(claim=row).order_by("-pk"),
        "trail": last_of(of_subject(row)),
        "table": row._meta.db_table,
        "files_open": request.user.has(*DECIDERS),
    }
    return render(request, "portal/officer/claim.html", context)


@pages_for(*READERS)
def pack(request: Asked, pk: UUID) -> HttpResponseBase:
    """结算材料 as a paper."""
    row = one_of(selectors.visible_claims(request.user), pk, "兑付申请")
    return attachment(packs.pdf(row), f"{row.number}-结算材料.pdf", "application/pdf")


def _stage_of(user: User) -> str:
    """The stage that the person may take of many at once; "" for who takes none."""
    return next((stage for stage in (policies.CHECK, policies.REVIEW) if user.has(policies.ROLE_OF[stage])), "")


WORDS = {policies.CHECK: "形式审核", policies.REVIEW: "复核"}


@pages_for(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
def clean(request: Asked) -> HttpResponseBase:
    """Many claims of one stage at once: only those whose every check was met; each is checked again on the way."""
    stage = _stage_of(request.user)
    rows = selectors.without_findings(selectors.waiting_for_stage(stage)).exclude(
        pk__in=selectors.worked_on(request.user, stage)
    )
    context: dict[str, Any] = {"what": WORDS[stage], "most": bulk.MOST, "once": key_of(request), "once_field": FIELD}
    if request.method != "POST":
        return BULK.answer(request, rows, "portal/officer/claims_clean.html", context)
    return _taken(request, stage, rows, context)


def _taken(
    request: HttpRequest, stage: str, rows: models.QuerySet[Claim], context: dict[str, Any]
) -> HttpResponseBase:
    asked: Asked = request  # type: ignore[assignment]
    chosen = [one for one in request.POST.getlist("claim") if len(one) == 36]
    picked = [(row.pk, row.version) for row in rows.filter(pk__in=chosen)]

    def effect() -> dict[str, Any]:
        outcomes = bulk.take_clean(by=asked.user, stage=stage, claims=picked, note=request.POST.get("note", "")[:500])
        return {"outcomes": [[one.number, one.refused] for one in outcomes]}

    problem = "" if chosen else "请先勾选要办理的申请。"
    if not problem:
        try:
            told, _ = once(request, effect)
        except DomainError as error:
            problem = error.message
        else:
            return _told(request, told["outcomes"], context)
    shown = BULK.page(request.GET, rows)
    return render(request, "portal/officer/claims_clean.html", {**context, "list": shown, "problem": problem}, status=422)


def _told(request: HttpRequest, outcomes: list[list[str]], context: dict[str, Any]) -> HttpResponse:
    refused = [one for one in outcomes if one[1]]
    if not refused:
        messages.success(request, f"{context['what']}通过{len(outcomes)}笔。")
        return HttpResponseRedirect(reverse("officer:claims-clean"))
    done = [number for number, why in outcomes if not why]
    return render(request, "portal/officer/claims_told.html", {**context, "refused": refused, "done": done})
