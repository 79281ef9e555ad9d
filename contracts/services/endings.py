"""Interruptions and bad ends: dispute, freeze, overdue, termination. The money follows the rules of Art. 30 and 8-17."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from contracts import policies
from contracts.models import Contract, PaymentOrder, Termination
from contracts.services import common
from contracts.states import Fault, State
from engines.evidence import services as evidence
from engines.ledger import services as ledger
from engines.ledger.states import Bucket
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.money import yuan
from foundation.states import move
from programmes import books

Allowed = Callable[[User, Contract], bool]


def request_termination(*, by: User, contract_id: UUID, version: int, fault: str, reason: str) -> Termination:
    """A party's signatory asks to end the contract and says whose fault it is. Raises TERMINATION_OPEN."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        side = policies.signatory_side(by, contract)
        if side is None:
            raise not_allowed("申请终止合同（须为授权签署人）")
        if not _may_end(contract):
            move(contract, "terminate", "申请终止合同")(reason)
        request = Termination(contract=contract, side=side, requested_by=by, fault=fault, reason=reason)
        try:
            with transaction.atomic():
                evidence.record(request, act="request", by=by, reason=reason, facts={"fault": fault})
        except IntegrityError as error:
            if "termination_one_open" not in str(error):
                raise
            raise Refused("TERMINATION_OPEN", "已有未办结的终止申请。") from error
        evidence.record(contract, act="request_termination", by=by, reason=reason, facts={"fault": fault})
        common.tell_parties(contract, "contract.termination", "收到终止合同申请", f"{side.label}：{reason}")
    return request


def check_termination(*, by: User, termination_id: UUID, version: int, fault: str, reason: str) -> Termination:
    """The first officer has established the facts, and the fault as found."""
    with unit_of_work():
        _, request = _lock(termination_id, version)
        if not policies.may_check_termination(by):
            raise not_allowed("核对终止申请")
        move(request, "examine", "核对终止申请")()
        request.checked_by, request.fault = by, fault
        evidence.record(request, act="check", by=by, reason=reason, facts={"fault": fault})
    return request


def decide_termination(*, by: User, termination_id: UUID, version: int, reason: str) -> Termination:
    """The second officer ends the contract: its voucher is void and never paid (第三十条).

    The quota comes back in the same year if the enterprise bears no fault, otherwise it lapses; cap and
    budget come back (8-17).
    """
    with unit_of_work():
        contract, request = _lock(termination_id, version)
        if not policies.may_decide_termination(by, request):
            raise not_allowed("复核终止申请（须与经办人不同）")
        move(request, "decide", "复核终止申请")()
        request.decided_by = by
        evidence.record(request, act="decide", by=by, reason=reason, facts={"fault": request.fault})
        move(contract, "terminate", "终止合同")(reason)
        forfeited = request.fault in (Fault.ENTERPRISE, Fault.BOTH)
        release(contract, by=by, reason=reason, forfeit_quota=forfeited)
        _cancel_open_orders(contract, by, reason)
        evidence.record(contract, act="terminate", by=by, reason=reason, facts={"fault": request.fault})
        common.tell_parties(
            contract, "contract.terminated", "合同已终止", f"{reason}服务券{yuan(contract.voucher)}作废，不予兑付。"
        )
    return request


def refuse_termination(*, by: User, termination_id: UUID, version: int, reason: str) -> Termination:
    """An officer finds no ground: the contract goes on."""
    with unit_of_work():
        contract, request = _lock(termination_id, version)
        if not (policies.may_check_termination(by) or policies.may_decide_termination(by, request)):
            raise not_allowed("不予终止")
        move(request, "refuse", "不予终止")()
        evidence.record(request, act="refuse", by=by, reason=reason)
        common.tell_parties(contract, "contract.termination_refused", "终止申请未获同意", reason)
    return request


def open_dispute(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """A party disagrees; nothing moves until the centre has mediated (8-34)."""
    return _interrupt(by, contract_id, version, "dispute", "提出争议", reason, policies.is_party)


def freeze(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """The department stops the contract while a suspicion is looked into (第二十七条)."""
    return _interrupt(
        by, contract_id, version, "freeze", "冻结合同", reason, lambda user, _: policies.may_supervise(user)
    )


def resume(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """A dispute is settled, or the freeze lifted: the contract is where it was."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        may = policies.may_resolve_dispute if contract.state == State.DISPUTED else policies.may_supervise
        if not may(by):
            raise not_allowed("恢复合同")
        move(contract, "resume", "恢复合同")()
        evidence.record(contract, act="resume", by=by, reason=reason)
        common.tell_parties(contract, "contract.resumed", "合同已恢复", reason)
    return contract


def extend(*, by: User, contract_id: UUID, version: int, end_date: date, reason: str) -> Contract:
    """The department gives an overdue contract a new end date."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.may_supervise(by):
            raise not_allowed("延长合同期限")
        if end_date <= clock.today():
            raise Invalid("END_DATE_PAST", "新的结束日期须晚于今天。", end_date=end_date.isoformat())
        move(contract, "extend", "延长合同期限")()
        contract.end_date = end_date
        evidence.record(contract, act="extend", by=by, reason=reason, facts={"end_date": end_date.isoformat()})
        common.tell_parties(contract, "contract.extended", "合同期限已延长", f"新的结束日期为{end_date}。")
    return contract


def void(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """The department ends a frozen or overdue contract: no voucher, the quota lapses (第二十七条、第三十条)."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.may_supervise(by):
            raise not_allowed("作废合同")
        move(contract, "void", "作废合同")(reason)
        release(contract, by=by, reason=reason, forfeit_quota=True)
        _cancel_open_orders(contract, by, reason)
        evidence.record(contract, act="void", by=by, reason=reason)
        common.tell_parties(contract, "contract.voided", "合同已作废", reason)
    return contract


def release(contract: Contract, *, by: Actor, reason: str, forfeit_quota: bool) -> None:
    """What the locked contract had set aside is free again; quota lapses when forfeited or its year is over."""
    if contract.hold is None:
        return
    quota = Bucket.EXPIRED if forfeit_quota else Bucket.AVAILABLE
    ledger.move(holds=[contract.hold], to=quota, by=by, reason=reason, books=[books.QUOTA])
    ledger.move(holds=[contract.hold], to=Bucket.AVAILABLE, by=by, reason=reason, books=[books.CAP, books.BUDGET])


def _interrupt(
    by: User, contract_id: UUID, version: int, act: str, what: str, reason: str, allowed: Allowed
) -> Contract:
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not allowed(by, contract):
            raise not_allowed(what)
        move(contract, act, what)(contract.state)
        evidence.record(contract, act=act, by=by, reason=reason)
        common.tell_parties(contract, f"contract.{act}", f"{what}", reason)
    return contract


def _may_end(contract: Contract) -> bool:
    return State.TERMINATED in Contract.ARCS[State(contract.state)]


def _cancel_open_orders(contract: Contract, by: Actor, reason: str) -> None:
    rows = PaymentOrder.objects.select_for_update().filter(contract=contract, state__in=["created", "mismatch"])
    for order in rows.order_by("pk"):
        move(order, "cancel", "取消付款订单")()
        evidence.record(order, act="cancel", by=by, reason=reason)


def _lock(termination_id: UUID, version: int) -> tuple[Contract, Termination]:
    contract_id = Termination.objects.filter(pk=termination_id).values_list("contract_id", flat=True).first()
    if contract_id is None:
        raise not_found("终止申请")
    contract = common.lock_contract(contract_id)
    return contract, lock(Termination.objects.all(), termination_id, version=version)
