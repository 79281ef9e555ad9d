"""Invoices: registered by the provider that gave them, withdrawn by it; the enterprise and the officers read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from contracts import policies
from contracts.models import Contract, Invoice
from contracts.selectors import invoiceable, invoiced, may_be_invoiced, most_invoiced
from contracts.services import common
from contracts.states import InvoiceState, Side, State
from engines.evidence import services as evidence
from engines.files import services as files
from engines.files.models import StoredFile
from engines.files.sniff import KINDS
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.money import ZERO, yuan
from foundation.names import sentence
from foundation.states import move

TYPES = {KINDS[extension] for extension in ("xml", "ofd", "pdf")}
ENDS = {InvoiceState.VOIDED: ("void", "作废发票"), InvoiceState.REVERSED: ("reverse", "红冲发票")}


def register(
    *, by: User, contract_id: UUID, version: int, number: str, issued_on: date, amount: Decimal, file_id: UUID
) -> Invoice:
    """The invoice stands beside the contract and both sides may read its file; the enterprise is told.

    Raises NOT_ALLOWED, WRONG_STATE before the contract takes effect and once it is over, INVOICE_CLAIMED once its
    claim is filed, INVOICE_DATE_INVALID, INVOICE_FILE_MISFIT, INVOICES_EXCEED, INVOICE_USED, or NOT_FOUND for a file
    that is not the caller's.
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.may_invoice(by, contract):
            raise not_allowed("登记发票", *policies.AGENTS[Side.PROVIDER])
        _check_open(contract)
        _check_day(contract, issued_on)
        file = _file(by, file_id)
        _check_sum(contract, amount)
        invoice = Invoice(
            contract=contract, number=number, issued_on=issued_on, amount=amount, file=file, registered_by=by
        )
        _record(invoice, by)
        files.share(files=[file], organisation_ids=common.parties(contract))
        common.tell_parties(
            contract,
            "invoice.registered",
            "发票已登记",
            f"发票号码{number}，价税合计{yuan(amount)}，请企业核对并下载。",
        )
    return invoice


def withdraw(*, by: User, invoice_id: UUID, version: int, how: str, reason: str) -> Invoice:
    """The invoice no longer stands: made void, or undone by a red-letter one. It stays on record with its file.

    Raises NOT_ALLOWED, WRONG_STATE when it no longer stands or the contract's file is closed (归档).
    """
    with unit_of_work():
        contract, invoice = _lock(invoice_id, version)
        if not policies.may_invoice(by, contract):
            raise not_allowed("作废发票", *policies.AGENTS[Side.PROVIDER])
        transition, what = ENDS[InvoiceState(how)]
        move(invoice, transition, what)()
        if contract.state == State.ARCHIVED:
            raise wrong_state(what, contract.state, contract.get_state_display())
        invoice.withdrawn_by, invoice.withdrawn_at, invoice.withdrawn_reason = by, clock.now(), reason
        evidence.record(invoice, act=transition, by=by, reason=reason, facts=_facts(invoice))
        common.tell_parties(
            contract,
            "invoice.withdrawn",
            f"发票{invoice.get_state_display()}",
            f"发票号码{invoice.number}，价税合计{yuan(invoice.amount)}。原因：{sentence(reason)}",
        )
    return invoice


def _lock(invoice_id: UUID, version: int) -> tuple[Contract, Invoice]:
    """Contract first, then its invoice: the one order of locks."""
    contract_id = Invoice.objects.filter(pk=invoice_id).values_list("contract_id", flat=True).first()
    if contract_id is None:
        raise not_found("发票")
    contract = common.lock_contract(contract_id)
    return contract, lock(Invoice.objects.all(), invoice_id, version=version)


def _check_open(contract: Contract) -> None:
    if not invoiceable(contract):
        raise wrong_state("登记发票", contract.state, contract.get_state_display())
    if not may_be_invoiced(contract):
        raise Refused(
            "INVOICE_CLAIMED",
            f"合同{contract.number}的兑付申请已提交（{contract.get_claim_stage_display()}），不能再登记发票；"
            "确需补充的，待退回补正后登记。",
            claim_stage=contract.claim_stage,
        )


def _check_day(contract: Contract, issued_on: date) -> None:
    today = clock.today()
    first = clock.local_date(contract.signed_at) if contract.signed_at else today
    if not first <= issued_on <= today:
        raise Invalid(
            "INVOICE_DATE_INVALID",
            f"开票日期须在合同签署之日（{first}）至今天（{today}）之间，收到的是{issued_on}。请按发票所载日期填写。",
            field="issued_on",
            issued_on=issued_on.isoformat(),
            first=first.isoformat(),
            last=today.isoformat(),
        )


def _file(by: User, file_id: UUID) -> StoredFile:
    file = StoredFile.objects.filter(pk=file_id, organisation_id=by.organisation_id).first()
    if file is None:
        raise not_found("发票文件")
    if file.content_type not in TYPES:
        raise Invalid(
            "INVOICE_FILE_MISFIT",
            f"文件“{file.name}”（{file.content_type}）不能作为发票，请上传XML、OFD或PDF格式的电子发票。",
            field="file",
            content_type=file.content_type,
            takes=sorted(TYPES),
        )
    return file


def _check_sum(contract: Contract, amount: Decimal) -> None:
    """What stands and this one together are not more than was agreed, or accepted (8-46)."""
    standing, most = invoiced(contract), most_invoiced(contract)
    what = "合同金额" if contract.accepted_amount is None else "验收金额"
    if standing + amount > most:
        left = max(most - standing, ZERO)
        raise Refused(
            "INVOICES_EXCEED",
            f"有效发票合计不得超过{what}{yuan(most)}：已登记{yuan(standing)}，本张{yuan(amount)}，最多还可登记{yuan(left)}。"
            "请核对价税合计，或先作废有误的发票。",
            field="amount",
            most=f"{most:.2f}",
            standing=f"{standing:.2f}",
            amount=f"{amount:.2f}",
            left=f"{left:.2f}",
        )


def _facts(invoice: Invoice) -> dict[str, str]:
    return {
        "number": invoice.number,
        "issued_on": invoice.issued_on.isoformat(),
        "amount": f"{invoice.amount:.2f}",
        "sm3": invoice.file.sm3,
    }


def _record(invoice: Invoice, by: User) -> None:
    facts = {"contract": invoice.contract.number, **_facts(invoice)}
    try:
        with transaction.atomic():
            evidence.record(invoice, act="register", by=by, facts=facts)
    except IntegrityError as error:
        if "invoice_number_once" not in str(error):
            raise
        raise Refused(
            "INVOICE_USED",
            f"发票号码{invoice.number}{_where(invoice.number, by)}，一张发票只能登记一次。请核对号码。",
            field="number",
            number=invoice.number,
        ) from error


def _where(number: str, by: User) -> str:
    """Where it stands already; of another house's contract nobody is told."""
    own = Invoice.objects.filter(
        contract__provider__organisation=by.organisation_id, number=number, state=InvoiceState.STANDING
    )
    found = own.values_list("contract__number", flat=True).first()
    return f"已登记在合同{found}" if found else "已被登记"
