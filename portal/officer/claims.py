"""兑付申请 as the offices see them: the queue, the review screen, and many clean ones at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from contracts.states import State as ContractState
from engines.evidence.selectors import of_subject, stages_done
from foundation import clock
from foundation.money import yuan
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing, Marks
from portal.officer import tasks
from portal.officer.shown import last_of, one_of
from settlement import gathering, packs, policies, progress, queues, selectors
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
        name="number",
        label="申请编号",
        show="number",
        second="contract.number",
        sort="number",
        link=page,
        place="title",
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
    return {
        "claim": row,
        "items": gathering.shown_checklist(row),
        "explanation": selectors.explain_claim(row),
    }


TEMPLATE = "portal/officer/claim_act.html"
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
            template=TEMPLATE,
            shown=_shown,
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
            template=TEMPLATE,
            shown=_shown,
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
            template=TEMPLATE,
            shown=_shown,
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
            template=TEMPLATE,
            shown=_shown,
        ),
        Act(
            name="return",
            label="退回补正",
            icon="refresh",
            article="21",
            intro="由当前审核环节退回，服务商在补正期限内改正后重新提交。",
            form=ReturnForm,
            may=lambda by, row: bool(selectors.turn_of(by, row)) and row.returns < row.notice.parsed.max_returns,
            run=lambda by, row, data: reviewing.send_back(
                by=by, claim_id=row.pk, version=data["version"], items=[dict(one) for one in data["items"]]
            ),
            done="已退回补正，服务商已收到补正清单。",
            template=TEMPLATE,
            shown=_shown,
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
            template=TEMPLATE,
            shown=_shown,
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
            may=lambda by, row: row.state in CLAIM_ORDERABLE and _undisputed(row) and policies.may_make_payout(by),
            run=lambda by, row, data: payouts.create(by=by, claim_id=row.pk),
            goes=lambda order: reverse("officer:payout", kwargs={"pk": order.pk}),
            done="支付单已制作，等待复核。",
        ),
    ),
)


@pages_for(*READERS)
def claims(request: Asked) -> HttpResponseBase:
    """Every claim the officer may see, the newest first."""
    return LIST.answer(request, selectors.visible_claims(request.user), "portal/officer/claims.html", {})


@pages_for(*READERS)
def claim(request: Asked, pk: UUID) -> HttpResponseBase:
    """The review screen: materials left, what the machine checked right, the decision above, the history below."""
    row = one_of(selectors.visible_claims(request.user), pk, "兑付申请")
    items = gathering.shown_checklist(row)
    context = {
        "claim": row,
        "tone": tone(row),
        "acts": DECK.offered(request.user, row),
        "items": items,
        "unmet": sum(not item.ok for item in items),
        "kept": gathering.is_kept(row),
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


# --- what waits


def _ready(row: Claim) -> str:
    """Why it is looked at by itself; the service looks again at what the checklist says today."""
    open_ = [item["label"] for item in row.checklist if not item["ok"]]
    return f"核对未通过：{'；'.join(open_)}" if open_ else ""


def _below(row: Claim) -> str:
    return f"{row.number}　申请{yuan(row.requested)}"


def _kind(code: str, label: str, role: Role, rows: tasks.Rows, **more: Any) -> tasks.Kind:
    return tasks.Kind(
        code=code,
        label=label,
        group="结算",
        roles=(role,),
        rows=rows,
        subject=lambda row: str(row.provider.organisation.name),
        below=_below,
        url=page,
        due=more.pop("due", "step_due"),
        **more,
    )


tasks.register(
    _kind(
        "claim-check",
        "兑付形式审核",
        Role.CENTRE_CHECKER,
        queues.claims_to_check,
        since="submitted_at",
        bulk=tasks.Bulk(
            label="形式审核通过",
            intro="提交时核对清单全部符合的可以批量办理，办理时逐笔再核对一次。",
            ready=_ready,
            run=lambda by, row, seen: bulk.check_clean(by=by, claim_id=row.pk, version=seen),
        ),
    ),
    _kind(
        "claim-review",
        "兑付复核",
        Role.CENTRE_REVIEWER,
        queues.claims_to_review,
        since="checked_at",
        bulk=tasks.Bulk(
            label="复核通过",
            intro="核对清单全部符合的可以批量办理，办理时逐笔再核对一次。",
            ready=_ready,
            run=lambda by, row, seen: bulk.review_clean(by=by, claim_id=row.pk, version=seen),
        ),
    ),
    _kind("claim-decide", "兑付实质审核", Role.DEPARTMENT, queues.claims_to_decide),
    _kind("claim-ended", "合同已终止的兑付申请", Role.DEPARTMENT, queues.claims_of_ended),
    _kind("claim-order", "制作支付单", Role.CENTRE_CHECKER, queues.claims_to_order, due=""),
)
