"""What hangs on a contract: payment orders, invoices, supplements, requests to end it, queries on its materials."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import User
from contracts import selectors
from contracts.models import EvidenceQuery, PaymentOrder, Termination
from contracts.services import changes, endings, invoices, payments, queries
from engines.evidence.selectors import of_subject
from portal.kit.access import ANYONE
from portal.kit.acts import Act, Deck
from portal.parties.contracts import forms, moments
from portal.parties.contracts.looks import name, page_of

BOTH = ("contract__enterprise__organisation", "contract__provider__organisation")


def _with_parties(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    return rows.select_related(*BOTH)


def _report(by: User, row: PaymentOrder, data: dict[str, Any]) -> PaymentOrder:
    receipt_id = data.pop("receipt")
    return payments.report(by=by, order_id=row.pk, receipt_id=receipt_id, **data)


def _supplement(by: User, row: EvidenceQuery, data: dict[str, Any]) -> EvidenceQuery:
    file_ids = data.pop("files")
    return queries.supplement(by=by, query_id=row.pk, file_ids=file_ids, **data)


def _said(by: User, row: Termination) -> dict[str, Any]:
    """What was found when it was checked: the second officer decides on that."""
    return {"answered": list(of_subject(row))[1:]}


def _due(by: User, row: PaymentOrder) -> dict[str, Any]:
    return {"order": row, "paying": selectors.paying_account(by, row), "agrees": selectors.payee_agrees(row)}


PAYMENTS = Deck(
    name="contract-payment",
    roles=ANYONE,
    rows=lambda by: _with_parties(selectors.visible_payments(by)),
    title=lambda row: f"{name(row.contract)}（{row.contract.number}）",
    home=page_of,
    acts=(
        Act(
            name="report",
            label="登记付款",
            tone="main",
            icon="wallet",
            form=forms.PaymentReportForm,
            intro="款项由企业直接付给服务商，平台不经手；登记后由服务商核对到账。",
            article="18",
            may=moments.reportable,
            run=_report,
            template="portal/parties/contracts/payment.html",
            shown=_due,
            done="付款已登记，等待服务商核对。",
        ),
        Act(
            name="confirm",
            label="确认到账",
            tone="main",
            icon="check",
            intro="核对流水号、金额和回单，确认款项已入本单位账户。定金到账后合同生效。",
            article="18",
            may=moments.matchable,
            run=lambda by, row, data: payments.confirm(by=by, order_id=row.pk, **data),
            template="portal/parties/contracts/payment.html",
            shown=_due,
            done="已确认到账。",
        ),
        Act(
            name="mismatch",
            label="核对不符",
            tone="danger",
            form=forms.ReasonForm,
            intro="写明不符之处，企业据此核实后重新登记。",
            may=moments.matchable,
            run=lambda by, row, data: payments.dispute(by=by, order_id=row.pk, **data),
            template="portal/parties/contracts/payment.html",
            shown=_due,
            done="已标记核对不符，等待企业重新登记。",
        ),
    ),
)
INVOICES = Deck(
    name="contract-invoice",
    roles=ANYONE,
    rows=selectors.visible_invoices,
    title=lambda row: f"{name(row.contract)}（{row.contract.number}）",
    home=page_of,
    acts=(
        Act(
            name="withdraw",
            label="作废发票",
            tone="danger",
            form=forms.InvoiceWithdrawForm,
            intro="仅在平台上登记该发票已作废或已红冲，税务手续请在电子税务局办理；记录和文件仍保存备查，号码可重新登记。",
            may=moments.voidable_invoice,
            run=lambda by, row, data: invoices.withdraw(by=by, invoice_id=row.pk, **data),
            template="portal/parties/contracts/invoice_withdraw.html",
            done="发票已登记为作废或红冲。",
        ),
    ),
)
SUPPLEMENTS = Deck(
    name="contract-supplement",
    roles=ANYONE,
    rows=lambda by: _with_parties(selectors.visible_supplements(by)),
    title=lambda row: f"{name(row.contract)}（{row.contract.number}）",
    home=page_of,
    acts=(
        Act(
            name="assent",
            label="签署补充协议",
            tone="main",
            icon="stamp",
            intro="签署后新的金额和期限即生效，多占用的资金释放。",
            article="18",
            may=moments.answerable,
            run=lambda by, row, data: changes.assent(by=by, supplement_id=row.pk, **data),
            template="portal/parties/contracts/supplement.html",
            done="补充协议已生效。",
        ),
        Act(
            name="refuse",
            label="不同意",
            tone="danger",
            form=forms.ReasonForm,
            intro="合同按原条款继续。",
            may=moments.answerable,
            run=lambda by, row, data: changes.refuse(by=by, supplement_id=row.pk, **data),
            template="portal/parties/contracts/supplement.html",
            done="已答复不同意，合同按原条款继续。",
        ),
        Act(
            name="withdraw",
            label="撤回补充协议",
            tone="danger",
            form=forms.ReasonForm,
            intro="合同按原条款继续。",
            may=moments.withdrawable,
            run=lambda by, row, data: changes.withdraw(by=by, supplement_id=row.pk, **data),
            done="补充协议已撤回。",
        ),
    ),
)
TERMINATIONS = Deck(
    name="contract-termination",
    roles=ANYONE,
    rows=lambda by: _with_parties(selectors.visible_terminations(by)),
    title=lambda row: f"{name(row.contract)}（{row.contract.number}）",
    home=page_of,
    acts=(
        Act(
            name="check",
            label="核对终止申请",
            tone="main",
            form=forms.FindingForm,
            intro="查明事实和责任方；责任方以核对认定的为准，复核由另一人办理。",
            article="30",
            may=moments.examinable,
            initial=lambda by, row: {"fault": row.fault},
            run=lambda by, row, data: endings.check_termination(by=by, termination_id=row.pk, **data),
            template="portal/parties/contracts/termination.html",
            shown=_said,
            done="已核对，等待复核。",
        ),
        Act(
            name="decide",
            label="复核并终止",
            tone="danger",
            form=forms.OpinionForm,
            intro="不可恢复：服务券作废，不予兑付；额度按责任方退回或失效。",
            article="30",
            may=moments.decidable,
            run=lambda by, row, data: endings.decide_termination(by=by, termination_id=row.pk, **data),
            template="portal/parties/contracts/termination.html",
            shown=_said,
            done="合同已终止。",
        ),
        Act(
            name="refuse",
            label="不予终止",
            form=forms.ReasonForm,
            intro="合同继续履行，理由告知双方。",
            may=moments.dismissible,
            run=lambda by, row, data: endings.refuse_termination(by=by, termination_id=row.pk, **data),
            template="portal/parties/contracts/termination.html",
            shown=_said,
            done="已答复不予终止。",
        ),
    ),
)
QUERIES = Deck(
    name="contract-query",
    roles=ANYONE,
    rows=lambda by: _with_parties(selectors.visible_queries(by)),
    title=lambda row: f"{name(row.contract)}（{row.contract.number}）",
    home=page_of,
    acts=(
        Act(
            name="supplement",
            label="补充材料",
            tone="main",
            icon="camera",
            form=forms.SupplyForm,
            intro="补充的材料与原材料一并保存，质询随之办结。",
            article="22",
            may=moments.suppliable,
            run=_supplement,
            template="portal/parties/contracts/query.html",
            done="已补充材料。",
        ),
        Act(
            name="withdraw",
            label="撤回质询",
            form=forms.ReasonForm,
            intro="材料恢复计入。",
            may=moments.closable,
            run=lambda by, row, data: queries.withdraw(by=by, query_id=row.pk, **data),
            template="portal/parties/contracts/query.html",
            done="质询已撤回。",
        ),
        Act(
            name="reject",
            label="认定不予采信",
            tone="danger",
            form=forms.ReasonForm,
            intro="该材料永久不计入，仍保存备查；服务商须另行提交。",
            may=moments.closable,
            run=lambda by, row, data: queries.reject(by=by, query_id=row.pk, **data),
            template="portal/parties/contracts/query.html",
            done="已认定不予采信。",
        ),
    ),
)
