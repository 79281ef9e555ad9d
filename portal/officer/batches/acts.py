"""What is done to a round: drawn up, issued, planned, approved, shown, marked, funded, closed."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import F
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from foundation import clock
from foundation.money import yuan
from portal.kit.access import DECIDERS
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.officer.batches.lists import page
from portal.officer.notes import NoteForm, ReasonForm
from settlement import policies, queues, selectors, standing
from settlement import serializers as bodies
from settlement.models import Batch, Claim
from settlement.services import approving, funding, showing
from settlement.services import batches as acts
from settlement.states import BATCH_ARCS, BATCH_MARKING, BATCH_PLANNING, BatchState

B = BatchState


class OpenForm(BodyForm):
    body = bodies.BatchIn
    labels = {"title": "兑付通知", "acknowledge": "超出年度批次数的理由"}
    helps = {
        "title": "例如：2026年度第一批服务券兑付通知。",
        "acknowledge": "通常不填。本年度批次数已到通知规定的次数、确需增加的，在此写明理由。",
    }


class PlanForm(BodyForm):
    body = bodies.BatchPlanIn
    labels = {"claims": "列入方案的申请"}
    helps = {"claims": "先列入上年度结转和上限已满转入的，再按提交先后。不勾选的移出方案，留待下一批次。"}


class ApproveForm(BodyForm):
    body = bodies.BatchApproveIn
    only = ("version", "approval_no", "cap_override_no")
    helps = {"cap_override_no": "通常不填：服务商年度上限已满的申请自动转入下一服务年度。"}


class PublicityForm(BodyForm):
    body = bodies.BatchPublicityIn
    only = ("version", "publicity_from", "publicity_to", "reference")


class MarkForm(BodyForm):
    body = bodies.BatchMarkIn
    only = ("version", "request_no", "note")


class FundForm(BodyForm):
    body = bodies.BatchFundIn
    only = ("version", "funding_no", "amount", "note")
    labels = {"funding_no": "拨款或指标文号"}


def _choices(by: User, row: Batch) -> dict[str, list[tuple[str, str]]]:
    """What may stand in the plan: who is in it, and who is ready, in the order of the plan."""
    held_first = F("cap_held_year").asc(nulls_last=True)
    found = _candidates(row).select_related("provider__organisation").order_by(held_first, "submitted_at", "pk")
    return {"claims": [(str(claim.pk), _line(claim)) for claim in found]}


def _candidates(row: Batch) -> models.QuerySet[Claim]:
    """Who is in the plan, and who is ready for it."""
    ready = selectors.ready_for_batch(row).order_by().values("pk")
    return Claim.objects.filter(models.Q(batch=row) | models.Q(pk__in=ready))


def _line(claim: Claim) -> str:
    held = f"（{claim.cap_held_year}年度上限已满转入）" if claim.cap_held_year else ""
    return f"{claim.number}　{claim.provider.organisation.name}　{yuan(claim.approved or claim.requested)}{held}"


def _all_of(by: User, row: Batch) -> dict[str, Any]:
    return {"claims": [key for key, _ in _choices(by, row)["claims"]]}


def _sums(by: User, row: Batch) -> dict[str, Any]:
    return {"batch": row, "sums": selectors.totals(row), "left": row.requested - row.funded}


def _funding(by: User, row: Batch) -> dict[str, Any]:
    waiting = selectors.waiting_for_money(row).count()
    return {**_sums(by, row), "reach": standing.reach_of_money(row, MOST_SHOWN), "waiting": waiting}


def _planning(by: User, row: Batch) -> dict[str, Any]:
    found = _candidates(row)
    amounts = {str(claim.pk): f"{claim.approved or claim.requested:.2f}" for claim in found}
    return {**_sums(by, row), "candidates": selectors.sums_of(found), "amounts": json.dumps(amounts)}


TEMPLATE = "portal/officer/batch_act.html"
MOST_SHOWN = 50  # claims that wait for money, on the page of the act
DECK = Deck(
    name="officer:batch",
    roles=DECIDERS,
    rows=selectors.visible_batches,
    title=lambda row: f"{row.number} {row.title}",
    acts=(
        Act(
            name="issue",
            label="发布兑付通知",
            tone="main",
            icon="megaphone",
            article="20",
            intro="发布后，各服务商收到通知，可在受理期间提交申请。",
            form=NoteForm,
            roles=(Role.CENTRE_REVIEWER,),
            may=lambda by, row: row.state == B.NOTICE and policies.may_issue_batch(by, row),
            run=lambda by, row, data: acts.issue(by=by, batch_id=row.pk, **data),
            done="兑付通知已发布，开始受理。",
            template=TEMPLATE,
            shown=_sums,
        ),
        Act(
            name="close-intake",
            label="截止受理",
            tone="main",
            article="20",
            intro="此后提交的申请列入下一批次。",
            form=NoteForm,
            may=lambda by, row: row.state == B.OPEN and selectors.intake_over(row) and policies.may_close_batch(by),
            run=lambda by, row, data: acts.close_intake(by=by, batch_id=row.pk, **data),
            done="受理已截止。",
            template=TEMPLATE,
            shown=_sums,
        ),
        Act(
            name="plan",
            label="拟定结算方案",
            tone="main",
            icon="list",
            article="20,21",
            form=PlanForm,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: row.state in BATCH_PLANNING and policies.may_plan(by),
            choices=_choices,
            initial=_all_of,
            run=lambda by, row, data: acts.plan(
                by=by, batch_id=row.pk, version=data["version"], claim_ids=data.get("claims")
            ),
            done="结算方案已拟定，等待复核。",
            template=TEMPLATE,
            shown=_planning,
        ),
        Act(
            name="review-plan",
            label="复核结算方案",
            tone="main",
            icon="check",
            article="21",
            intro="拟定方案的人不得复核。",
            form=NoteForm,
            may=lambda by, row: row.state == B.PLAN_DRAFT and policies.may_review_plan(by, row),
            run=lambda by, row, data: acts.review_plan(by=by, batch_id=row.pk, **data),
            done="方案已复核，等待厅审定。",
            template=TEMPLATE,
            shown=_sums,
        ),
        Act(
            name="approve",
            label="审定结算方案",
            tone="main",
            icon="stamp",
            article="21",
            intro="拟定、复核方案或审核过其中申请的人不得审定。审定后预算即列为应付，服务商年度上限已满的申请转入下一服务年度。",
            form=ApproveForm,
            roles=(Role.APPROVER,),
            may=lambda by, row: (
                row.state == B.PLAN_REVIEW and policies.may_approve(by, row, selectors.worked_on_claims_of(row, by))
            ),
            run=lambda by, row, data: approving.approve(by=by, batch_id=row.pk, **data),
            done="方案已审定，等待公示。",
            template=TEMPLATE,
            shown=_sums,
        ),
        Act(
            name="publicise",
            label="公示结算名单",
            tone="main",
            icon="megaphone",
            article="21",
            intro="名单向社会公示，期内任何人可以提出异议。",
            form=PublicityForm,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: row.state == B.APPROVED and policies.may_publish(by),
            initial=lambda by, row: {"publicity_from": clock.today()},
            run=lambda by, row, data: showing.publicise(
                by=by,
                batch_id=row.pk,
                version=data["version"],
                first=data["publicity_from"],
                last=data.get("publicity_to"),
                reference=data["reference"],
            ),
            done="公示已发布。",
            template=TEMPLATE,
            shown=_sums,
        ),
        Act(
            name="clear",
            label="登记公示期满",
            tone="main",
            article="21",
            intro="没有异议的申请进入标记确认，异议核查中的单独等待。",
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: (
                row.state == B.PUBLICITY
                and row.publicity is not None
                and clock.today() > row.publicity.last
                and policies.may_publish(by)
            ),
            run=lambda by, row, data: showing.clear(by=by, batch_id=row.pk, **data),
            done="公示期满已登记。",
            template=TEMPLATE,
            shown=_sums,
        ),
        Act(
            name="mark",
            label="标记确认并申请拨款",
            tone="main",
            icon="check",
            article="21",
            intro="公示无异议的申请在平台上标记确认，额度和上限即时核销，并向财政厅申请拨款。",
            form=MarkForm,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: row.state in BATCH_MARKING and policies.may_publish(by) and selectors.has_cleared(row),
            run=lambda by, row, data: funding.mark(by=by, batch_id=row.pk, **data),
            done="已标记确认，等待财政厅落实资金。",
            template=TEMPLATE,
            shown=_sums,
        ),
        Act(
            name="fund",
            label="确认拨款",
            tone="main",
            icon="coins",
            article="20,21",
            intro="资金按公示期满的先后转入支付，不拆分、不插队。",
            form=FundForm,
            roles=(Role.FINANCE,),
            may=lambda by, row: row.state in queues.FUNDABLE and row.requested > row.funded and policies.may_fund(by),
            initial=lambda by, row: {"amount": f"{row.requested - row.funded:.2f}"},
            run=lambda by, row, data: funding.fund(by=by, batch_id=row.pk, **data),
            done="拨款已确认。",
            template=TEMPLATE,
            shown=_funding,
        ),
        Act(
            name="close",
            label="办结批次",
            tone="main",
            intro="不再等待本批次的支付。退回和转入下年度的仍然应付。",
            form=NoteForm,
            may=lambda by, row: row.state in (B.PAID_ALL, B.PAID_PART) and policies.may_close_batch(by),
            run=lambda by, row, data: acts.close(by=by, batch_id=row.pk, **data),
            done="批次已办结。",
            template=TEMPLATE,
            shown=_sums,
        ),
        Act(
            name="cancel",
            label="撤销批次",
            tone="danger",
            icon="close",
            intro="列入方案的申请退回待列入状态。",
            form=ReasonForm,
            may=lambda by, row: B.CANCELLED in BATCH_ARCS[BatchState(row.state)] and policies.may_close_batch(by),
            run=lambda by, row, data: acts.cancel(by=by, batch_id=row.pk, **data),
            done="批次已撤销。",
            template=TEMPLATE,
            shown=_sums,
        ),
    ),
)
BEGIN = Deck(
    name="officer:batches",
    roles=(Role.CENTRE_CHECKER,),
    crumbs=lambda row: [("兑付批次", reverse("officer:batches"))],
    acts=(
        Act(
            name="new",
            label="拟定兑付通知",
            tone="main",
            icon="plus",
            article="20",
            intro="每年集中兑付的次数由年度通知规定。拟定后由另一人发布。",
            form=OpenForm,
            run=lambda by, row, data: acts.open_batch(by=by, **data),
            goes=page,
            done="兑付通知已拟定，等待复核人员发布。",
        ),
    ),
)
