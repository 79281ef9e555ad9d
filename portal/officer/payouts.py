"""支付单: made, checked and sent by three people; what the treasury answers is recorded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from foundation import clock
from foundation.money import yuan
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.claims.lists import COLUMNS as CLAIM_COLUMNS
from portal.officer.notes import NoteForm, ReasonForm, whole_account
from portal.officer.shown import one_of, stepper, trail_of
from settlement import policies, progress, queues, selectors
from settlement import serializers as bodies
from settlement.models import Claim, PayoutOrder
from settlement.services import payouts as acts
from settlement.states import PayoutState

P = PayoutState
TONES = {P.CREATED: "warn", P.CHECKED: "warn", P.SENT: "run", P.PAID: "ok", P.RETURNED: "bad"}
STEPS = (("制单", ()), ("复核", (P.CREATED,)), ("发送国库", (P.CHECKED,)), ("支付结果", (P.SENT,)))


def tone(order: PayoutOrder) -> str:
    return TONES[PayoutState(order.state)]


def page(order: PayoutOrder) -> str:
    return reverse("officer:payout", kwargs={"pk": order.pk})


def _payee(rows: models.QuerySet[PayoutOrder], name: str) -> models.QuerySet[PayoutOrder]:
    return rows.filter(payee_name__icontains=name)


LIST = Listing(
    name="payouts",
    caption="支付单",
    columns=(
        Column(
            name="number",
            label="支付单号",
            show="number",
            second="claim.number",
            sort="number",
            link=page,
            place="title at-code",
        ),
        Column(name="payee", label="收款人", show="payee_name", second="bank_name", place="wide"),
        Column(name="amount", label="金额（元）", show="amount", kind="money", sort="amount"),
        Column(name="batch", label="批次", show=lambda row: row.claim.batch.number if row.claim.batch else ""),
        Column(name="paid", label="支付日期", show="paid_on", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=P.choices),
        Filter(name="payee", label="收款人", narrow=_payee, kind="text"),
        Filter(name="number", label="支付单号", narrow="number", kind="text"),
        Filter(name="batch", label="批次号", narrow="claim__batch__number", kind="text"),
    ),
    empty="还没有支付单。财政厅落实资金后，由促进中心经办制作。",
)


def _steps(order: PayoutOrder) -> tuple[list[str], int]:
    """What was done to the order; one that came back ends where it did, and says so."""
    labels = [label for label, _ in STEPS]
    if order.state != P.RETURNED:
        return labels, next((place for place, (_, states) in enumerate(STEPS) if order.state in states), len(STEPS))
    done = 1 + (order.checked_at is not None) + (order.sent_at is not None)
    return [*labels[:done], "支付退回" if order.sent_at is not None else "退回重制"], done


def _order(claim: Claim) -> list[tuple[str, str]]:
    return [("制作支付单", reverse("officer:claim-act", kwargs={"pk": claim.pk, "act": "order"}))]


TO_MAKE = Listing(
    name="to-make",
    caption="可以制作支付单的申请",
    columns=(
        *(one for one in CLAIM_COLUMNS if one.name in ("number", "parties")),
        Column(name="approved", label="核定（元）", show="approved", kind="money"),
        Column(name="cleared", label="公示期满", show="cleared_at", kind="date", sort="cleared_at"),
        Column(
            name="carried",
            label="结转",
            show=lambda row: "上年度结转，优先" if row.carried_into else "",
        ),
    ),
    sort="cleared",
    empty="没有等待制单的申请。资金落实后，申请按公示期满的先后出现在这里。",
    acts=_order,
    export=False,
)


class PaidForm(BodyForm):
    body = bodies.PayoutPaidIn
    only = ("version", "voucher_no", "paid_on")


class ResultForm(BodyForm):
    """The same of one of several; the version comes with the row."""

    body = bodies.PayoutPaidIn
    only = ("voucher_no", "paid_on")


class ReturnedForm(BodyForm):
    body = bodies.PayoutReturnedIn
    only = ("version", "code", "text")


TEMPLATE = "portal/officer/payout_act.html"


def _payee_of(by: User, row: PayoutOrder) -> dict[str, Any]:
    return {"order": row, "whole": whole_account(by, row.account_number)}


DECK = Deck(
    name="officer:payout",
    roles=DECIDERS,
    rows=selectors.visible_payouts,
    title=lambda row: f"支付单 {row.number}",
    acts=(
        Act(
            name="check",
            label="复核支付单",
            tone="main",
            icon="check",
            article="21",
            intro="逐项核对收款人、账号和金额。制单人不得复核。",
            form=NoteForm,
            roles=(Role.CENTRE_REVIEWER,),
            may=lambda by, row: row.state == P.CREATED and policies.may_check_payout(by, row),
            run=lambda by, row, data: acts.check(by=by, order_id=row.pk, **data),
            done="支付单已复核，等待财政厅发送。",
            template=TEMPLATE,
            shown=_payee_of,
        ),
        Act(
            name="send",
            label="发送国库",
            tone="main",
            icon="send",
            article="21",
            intro="制单、复核的人不得发送。",
            form=NoteForm,
            roles=(Role.FINANCE,),
            may=lambda by, row: row.state == P.CHECKED and policies.may_send_payout(by, row),
            run=lambda by, row, data: acts.send(by=by, order_id=row.pk, **data),
            done="支付单已发送国库。",
            template=TEMPLATE,
            shown=_payee_of,
        ),
        Act(
            name="paid",
            label="登记支付成功",
            tone="main",
            icon="coins",
            article="21",
            intro="按国库支付凭证登记。登记后预算记为已付，合同办结。",
            form=PaidForm,
            roles=(Role.FINANCE,),
            may=lambda by, row: row.state == P.SENT and policies.may_report_payout(by),
            initial=lambda by, row: {"paid_on": clock.today()},
            run=lambda by, row, data: acts.paid(by=by, order_id=row.pk, **data),
            done="支付成功已登记。",
            template=TEMPLATE,
            shown=_payee_of,
        ),
        Act(
            name="returned",
            label="登记支付退回",
            tone="danger",
            icon="warn",
            intro="服务商收到退回原因，更正并确认收款账户后可重新制单。",
            form=ReturnedForm,
            roles=(Role.FINANCE,),
            may=lambda by, row: row.state == P.SENT and policies.may_report_payout(by),
            run=lambda by, row, data: acts.returned(by=by, order_id=row.pk, **data),
            done="支付退回已登记。",
            template=TEMPLATE,
            shown=_payee_of,
        ),
        Act(
            name="reject",
            label="退回重制",
            tone="danger",
            icon="refresh",
            intro="未发送的支付单作废，由经办重新制作。",
            form=ReasonForm,
            may=lambda by, row: row.state in (P.CREATED, P.CHECKED) and policies.may_reject_payout(by, row),
            run=lambda by, row, data: acts.reject(by=by, order_id=row.pk, **data),
            done="支付单已退回重制。",
            template=TEMPLATE,
            shown=_payee_of,
        ),
    ),
)


@pages_for(*DECIDERS)
def payouts(request: Asked) -> HttpResponseBase:
    """Every order, the newest first."""
    context = {"to_make": selectors.orderable(selectors.visible_claims(request.user)).count()}
    return LIST.answer(request, selectors.visible_payouts(request.user), "portal/officer/payouts.html", context)


@pages_for(*DECIDERS)
def to_make(request: Asked) -> HttpResponseBase:
    """Claims whose money is there and for which no order is under way."""
    rows = selectors.orderable(selectors.visible_claims(request.user))
    context = {
        "sums": selectors.sums_of(rows),
        "may_make": policies.may_make_payout(request.user) and rows.exists(),
    }
    return TO_MAKE.answer(request, rows, "portal/officer/payouts_to_make.html", context)


@pages_for(*DECIDERS)
def payout(request: Asked, pk: UUID) -> HttpResponseBase:
    """One order with its payee, who did what, and what the treasury answered."""
    row = one_of(
        selectors.visible_payouts(request.user).select_related(
            "created_by__organisation", "checked_by__organisation", "sent_by__organisation"
        ),
        pk,
        "支付单",
    )
    labels, now = _steps(row)
    context = {
        "order": row,
        "tone": tone(row),
        "whole": whole_account(request.user, row.account_number),
        "acts": DECK.offered(request.user, row),
        "steps": stepper(labels, now),
        "next": progress.clock_of(row.claim).waiting_for if row.state != P.PAID else "",
        **trail_of(row),
    }
    return render(request, "portal/officer/payout.html", context)


def _shown(by: User, row: PayoutOrder) -> str:
    """What is compared before the order goes on."""
    return f"{row.bank_name}，{whole_account(by, row.account_number)}，{row.purpose}"


def _kind(
    code: str, label: str, rows: tasks.Rows, role: Role, since: str, bulk: tasks.Bulk | None = None
) -> tasks.Kind:
    return tasks.Kind(
        code=f"payout-{code}",
        label=label,
        group="资金",
        roles=(role,),
        rows=rows,
        subject=lambda row: str(row.payee_name),
        below=lambda row: f"{row.number}　{yuan(row.amount)}",
        since=since,
        url=page,
        bulk=bulk,
    )


tasks.register(
    _kind(
        "check",
        "复核支付单",
        queues.payouts_to_check,
        Role.CENTRE_REVIEWER,
        "created_at",
        tasks.Bulk(
            label="复核支付单",
            intro="逐项核对收款人、账号和金额，不一致的取消勾选；办理时逐张再与审定内容核对一次。",
            shows=_shown,
            run=lambda by, row, seen: acts.check(by=by, order_id=row.pk, version=seen),
        ),
    ),
    _kind(
        "send",
        "发送国库",
        queues.payouts_to_send,
        Role.FINANCE,
        "checked_at",
        tasks.Bulk(
            label="发送国库",
            intro="核对收款人、账号和金额，不一致的取消勾选；发送前逐张再与审定内容核对一次。",
            shows=_shown,
            run=lambda by, row, seen: acts.send(by=by, order_id=row.pk, version=seen),
        ),
    ),
    _kind(
        "report",
        "登记支付结果",
        queues.payouts_to_report,
        Role.FINANCE,
        "sent_at",
        tasks.Bulk(
            label="登记支付成功",
            intro="按国库支付凭证逐张填写凭证号和支付日期。没有回执的取消勾选；退回的须单独打开，登记退回原因。",
            shows=_shown,
            form=ResultForm,
            initial=lambda: {"paid_on": clock.today()},
            run=lambda by, row, data: acts.paid(by=by, order_id=row.pk, **data),
        ),
    ),
)
