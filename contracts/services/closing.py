"""What settlement asks of a contract. Settlement decides; the contract and its hold follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.models import Contract
from contracts.services import common
from contracts.states import ClaimStage, State
from engines.evidence import services as evidence
from engines.ledger import selectors as ledger_rows
from engines.ledger import services as ledger
from engines.ledger.states import LIVE, Bucket
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused
from foundation.locking import unit_of_work
from foundation.money import yuan
from foundation.names import sentence
from foundation.states import move
from programmes import books
from providers.services import caps

FOLLOWED = ["claim_stage", "claim_stage_at", "claim_due"]


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


def follow_claim(contract: Contract, *, stage: ClaimStage, due: date | None, by: Actor, reason: str) -> None:
    """The locked contract says where its claim stands, and until when the provider has to act; nothing when it does.

    A paid claim of a contract that is confirmed settles it, which says so by itself (`settle`).
    """
    if (contract.claim_stage, contract.claim_due) == (stage, due):
        return
    if contract.claim_stage != stage:
        contract.claim_stage_at = clock.now()
    contract.claim_stage, contract.claim_due = stage, due
    facts = {"claim_stage": stage.value, "due": str(due or "")}
    evidence.record(contract, act="follow_claim", by=by, reason=reason, facts=facts, fields=FOLLOWED)


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


def cap_year(contract: Contract) -> int:
    """The service year in which the contract's cap line stands."""
    return _period(contract, books.CAP)


def budget_year(contract: Contract) -> int:
    """The fiscal year whose money the contract's budget line is."""
    return _period(contract, books.BUDGET)


def _period(contract: Contract, book: str) -> int:
    lines = ledger_rows.lines(common.require_hold(contract))
    return next(line.account.period for line in lines if line.book == book)


def take_cap_of_year(contract: Contract, year: int, *, by: Actor, override_no: str = "") -> bool:
    """The contract's cap line stands in `year`, the approval's (8-19). False when that year's cap has no room (8-18).

    `override_no` is a decision of the 厅 that lets the provider pass its cap: what is missing is issued by it.
    """
    hold = common.require_hold(contract)
    line = next(one for one in ledger_rows.lines(hold) if one.book == books.CAP)
    if line.account.period == year:
        return True
    target = caps.open_cap(provider_id=contract.provider_id, year=year, by=by)
    missing = line.amount - ledger.freeze(account=target).available  # exact, and before anything is taken from it
    if missing > 0 and not override_no:
        return False
    if missing > 0:
        reason = f"经{override_no}同意超出服务年度结算限额"
        ledger.issue(account=target, amount=missing, by=by, reference=f"cap-override:{contract.pk}", reason=reason)
    ledger.carry(hold=hold, book=books.CAP, to_account=target, funded=False, by=by, reason=contract.number)
    facts = {"year": year, "override_no": override_no} if override_no else {"year": year}
    evidence.record(contract, act="take_cap", by=by, facts=facts)
    return True


def approve_vouchers(contracts: Sequence[Contract], *, by: Actor, reason: str) -> dict[UUID, tuple[int, int]]:
    """Approved: the budget owes it. Returns (cap year, budget year) by contract.

    Quota and cap stay committed until the 公示 is over (`confirm_vouchers`), so that an upheld objection can give
    the money back; the cap's year is settled now and stays (8-24). All holds move in one call, so that the
    accounts are locked in the ledger's order.
    """
    holds = {common.require_hold(contract): contract for contract in contracts}
    ledger.move(holds=list(holds), to=Bucket.DUE, by=by, reason=reason, books=[books.BUDGET])
    years = {}
    for hold, contract in holds.items():
        evidence.record(contract, act="approve_voucher", by=by, reason=reason)
        periods = {line.book: line.account.period for line in ledger_rows.lines(hold)}
        years[contract.pk] = (periods[books.CAP], periods[books.BUDGET])
    return years


def confirm_vouchers(contracts: Sequence[Contract], *, by: Actor, reason: str) -> None:
    """Nobody objects and it is marked (第二十一条): quotas and caps are used up, whatever state the contracts are in."""
    holds = [common.require_hold(contract) for contract in contracts]
    ledger.move(holds=holds, to=Bucket.CONSUMED, by=by, reason=reason, books=[books.QUOTA, books.CAP])
    for contract in contracts:
        evidence.record(contract, act="confirm_voucher", by=by, reason=reason)


def reverse_approval(contract: Contract, *, by: Actor, reason: str) -> None:
    """An objection was right: the budget no longer owes it. What was set aside stays so for the new decision."""
    hold = common.require_hold(contract)
    ledger.move(holds=[hold], to=Bucket.COMMITTED, by=by, reason=reason, books=[books.BUDGET])
    evidence.record(contract, act="reverse_approval", by=by, reason=reason)


def refuse_voucher(contract: Contract, *, by: Actor, reason: str) -> None:
    """The claim is refused for good: cap and budget are free again, the quota lapses, no debt is made (8-31).

    Whatever state the locked contract is in; what its end has let go of already stays so.
    """
    hold = common.require_hold(contract)
    if any(line.bucket in LIVE for line in ledger_rows.lines(hold)):
        ledger.move(holds=[hold], to=Bucket.EXPIRED, by=by, reason=reason, books=[books.QUOTA])
        ledger.move(holds=[hold], to=Bucket.AVAILABLE, by=by, reason=reason, books=[books.CAP, books.BUDGET])
    evidence.record(contract, act="refuse_voucher", by=by, reason=reason)
    common.tell_parties(contract, "claim.refused", "兑付申请未通过", f"{sentence(reason)}由谁承担按合同约定。")


def pay(contract: Contract, *, by: Actor, reason: str) -> None:
    """The budget has paid what the locked contract had set aside, whatever its state."""
    hold = common.require_hold(contract)
    ledger.move(holds=[hold], to=Bucket.CONSUMED, by=by, reason=reason, books=[books.BUDGET])


def settle(contract: Contract, *, amount: Decimal, by: Actor, reason: str, **facts: str) -> None:
    """The provider has the money: the locked, confirmed contract is settled."""
    move(contract, "settle", "兑付")()
    contract.settled_at = clock.now()
    if contract.claim_stage != ClaimStage.PAID:
        contract.claim_stage, contract.claim_stage_at, contract.claim_due = ClaimStage.PAID, contract.settled_at, None
    evidence.record(contract, act="settle", by=by, reason=reason, facts={"paid": f"{amount:.2f}", **facts})
    common.tell_parties(contract, "contract.settled", "补贴资金已兑付", f"已向服务商支付{yuan(amount)}。")


def archive(contract: Contract, *, by: Actor, **facts: object) -> None:
    """The locked, settled contract is closed for good; `facts` say which archive holds it (第二十五条)."""
    move(contract, "archive", "归档")()
    evidence.record(contract, act="archive", by=by, facts=facts)
    common.tell_parties(contract, "contract.archived", "合同已归档", "全部记录和材料已建档保存，可随时下载核验。")
