"""Payments, receipts and invoices of all contracts of the reader's: what is owed, what was paid, what was invoiced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse

from accounts import selectors as accounts
from accounts.models import User
from contracts import selectors
from contracts.states import InvoiceState, PaymentKind, PaymentState
from portal.kit.access import ANYONE, Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.parties.contracts import looks


def _kept(field: str, words: str) -> Callable[[Any], Sequence[tuple[str, str]]]:
    """The download of the row's file, where the reader may have it."""

    def acts(row: Any) -> Sequence[tuple[str, str]]:
        pk = getattr(row, field)
        return [(words, reverse("file", kwargs={"pk": pk}))] if pk in row.readable else []

    return acts


def _read_by(by: User, listing: Listing, field: str) -> Listing:
    """The list with each row told which files the reader may open: the city reads the rows, not the files."""

    def prepare(found: list[Any]) -> list[Any]:
        named = [pk for row in found if (pk := getattr(row, field)) is not None]
        readable = set(accounts.visible_files(by).filter(pk__in=named).values_list("pk", flat=True))
        for row in found:
            row.readable = readable
        return found

    return replace(listing, prepare=prepare)


LIST = Listing(
    name="payments",
    caption="付款订单",
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
    acts=_kept("receipt_id", "下载回单"),
    flag=lambda row: row.state == PaymentState.MISMATCH,
)


INVOICES = Listing(
    name="invoices",
    caption="发票",
    columns=(
        Column(
            name="number",
            label="发票号码",
            show="number",
            second="contract.number",
            second_label="合同编号",
            link=looks.page_of,
            place="title",
        ),
        Column(name="seller", label="开票方", show="contract.provider.organisation.name"),
        Column(name="buyer", label="购买方", show="contract.enterprise.organisation.name"),
        Column(name="amount", label="价税合计（元）", show="amount", kind="money", sort="amount"),
        Column(name="issued_on", label="开票日期", show="issued_on", kind="date", sort="issued_on"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: looks.OF_INVOICE.get(row.state, "off"),
            second="withdrawn_reason",
            second_label="作废或红冲原因",
            place="corner",
        ),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=InvoiceState.choices),
        Filter(name="number", label="发票号码", narrow="number__contains", kind="text"),
        Filter(name="contract", label="合同编号", narrow="contract__number__icontains", kind="text"),
        Filter(name="since", label="开票日期自", narrow="issued_on__gte", kind="date"),
        Filter(name="until", label="开票日期至", narrow="issued_on__lte", kind="date"),
    ),
    empty="还没有登记的发票。合同生效后，服务商可在合同页登记。",
    acts=_kept("file_id", "下载发票"),
)


def tabs(here: str) -> list[dict[str, Any]]:
    """Payments, and the invoices beside them."""
    named = (("付款", "contract-payments"), ("发票", "contract-invoices"))
    return [{"label": label, "count": None, "address": reverse(name), "here": name == here} for label, name in named]


@pages_for(*ANYONE)
def payments(request: Asked) -> HttpResponseBase:
    """Every payment order of the contracts the reader may see."""
    by = request.user
    listing = _read_by(by, LIST, "receipt_id")
    context = {"tabs": tabs("contract-payments"), "article": "18"}
    return listing.answer(request, selectors.visible_payments(by), "portal/parties/payments.html", context)


@pages_for(*ANYONE)
def invoices(request: Asked) -> HttpResponseBase:
    """Every invoice of the contracts the reader may see, standing or withdrawn."""
    by = request.user
    listing = _read_by(by, INVOICES, "file_id")
    context = {"tabs": tabs("contract-invoices")}
    return listing.answer(request, selectors.visible_invoices(by), "portal/parties/payments.html", context)
