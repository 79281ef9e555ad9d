"""Payments between the parties: recorded by the payer, matched by the payee. The platform holds no money."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.states import Role
from contracts import policies
from contracts.models import Contract, PaymentOrder
from contracts.services import common, year_end
from contracts.states import PaymentKind, State
from engines.evidence import services as evidence
from engines.files import services as files
from engines.files.models import StoredFile
from engines.ledger import selectors as ledger_rows
from engines.ledger import services as ledger
from engines.ledger.states import Bucket
from enterprises import services as enterprises
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.money import yuan
from foundation.names import sentence
from foundation.states import move

ENDED = (State.TERMINATED, State.VOIDED)


def report(
    *, by: User, order_id: UUID, version: int, bank_serial: str, paid_at: datetime, receipt_id: UUID
) -> PaymentOrder:
    """The payer says it has paid the order's amount, with serial number and receipt; the payee is asked.

    Raises NOT_ALLOWED, PAID_AT_INVALID, SERIAL_USED, or NOT_FOUND for a receipt that is not the caller's.
    """
    with unit_of_work():
        contract, order = _lock(order_id, version)
        if not policies.may_report_payment(by, order):
            raise not_allowed("登记付款", Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
        move(order, "report", "登记付款")()
        _check_payable(contract, order)
        _check_paid_at(contract, paid_at)
        order.bank_serial, order.paid_at, order.reported_by = bank_serial, paid_at, by
        order.receipt = _receipt(by, receipt_id)
        files.share(files=[order.receipt], organisation_ids=[order.payee_id])
        _record_report(order, by)
        common.tell_parties(
            contract,
            "payment.reported",
            f"{order.get_kind_display()}已登记付款",
            f"{yuan(order.amount)}，流水号{bank_serial}，请服务商核对到账。",
        )
    return order


def confirm(*, by: User, order_id: UUID, version: int) -> PaymentOrder:
    """The payee has the money: the order is matched, and the contract takes effect or is paid up.

    Money reported before the contract was ended is on record too and moves nothing: the parties settle it (8-32).

    For a deposit paid in another year than the hold's, the new year's bounds are checked again (8-14)
    and may refuse as signing does.
    """
    with unit_of_work():
        contract, order = _lock(order_id, version)
        if not policies.may_match_payment(by, order):
            raise not_allowed("核对到账", Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
        move(order, "match", "核对到账")()
        order.matched_by, order.matched_at = by, clock.now()
        if contract.state in ENDED:
            evidence.record(order, act="match", by=by, facts={"contract": contract.state})
            return order
        _check_payable(contract, order)
        evidence.record(order, act="match", by=by)
        if order.kind == PaymentKind.DEPOSIT:
            _take_effect(contract, order, by)
        else:
            _pay_up(contract, by)
    return order


def dispute(*, by: User, order_id: UUID, version: int, reason: str) -> PaymentOrder:
    """The payee has not received it so: the payer must report again."""
    with unit_of_work():
        contract, order = _lock(order_id, version)
        if not policies.may_match_payment(by, order):
            raise not_allowed("核对到账", Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
        move(order, "mismatch", "标记核对不符")()
        evidence.record(order, act="mismatch", by=by, reason=reason)
        common.tell_parties(contract, "payment.mismatch", "付款核对不符", f"{sentence(reason)}请企业核实后重新登记。")
    return order


def _lock(order_id: UUID, version: int) -> tuple[Contract, PaymentOrder]:
    """Contract first, then its order: the one order of locks."""
    contract_id = PaymentOrder.objects.filter(pk=order_id).values_list("contract_id", flat=True).first()
    if contract_id is None:
        raise not_found("付款订单")
    contract = common.lock_contract(contract_id)
    return contract, lock(PaymentOrder.objects.select_related("payer", "payee"), order_id, version=version)


def _check_payable(contract: Contract, order: PaymentOrder) -> None:
    wanted = State.SIGNED_WAIT_DEPOSIT if order.kind == PaymentKind.DEPOSIT else State.ACCEPTED
    if contract.state != wanted:
        raise Refused(
            "WRONG_STATE",
            f"合同当前状态为“{contract.get_state_display()}”，不能办理{order.get_kind_display()}。",
            state=contract.state,
        )


def _check_paid_at(contract: Contract, paid_at: datetime) -> None:
    if contract.signed_at is None or not contract.signed_at <= paid_at <= clock.now():
        raise Invalid("PAID_AT_INVALID", "付款时间须在双方签署之后且不晚于现在。", paid_at=paid_at.isoformat())


def _receipt(by: User, receipt_id: UUID) -> StoredFile:
    file = StoredFile.objects.filter(pk=receipt_id, organisation_id=by.organisation_id).first()
    if file is None:
        raise not_found("电子回单文件")
    return file


def _record_report(order: PaymentOrder, by: User) -> None:
    facts = {
        "amount": f"{order.amount:.2f}",
        "bank_serial": order.bank_serial,
        "paid_at": order.paid_at.isoformat() if order.paid_at else "",
        "receipt_sm3": order.receipt.sm3 if order.receipt else "",
    }
    try:
        with transaction.atomic():
            evidence.record(order, act="report", by=by, facts=facts)
    except IntegrityError as error:
        if "bank_serial" not in str(error):
            raise
        raise Refused(
            "SERIAL_USED", f"银行流水号{order.bank_serial}已用于另一笔付款，请核对。", bank_serial=order.bank_serial
        ) from error


def _take_effect(contract: Contract, order: PaymentOrder, by: User) -> None:
    """EFFECTIVE: the hold is committed, in the year the deposit was paid."""
    if order.paid_at is None:
        raise Refused("PAYMENT_INCOMPLETE", "付款订单缺少付款时间。")
    move(contract, "take_effect", "合同生效")()
    paid_on = clock.local_date(order.paid_at)
    contract.effective_at = order.paid_at
    if not _held_for(contract, paid_on.year):
        _hold_again(contract, by)
    # Before anything else is locked in the ledger: paid last year, matched in this one
    year_end.roll_over_late(contract, by=by)
    ledger.move(holds=[common.require_hold(contract)], to=Bucket.COMMITTED, by=by, reason=contract.number)
    evidence.record(
        contract,
        act="take_effect",
        by=by,
        facts={"quota_year": contract.quota_year, "paid_at": order.paid_at.isoformat(), "hold": str(contract.hold)},
    )
    common.tell_parties(
        contract, "contract.effective", "合同已生效", f"定金{yuan(order.amount)}已到账，服务商可开始履行。"
    )


def _held_for(contract: Contract, year: int) -> bool:
    """The hold is alive and of that year."""
    if contract.hold is None or contract.quota_year != year:
        return False
    return any(line.bucket == Bucket.RESERVED for line in ledger_rows.lines(contract.hold))


def _hold_again(contract: Contract, by: User) -> None:
    """Deposit paid after the hold's year ended: the new year's quota, cap and budget (8-14)."""
    today: date = clock.today()
    # Before anything is locked in the ledger: it may lock the enterprise, which comes first (docs/locking.md)
    enterprises.take_back_excess(by=by, enterprise_id=contract.enterprise_id, year=today.year)
    if contract.hold is not None:
        ledger.move(holds=[contract.hold], to=Bucket.AVAILABLE, by=by, reason="跨年度重新占用额度")
    common.take_hold(contract, day=today, by=by, covered=True)
    if contract.effective_at is not None:
        contract.effective_at = max(contract.effective_at, clock.start_of(date(today.year, 1, 1)))


def _pay_up(contract: Contract, by: User) -> None:
    move(contract, "pay_up", "付清余款")()
    contract.paid_up_at = clock.now()
    evidence.record(contract, act="pay_up", by=by)
    common.tell_parties(contract, "contract.paid_up", "余款已付清", "请双方签署服务确认书。")
