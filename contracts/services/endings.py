"""Interruptions and bad ends: dispute, freeze, overdue, termination. The money follows the rules of Art. 30 and 8-17."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.states import Role
from contracts import policies
from contracts.models import Contract, Termination
from contracts.services import answering, changes, common
from contracts.services.signing import cancel_open_orders
from contracts.states import RUNNING, Fault, State
from engines.evidence import services as evidence
from engines.ledger import selectors as ledger_rows
from engines.ledger import services as ledger
from engines.ledger.states import LIVE, Bucket
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed, not_found, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.money import yuan
from foundation.names import sentence
from foundation.states import move
from programmes import books, deadlines

Allowed = Callable[[User, Contract], bool]
SPENT = (Bucket.DUE, Bucket.CONSUMED)
HOLDS_MONEY = RUNNING | {State.SIGNING, State.CONFIRMED}  # as the constraint contract_funded has it


def request_termination(*, by: User, contract_id: UUID, version: int, fault: str, reason: str) -> Termination:
    """A party's signatory asks to end the contract and says whose fault it is. Raises TERMINATION_OPEN."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        side = policies.signatory_side(by, contract)
        if side is None:
            raise not_allowed("申请终止合同", *policies.SIGNATORIES)
        if not _may_end(contract):
            raise wrong_state("申请终止合同", contract.state, contract.get_state_display())
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
            raise not_allowed("核对终止申请", Role.CENTRE_CHECKER)
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
            raise not_allowed("复核终止申请（须与经办人不同）", Role.CENTRE_REVIEWER)
        move(request, "decide", "复核终止申请")()
        request.decided_by = by
        evidence.record(request, act="decide", by=by, reason=reason, facts={"fault": request.fault})
        changes.lapse(contract, by=by, reason=f"合同终止：{reason}")
        move(contract, "terminate", "终止合同")(reason)
        answering.ended(contract, by=by, reason=reason)
        forfeited = request.fault in (Fault.ENTERPRISE, Fault.BOTH)
        release(contract, by=by, reason=reason, forfeit_quota=forfeited)
        cancel_open_orders(contract, by, reason)
        evidence.record(contract, act="terminate", by=by, reason=reason, facts={"fault": request.fault})
        common.tell_parties(
            contract,
            "contract.terminated",
            "合同已终止",
            f"{sentence(reason)}服务券{yuan(contract.voucher)}作废，不予兑付。",
        )
    return request


def refuse_termination(*, by: User, termination_id: UUID, version: int, reason: str) -> Termination:
    """An officer finds no ground: the contract goes on."""
    with unit_of_work():
        contract, request = _lock(termination_id, version)
        if not policies.may_refuse_termination(by, request):
            raise not_allowed("不予终止（经办核对后须由另一人复核）", policies.who_refuses_termination(request))
        move(request, "refuse", "不予终止")()
        request.refused_by = by
        evidence.record(request, act="refuse", by=by, reason=reason)
        common.tell_parties(contract, "contract.termination_refused", "终止申请未获同意", reason)
    return request


