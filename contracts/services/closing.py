"""What settlement asks of a contract. Settlement decides; the contract and its hold follow."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from contracts.models import Contract
from contracts.services import common
from contracts.states import State
from engines.evidence import services as evidence
from engines.ledger import selectors as ledger_rows
from engines.ledger import services as ledger
from engines.ledger.states import Bucket
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused
from foundation.locking import unit_of_work
from foundation.money import yuan
from foundation.names import sentence
from foundation.states import move
from programmes import books


def lock_for_settlement(contract_id: UUID) -> Contract:
    """The contract, locked; only a confirmed one with its money still set aside may be settled."""
    contract = common.lock_contract(contract_id)
    if contract.state != State.CONFIRMED:
        raise Refused(
            "CONTRACT_NOT_CONFIRMED",
            f"合同{contract.number}当前状态为“{contract.get_state_display()}”，只有已确认的合同可以兑付。",
            state=contract.state,
        )
    return contract


def lapse(*, contract_id: UUID, by: Actor, reason: str) -> Contract:
    """Nobody has claimed in time (8-16): the contract waits for the department, which gives time or voids it."""
    with unit_of_work():
        contract = lock_for_settlement(contract_id)
        move(contract, "mark_overdue", "标记逾期")(contract.state)
        evidence.record(contract, act="lapse", by=by, reason=reason)
        common.tell_parties(
            contract, "contract.overdue", "兑付申请已逾期", f"{sentence(reason)}请联系厅职能处室办理延期。"
        )
    return contract


def reduce_voucher(contract: Contract, *, amount: Decimal, by: Actor, reason: str) -> None:
    """The reviewers pay less than claimed (核减): the difference is free again. The contract's own text stays."""
    if contract.hold is not None:
        ledger.reduce(hold=contract.hold, amount=amount, by=by, reason=reason)
    evidence.record(contract, act="reduce_voucher", by=by, reason=reason, facts={"approved": f"{amount:.2f}"})


def approve_vouchers(contracts: Sequence[Contract], *, by: Actor, reason: str) -> dict[UUID, tuple[int, int]]:
    """Approved: quotas and caps are used up, the budget owes it. Returns (cap year, budget year) by contract.

    All holds move in one call per kind of book, so that the accounts are locked in the ledger's order and
    a signing that waits for the budget cannot be waited for in turn.
    """
    holds = {common.require_hold(contract): contract for contract in contracts}
    ledger.move(holds=list(holds), to=Bucket.CONSUMED, by=by, reason=reason, books=[books.QUOTA, books.CAP])
    ledger.move(holds=list(holds), to=Bucket.DUE, by=by, reason=reason, books=[books.BUDGET])
    years = {}
    for hold, contract in holds.items():
        evidence.record(contract, act="approve_voucher", by=by, reason=reason)
        periods = {line.book: line.account.period for line in ledger_rows.lines(hold)}
        years[contract.pk] = (periods[books.CAP], periods[books.BUDGET])
    return years


def refuse_voucher(contract: Contract, *, by: Actor, reason: str) -> None:
    """The claim is refused for good: cap and budget are free again, the quota lapses, no debt is made (8-31)."""
    hold = common.require_hold(contract)
    ledger.move(holds=[hold], to=Bucket.EXPIRED, by=by, reason=reason, books=[books.QUOTA])
    ledger.move(holds=[hold], to=Bucket.AVAILABLE, by=by, reason=reason, books=[books.CAP, books.BUDGET])
    evidence.record(contract, act="refuse_voucher", by=by, reason=reason)
    common.tell_parties(contract, "claim.refused", "兑付申请未通过", f"{sentence(reason)}由谁承担按合同约定（8-31）。")


def pay(contract: Contract, *, by: Actor, reason: str) -> None:
    """The budget has paid what the locked contract had set aside, whatever its state."""
    hold = common.require_hold(contract)
    ledger.move(holds=[hold], to=Bucket.CONSUMED, by=by, reason=reason, books=[books.BUDGET])


def settle(contract: Contract, *, amount: Decimal, by: Actor, reason: str, **facts: str) -> None:
    """The provider has the money: the locked, confirmed contract is settled."""
    move(contract, "settle", "兑付")()
    contract.settled_at = clock.now()
    evidence.record(contract, act="settle", by=by, reason=reason, facts={"paid": f"{amount:.2f}", **facts})
    common.tell_parties(contract, "contract.settled", "补贴资金已兑付", f"已向服务商支付{yuan(amount)}。")


def archive(*, contract_id: UUID, by: Actor) -> Contract:
    """Settled and closed for good (第二十五条)."""
    with unit_of_work():
        contract = common.lock_contract(contract_id)
        move(contract, "archive", "归档")()
        evidence.record(contract, act="archive", by=by)
    return contract
