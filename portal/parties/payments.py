"""Payments and receipts of all contracts of the reader's: what is owed, what was paid, with which receipt."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import reverse

from contracts import selectors
from contracts.models import PaymentOrder
from contracts.states import PaymentKind, PaymentState
from portal.kit.access import ANYONE, Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.parties.contracts import looks


def _receipt(order: PaymentOrder) -> str:
    return reverse("file", kwargs={"pk": order.receipt_id}) if order.receipt_id is not None else ""


def _acts(order: PaymentOrder) -> list[tuple[str, str]]:
    return [("下载回单", _receipt(order))] if order.receipt_id is not None else []


LIST = Listing(
    name="payments",
    caption="支付与票据",
    columns=(
        Column(
            name="number",
            label="款项",
            show=lambda row: row.get_kind_display(),
            second="number",
            second_label="付款订单",
            link=looks.page_of,
            place="title",
        ),
        Column(name="payee", label="收款方", show="payee.name"),
        Column(name="payer", label="付款方", show="payer.name"),
        Column(name="amount", label="金额（元）", show="amount", kind="money", sort="amount"),
        Column(name="due", label="期限", show="due", kind="date"),
        Column(
            name="paid_at",
            label="付款时间",
            show="paid_at",
            kind="moment",
            second="bank_serial",
            second_label="银行流水号",
        ),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: looks.OF_PAYMENT.get(row.state, "off"),
            place="corner",
        ),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=PaymentState.choices),
        Filter(name="kind", label="款项", narrow="kind", choices=PaymentKind.choices),
        Filter(name="contract", label="合同编号", narrow="contract__number__icontains", kind="text"),
    ),
    empty="还没有付款订单。合同由双方签署后，定金会出现在这里。",
    acts=_acts,
    flag=lambda row: row.state == PaymentState.MISMATCH,
)


@pages_for(*ANYONE)
def payments(request: Asked) -> HttpResponseBase:
    """Every payment order of the contracts the reader may see."""
    return LIST.answer(request, selectors.visible_payments(request.user), "portal/parties/payments.html", {})
