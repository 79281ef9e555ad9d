"""兑付批次 from the notice to the last payment (第二十条、第二十一条)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.states import Role
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import not_found
from foundation.money import yuan
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import claims, tasks
from portal.officer.shown import last_of, one_of
from programmes import selectors as programmes
from settlement import policies, progress, queues, selectors
from settlement import serializers as bodies
from settlement.api.common import attachment
from settlement.models import Batch, Claim
from settlement.services import approving, exports, funding, showing
from settlement.services import batches as acts
from settlement.states import BATCH_ARCS, BATCH_MARKING, BATCH_PLANNING, BatchState, ExportKind

B = BatchState
TONES = {B.CLOSED: "ok", B.PAID_ALL: "ok", B.CANCELLED: "off", B.PAID_PART: "warn", B.NOTICE: "warn"}
STEPS = (
    ("兑付通知", (B.NOTICE,)),
    ("受理", (B.OPEN,)),
    ("结算方案", (B.INTAKE_CLOSED,)),
    ("复核", (B.PLAN_DRAFT,)),
    ("厅审定", (B.PLAN_REVIEW,)),
    ("公示", (B.APPROVED, B.PUBLICITY)),
    ("标记确认", (B.CLEARED,)),
    ("落实资金", (B.FUND_REQUEST,)),
    ("支付", (B.PAYING, B.PAID_PART)),
    ("办结", (B.PAID_ALL, B.CLOSED)),
)


def tone(batch: Batch) -> str:
    return TONES.get(BatchState(batch.state), "run")


def page(batch: Batch) -> str:
    return reverse("officer:batch", kwargs={"pk": batch.pk})


LIST = Listing(
    name="batches",
    caption="兑付批次",
    columns=(
        Column(name="number", label="批次", show="number", second="title", sort="number", link=page, place="title"),
        Column(name="intake", label="受理截止", show="intake_to", kind="date", sort="intake_to"),
        Column(name="claims", label="笔数", show="claim_count", kind="number"),
        Column(name="total", label="方案金额（元）", show="total", kind="money", sort="total"),
        Column(name="funded", label="已落实（元）", show="funded", kind="money"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=B.choices),
        Filter(name="year", label="年度", narrow="year", kind="year"),
    ),
    empty="还没有兑付批次。促进中心经办拟定兑付通知后，第一个批次即建立。",
)


def _checked(rows: models.QuerySet[Claim], value: str) -> models.QuerySet[Claim]:
    clean = selectors.without_findings(rows)
    return clean if value == "clean" else rows.exclude(pk__in=clean.values("pk"))


INSIDE = Listing(
    name="inside",
    caption="申请明细",
    columns=(
        Column(
            name="number",
            label="申请",
            show="number",
            second="contract.number",
            sort="number",
            link=claims.page,
            place="title",
        ),
        Column(
            name="parties",
            label="服务商、企业",
            show="provider.organisation.name",
            second="contract.enterprise.organisation.name",
            place="wide",
        ),
        Column(name="requested", label="申请（元）", show="requested", kind="money", sort="requested"),
        Column(name="approved", label="核定（元）", show="approved", kind="money"),
        Column(name="checks", label="核对", show=claims.marks, kind="checks", place="wide"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=claims.tone, place="corner"),
    ),
    filters=(
        Filter(
            name="checks", label="核对", narrow=_checked, choices=[("flagged", "需人工核对"), ("clean", "全部符合")]
        ),
        Filter(name="state", label="状态", narrow="state", choices=claims.STATES),
    ),
    empty="方案还没有列入申请。受理截止后由厅职能处室拟定结算方案，先列入上年度结转的，再按提交先后。",
    flag=claims.flagged,
)


class NoteForm(BodyForm):
    body = bodies.SettlementNoteIn


class ReasonForm(BodyForm):
    body = bodies.SettlementReasonIn


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
    inside = row.claims.select_related("provider__organisation").order_by("submitted_at", "pk")
    ready = selectors.ready_for_batch(row).select_related("provider__organisation")
    carried = {claim.pk for claim in ready if claim.cap_held_year}
    found = {claim.pk: claim for claim in [*inside, *ready]}
    first = sorted(found.values(), key=lambda claim: claim.pk not in carried)
    return {"claims": [(str(claim.pk), _line(claim)) for claim in first]}


def _line(claim: Claim) -> str:
    held = f"（{claim.cap_held_year}年度上限已满转入）" if claim.cap_held_year else ""
    return f"{claim.number}　{claim.provider.organisation.name}　{yuan(claim.approved or claim.requested)}{held}"


def _all_of(by: User, row: Batch) -> dict[str, Any]:
    return {"claims": [key for key, _ in _choices(by, row)["claims"]]}


def _sums(by: User, row: Batch) -> dict[str, Any]:
    return {"batch": row, "sums": selectors.totals(row), "left": row.requested - row.funded}


TEMPLATE = "portal/officer/batch_act.html"
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
            shown=_sums,
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
            shown=_sums,
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


@pages_for(*DECIDERS)
def batches(request: Asked) -> HttpResponseBase:
    """Every round, the newest first, and both queues."""
    from_others = selectors.visible_claims(request.user)
    context = {
        "acts": BEGIN.offered(request.user, None) if request.user.has(*BEGIN.roles) else [],
        "waiting": selectors.for_batch(from_others).count(),
        "carried": selectors.carried_before(clock.today()).count(),
        "orderable": selectors.orderable(from_others).count(),
    }
    return LIST.answer(request, selectors.visible_batches(request.user), "portal/officer/batches.html", context)


def steps(batch: Batch) -> list[dict[str, str]]:
    """The stepper: what is done, what is going on, what is to come. Of a cancelled batch nothing goes on."""
    now = next((place for place, (_, states) in enumerate(STEPS) if batch.state in states), -1)
    over = batch.state == B.CLOSED
    return [
        {"label": label, "kind": "done" if place < now or over else "now" if place == now else ""}
        for place, (label, _) in enumerate(STEPS)
    ]


@pages_for(*DECIDERS)
def batch(request: Asked, pk: UUID) -> HttpResponseBase:
    """One round: where it stands, what it comes to, each claim with its checks."""
    row = one_of(selectors.visible_batches(request.user), pk, "兑付批次")
    planning = row.state in BATCH_PLANNING
    context = {
        "batch": row,
        "tone": tone(row),
        "acts": DECK.offered(request.user, row),
        "steps": steps(row),
        "sums": selectors.totals(row),
        "findings": selectors.findings_in(row),
        "figures": programmes.figures(row.year),
        "ready": selectors.ready_for_batch(row).count() if planning else 0,
        "intake_over": selectors.intake_over(row),
        "explanation": selectors.explain_batch(row),
        "exports": selectors.exports_of(request.user, row).select_related("exported_by__organisation")[:10],
        "may_export": policies.may_export(request.user) and row.claim_count > 0,
        "trail": last_of(of_subject(row)),
        "table": row._meta.db_table,
    }
    inside = selectors.visible_claims(request.user).filter(batch=row)
    return INSIDE.answer(request, inside, "portal/officer/batch.html", context)


@require_POST
@pages_for(*DECIDERS)
def export(request: Asked, pk: UUID, kind: str) -> HttpResponseBase:
    """The list to take out; each time is on record with who and the SM3 of the file."""
    row = one_of(selectors.visible_batches(request.user), pk, "兑付批次")
    if kind not in ExportKind.values:
        raise not_found("清单")
    with transaction.atomic():
        content = exports.export(by=request.user, batch_id=row.pk, kind=ExportKind(kind))
    types = {ExportKind.XLSX: exports.XLSX_TYPE, ExportKind.PDF: "application/pdf"}
    return attachment(content, f"{row.number}-拨付清单.{kind}", types[ExportKind(kind)])


@pages_for(*DECIDERS)
def queue(request: Asked) -> HttpResponseBase:
    """Who is in line for the next plan and for payment, in the order that counts (8-23)."""
    lines = progress.queue_for(selectors.visible_claims(request.user))
    return render(request, "portal/officer/queue.html", {**lines, "longest": progress.LONGEST})


# --- what waits


def _kind(
    code: str, label: str, rows: tasks.Rows, *roles: Role, since: str = "updated_at", due: Any = ""
) -> tasks.Kind:
    return tasks.Kind(
        code=f"batch-{code}",
        label=label,
        group="资金",
        roles=roles,
        rows=rows,
        subject=lambda row: f"{row.number} {row.title}",
        below=lambda row: f"{row.claim_count}笔，{yuan(row.total)}" if row.claim_count else row.get_state_display(),
        since=since,
        due=due,
        url=page,
    )


CO, CR, DP = Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT
tasks.register(
    _kind("issue", "发布兑付通知", queues.batches_to_issue, CR, since="created_at", due="intake_from"),
    _kind("take-in", "截止受理", queues.batches_to_take_in, CO, DP),
    _kind("plan", "拟定结算方案", queues.batches_to_plan, DP),
    _kind("review", "复核结算方案", queues.batches_to_review, CR, DP, since="planned_at"),
    _kind("approve", "审定结算方案", queues.batches_to_approve, Role.APPROVER, since="plan_reviewed_at"),
    _kind("publicise", "公示结算名单", queues.batches_to_publicise, DP, since="approved_at"),
    _kind("mark", "标记确认并申请拨款", queues.batches_to_mark, DP),
    _kind("fund", "确认拨款", queues.batches_to_fund, Role.FINANCE, since="marked_at"),
    _kind("close", "办结批次", queues.batches_to_close, CO, DP),
)