def open_dispute(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """A party disagrees; nothing moves until the centre has mediated (8-34)."""
    return _interrupt(by, contract_id, version, "dispute", "提出争议", reason, policies.is_party, policies.PARTIES)


def freeze(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """The department stops the contract while a suspicion is looked into (第二十七条)."""
    return _interrupt(
        by,
        contract_id,
        version,
        "freeze",
        "冻结合同",
        reason,
        lambda user, _: policies.may_supervise(user),
        (Role.DEPARTMENT,),
    )


def resume(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """A dispute is settled, or the freeze lifted: the contract is where it was."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        disputed = contract.state == State.DISPUTED
        may = policies.may_resolve_dispute if disputed else policies.may_supervise
        if not may(by):
            raise not_allowed("恢复合同", *(policies.MEDIATORS if disputed else (Role.DEPARTMENT,)))
        if contract.hold is None and contract.resume_state in HOLDS_MONEY:
            raise Refused(
                "HOLD_RELEASED",
                f"合同{contract.number}锁定的额度已随年度结束释放，不能恢复，请作废后重新签订。",
                resume_state=contract.resume_state,
            )
        move(contract, "resume", "恢复合同")()
        _give_time(contract)
        evidence.record(contract, act="resume", by=by, reason=reason)
        common.tell_parties(contract, "contract.resumed", "合同已恢复", reason)
    return contract


def extend(*, by: User, contract_id: UUID, version: int, end_date: date, reason: str) -> Contract:
    """The department gives an overdue contract until `end_date`: to be performed, or to be claimed (8-16)."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.may_supervise(by):
            raise not_allowed("延长合同期限", Role.DEPARTMENT)
        if end_date <= clock.today():
            raise Invalid("END_DATE_PAST", "新的结束日期须晚于今天。", end_date=end_date.isoformat())
        move(contract, "extend", "延长合同期限")()
        if contract.state == State.CONFIRMED:
            contract.claim_until = end_date
        else:
            contract.end_date = end_date
        evidence.record(contract, act="extend", by=by, reason=reason, facts={"end_date": end_date.isoformat()})
        common.tell_parties(contract, "contract.extended", "合同期限已延长", f"新的期限为{end_date}。")
    return contract


def void(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """The department ends a frozen or overdue contract: no voucher, the quota lapses (第二十七条、第三十条)."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.may_supervise(by):
            raise not_allowed("作废合同", Role.DEPARTMENT)
        move(contract, "void", "作废合同")(reason)
        answering.ended(contract, by=by, reason=reason)
        release(contract, by=by, reason=reason, forfeit_quota=True)
        cancel_open_orders(contract, by, reason)
        evidence.record(contract, act="void", by=by, reason=reason)
        common.tell_parties(contract, "contract.voided", "合同已作废", reason)
    return contract


def release(contract: Contract, *, by: Actor, reason: str, forfeit_quota: bool) -> None:
    """What the locked contract had set aside is free again; quota lapses when forfeited or its year is over."""
    if contract.hold is None:
        return
    held = list(ledger_rows.lines(contract.hold))
    if any(line.bucket in SPENT for line in held):
        raise Refused(
            "SETTLEMENT_APPROVED",
            f"合同{contract.number}的兑付已经审定，服务券资金已列入拨付，不能作废或终止合同；如须追回，请在拨付办结后按追缴办理。",
        )
    if not any(line.bucket in LIVE for line in held):  # a claim refused for good has let go of it already
        return
    quota = Bucket.EXPIRED if forfeit_quota else Bucket.AVAILABLE
    ledger.move(holds=[contract.hold], to=quota, by=by, reason=reason, books=[books.QUOTA])
    ledger.move(holds=[contract.hold], to=Bucket.AVAILABLE, by=by, reason=reason, books=[books.CAP, books.BUDGET])


def _interrupt(
    by: User, contract_id: UUID, version: int, act: str, what: str, reason: str, allowed: Allowed, who: tuple[Role, ...]
) -> Contract:
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not allowed(by, contract):
            raise not_allowed(what, *who)
        changes.lapse(contract, by=by, reason=f"{what}：{reason}")
        move(contract, act, what)(contract.state)
        evidence.record(contract, act=act, by=by, reason=reason)
        common.tell_parties(contract, f"contract.{act}", f"{what}", reason)
    return contract


def _may_end(contract: Contract) -> bool:
    state = contract.resume_state if contract.state == State.CHANGE_PENDING else contract.state
    return State.TERMINATED in Contract.ARCS[State(state)]


def _give_time(contract: Contract) -> None:
    """What stood still while the clock went on: who has to sign or to pay has the whole limit again."""
    limit, now = contract.notice.parsed.limit, clock.now()
    if contract.state == State.SIGNING:
        contract.signing_due = deadlines.instant(limit("signing_hold"), now)
    if contract.state == State.SIGNED_WAIT_DEPOSIT:
        contract.deposit_due = deadlines.instant(limit("deposit"), now)


def _lock(termination_id: UUID, version: int) -> tuple[Contract, Termination]:
    contract_id = Termination.objects.filter(pk=termination_id).values_list("contract_id", flat=True).first()
    if contract_id is None:
        raise not_found("终止申请")
    contract = common.lock_contract(contract_id)
    return contract, lock(Termination.objects.all(), termination_id, version=version)
