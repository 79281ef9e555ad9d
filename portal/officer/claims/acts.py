"""What is decided on a claim: three stages, a return, a reduction, a refusal, and its payout order."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from contracts.states import State as ContractState
from engines.evidence.selectors import stages_done
from portal.kit.access import DECIDERS
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.officer.notes import NoteForm
from settlement import gathering, policies, selectors
from settlement import serializers as bodies
from settlement.models import Claim
from settlement.services import filing, payouts, refusing, reviewing
from settlement.states import CLAIM_EDITABLE, CLAIM_ORDERABLE, CLAIM_REFUSED, ENDED, ClaimState


class ItemForm(BodyForm):
    body = bodies.FaultItemIn


class ReturnForm(BodyForm):
    body = bodies.ClaimReturnIn
    rows = {"items": ItemForm}
    helps = {"items": "一次列全，避免反复退回。每一项选择问题并写明怎样补正。"}


class ReduceForm(BodyForm):
    body = bodies.ClaimReduceIn
    only = ("version", "reduction", "code", "reason")
    labels = {"code": "核减原因"}
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
            run=lambda by, row, data: payouts.create(by=by, claim_id=row.pk, **data),
            goes=lambda order: reverse("officer:payout", kwargs={"pk": order.pk}),
            done="支付单已制作，等待复核。",
        ),
    ),
)
