"""What time does to holds: signing and deposit limits, the end of the year, overdue performance.

Each function takes one contract in one unit of work; the jobs call them for every contract that is due.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from contracts.models import Contract
from contracts.services import changes, common
from contracts.services.signing import cancel_and_release
from contracts.states import HOLDING, NOT_YET_EFFECTIVE, WORKING, PaymentState, State
from engines.evidence import services as evidence
from engines.ledger import selectors as ledger_rows
from engines.ledger import services as ledger
from engines.ledger.services import LedgerShort
from engines.ledger.states import Bucket
from foundation import clock
from foundation.actors import Actor
from foundation.locking import unit_of_work
from foundation.states import move
from programmes import books
from providers.services import caps

LIVE = (Bucket.RESERVED, Bucket.COMMITTED, Bucket.DUE)


def time_out_signing(contract_id: UUID, *, until: datetime, by: Actor) -> bool:
    """Not signed by `until`, its limit: cancelled, the money free again. False when it is no longer due."""
    with unit_of_work():
        contract = common.lock_contract(contract_id)
        if contract.state != State.SIGNING or contract.signing_due is None or contract.signing_due > until:
            return False
        cancel_and_release(contract, by=by, reason="签署期限已过，合同自动取消。", act="time_out_signing")
    return True


def time_out_deposit(contract_id: UUID, *, until: datetime, by: Actor) -> bool:
    """No deposit by `until`, its limit: cancelled. One that is reported and not yet looked at keeps the contract
    alive; one the provider did not find does not.
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id)
        due = contract.deposit_due
        if contract.state != State.SIGNED_WAIT_DEPOSIT or due is None or due > until:
            return False
        if contract.payments.filter(state=PaymentState.REPORTED).exists():
            return False
        cancel_and_release(contract, by=by, reason="定金期限已过，合同自动取消。", act="time_out_deposit")
    return True


def mark_overdue(contract_id: UUID, day: date, *, by: Actor) -> bool:
    """The performance period has passed and the service is not delivered: the contract waits for the department (6.5).

    A supplement still unanswered lapses. What is delivered waits for the enterprise instead (8-34).
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id)
        state = contract.resume_state if contract.state == State.CHANGE_PENDING else contract.state
        if state not in WORKING or contract.end_date >= day:
            return False
        changes.lapse(contract, by=by, reason="服务期已过，补充协议未获答复。")
        move(contract, "mark_overdue", "标记逾期")(contract.state)
        evidence.record(contract, act="mark_overdue", by=by, facts={"end_date": contract.end_date.isoformat()})
        common.tell_parties(
            contract, "contract.overdue", "合同已逾期", f"服务期至{contract.end_date}，请联系厅职能处室办理延期。"
        )
    return True


def end_hold_of_year(contract_id: UUID, year: int, *, by: Actor) -> bool:
    """Not in effect when `year` ended: what it held of that year is released (8-15).

    A contract still being signed is cancelled; one that waits for its deposit stays and is checked
    against the new year when the deposit comes (8-14). A deposit reported as paid before midnight keeps
    the hold until it is matched.
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id)
        if contract.quota_year != year or contract.hold is None:
            return False
        if contract.state == State.SIGNING:
            cancel_and_release(contract, by=by, reason=f"{year}年度结束，未完成签署，合同自动取消。", act="end_of_year")
            return True
        state = contract.resume_state or contract.state  # disputed or frozen before it took effect: likewise
        if state not in NOT_YET_EFFECTIVE or _paid_in(contract, year):
            return False
        moved = ledger.move(holds=[contract.hold], to=Bucket.AVAILABLE, by=by, reason=f"{year}年度结束")
        contract.hold = contract.quota_year = None
        evidence.record(contract, act="end_hold_of_year", by=by, facts={"year": year, "lines": moved})
        common.tell_parties(
            contract,
            "contract.year_end",
            "上年度额度占用已释放",
            "定金于年度结束后支付的，按新年度额度、服务商上限和预算重新核定。",
        )
    return True


def roll_over(contract_id: UUID, year: int, *, by: Actor) -> bool:
    """In effect and not yet paid: cap and budget lines of `year` move to the next, the money with them.

    The quota stays where it was: it is that year's, committed to this contract only (第十九条).
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id)
        return _roll_over(contract, year, by)


def roll_over_late(contract: Contract, *, by: Actor) -> None:
    """A contract that took effect by a payment of last year follows the others into this one."""
    if contract.quota_year is not None and contract.quota_year < clock.today().year:
        _roll_over(contract, contract.quota_year, by)


def due_for_signing_time_out(until: datetime) -> list[UUID]:
    rows = Contract.objects.filter(state=State.SIGNING, signing_due__lte=until)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def due_for_deposit_time_out(until: datetime) -> list[UUID]:
    rows = Contract.objects.filter(state=State.SIGNED_WAIT_DEPOSIT, deposit_due__lte=until)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def overdue_on(day: date) -> list[UUID]:
    working = Q(state__in=sorted(WORKING)) | Q(state=State.CHANGE_PENDING, resume_state__in=sorted(WORKING))
    rows = Contract.objects.filter(working, end_date__lt=day)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def holding_of_year(year: int) -> list[UUID]:
    """Contracts with something still set aside in a cap or budget of `year`."""
    lines = ledger_rows.live_holds([books.CAP, books.BUDGET], year)
    rows = Contract.objects.filter(state__in=sorted(HOLDING), quota_year__lte=year, hold__in=lines)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _paid_in(contract: Contract, year: int) -> bool:
    end = clock.end_of(date(year, 12, 31))
    return contract.payments.filter(state=PaymentState.REPORTED, paid_at__lt=end).exists()


def _roll_over(contract: Contract, year: int, by: Actor) -> bool:
    if contract.hold is None:
        return False
    lines = {line.book: line for line in ledger_rows.lines(contract.hold) if line.bucket in LIVE}
    moved = []  # the cap before the hotter budget, as every hold takes them
    # What is approved counts in the cap of its year (8-24); what found no room there before is tried again (8-18).
    approved = books.BUDGET in lines and lines[books.BUDGET].bucket == Bucket.DUE
    if books.CAP in lines and lines[books.CAP].account.period <= year and not approved:
        target = caps.open_cap(provider_id=contract.provider_id, year=year + 1, by=by, needed=lines[books.CAP].amount)
        if _carry(contract, books.CAP, target, by, funded=False):
            moved.append(books.CAP)
    if books.BUDGET in lines and lines[books.BUDGET].account.period == year:
        _carry(contract, books.BUDGET, books.budget(year + 1), by, funded=True)
        moved.append(books.BUDGET)
    if moved:
        evidence.record(contract, act="roll_over", by=by, facts={"from": year, "to": year + 1, "books": moved})
    return bool(moved)


def _carry(contract: Contract, book: str, target: int, by: Actor, *, funded: bool) -> bool:
    """False when the new year's cap has no room: the line stays and the claim will be CAP_HELD (8-18)."""
    try:
        ledger.carry(
            hold=common.require_hold(contract),
            book=book,
            to_account=target,
            funded=funded,
            by=by,
            reason=contract.number,
        )
    except LedgerShort:
        return False
    return True
