"""Marking, asking for the money, and what it reaches: first come, first paid, nothing split (第二十条, 第二十一条; 8-23)."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from contracts.services import closing
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock_all, unit_of_work
from foundation.money import ZERO, yuan
from foundation.states import move
from settlement import policies, selectors
from settlement.models import Batch, Claim
from settlement.services import common
from settlement.states import BATCH_MARKING, BatchState, ClaimState

UNDER_WAY = {ClaimState.PAYABLE, ClaimState.PAYING}


def mark(*, by: User, batch_id: UUID, version: int, request_no: str, note: str = "") -> Batch:
    """What the 公示 has cleared is marked and confirmed, and the treasury is asked for it by `request_no`.

    Quotas and caps are used up now. May be done again for what an objection had held. Raises NOTHING_TO_MARK.
    """
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_publish(by):
            raise not_allowed("标记确认并申请拨款", Role.DEPARTMENT)
        common.require_state(batch, sorted(BATCH_MARKING), "标记确认")
        require_unchanged(batch)
        ids = list(batch.claims.filter(state=ClaimState.CLEARED).values_list("contract_id", flat=True))
        contracts = common.lock_contracts(ids)
        claims = lock_all(common.CLAIMS.filter(batch=batch, state=ClaimState.CLEARED))
        if not claims:
            raise Refused("NOTHING_TO_MARK", f"批次{batch.number}没有公示无异议、待标记确认的申请。")
        closing.confirm_vouchers(contracts, by=by, reason=f"{batch.number} 标记确认")
        amount = sum((claim.approved or ZERO for claim in claims), ZERO)
        move(batch, "mark", "标记确认")(by, clock.now(), request_no, amount)
        facts = {"request_no": request_no, "amount": f"{amount:.2f}", "claims": len(claims)}
        evidence.record(batch, act="mark", by=by, reason=note, facts=facts)
        for claim in claims:
            move(claim, "mark", "标记确认")()
            evidence.record(claim, act="mark", by=by, facts={"batch": batch.number}, fields=["state"])
        told = f"批次{batch.number}已标记确认并申请拨款，请确认收款账户无变化。"
        common.tell_providers(claims, "claim.marked", "兑付已标记确认", told)
    return batch


def fund(*, by: User, batch_id: UUID, version: int, funding_no: str, amount: Decimal, note: str = "") -> Batch:
    """财政厅 has set `amount` 元 more aside: as many claims as it reaches are payable, in order of clearing.

    The first that it does not cover waits, and so does everything behind it: no splitting, no overtaking (8-23).
    Raises FUND_TOO_MUCH above what was asked for, EARLIER_UNFUNDED naming a claim of another batch that was cleared
    before and still waits for its money.
    """
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_fund(by):
            raise not_allowed("确认拨款", Role.FINANCE)
        common.require_state(batch, [BatchState.FUND_REQUEST, BatchState.PAYING, BatchState.PAID_PART], "确认拨款")
        waiting = _waiting(batch)
        _check_amount(batch, amount)
        _require_first(batch, waiting)
        if batch.state == BatchState.FUND_REQUEST:
            move(batch, "fund", "确认拨款")(by, clock.now(), funding_no, amount)
        else:
            if batch.state == BatchState.PAID_PART:
                move(batch, "go_on", "继续支付")()
            batch.add_funds(by, clock.now(), funding_no, amount)
        reached = _reached(batch, waiting)
        facts = {"funding_no": funding_no, "amount": f"{amount:.2f}", "claims": [one.number for one in reached]}
        evidence.record(batch, act="fund", by=by, reason=note, facts=facts)
        for claim in reached:
            move(claim, "make_payable", "转入支付")()
            evidence.record(claim, act="make_payable", by=by, facts={"batch": batch.number}, fields=["state"])
        if reached:
            told = f"批次{batch.number}资金已落实，进入支付。"
            common.tell_providers(reached, "claim.payable", "兑付资金已落实", told)
        follow(batch, by=by)
    return batch


def require_unchanged(batch: Batch) -> None:
    """What is about to be paid is what was approved. Raises BATCH_CONTENT_CHANGED: the approval is void for it."""
    if selectors.digest_of_batch(batch) != batch.digest:
        raise Refused(
            "BATCH_CONTENT_CHANGED",
            f"批次{batch.number}的申请、金额或收款人与审定时不一致，审定失效，不得支付，请立即核查。",
            batch=batch.number,
        )


def follow(batch: Batch, *, by: Actor) -> None:
    """The locked batch, while it pays, is paid in full when all its claims are, in part when nothing is under way."""
    if batch.state != BatchState.PAYING:
        return
    states = set(batch.claims.values_list("state", flat=True))
    if states <= {ClaimState.PAID}:
        move(batch, "finish", "全部支付")()
        evidence.record(batch, act="finish", by=by)
    elif not states & UNDER_WAY:
        move(batch, "stall", "部分支付")()
        evidence.record(batch, act="stall", by=by)


def _waiting(batch: Batch) -> list[Claim]:
    """The batch's marked claims, locked, in the order in which money reaches them."""
    rows = lock_all(common.CLAIMS.filter(batch=batch, state=ClaimState.MARKED))
    return sorted(rows, key=lambda claim: (claim.cleared_at, claim.submitted_at, str(claim.pk)))


def _reached(batch: Batch, waiting: list[Claim]) -> list[Claim]:
    """The first of `waiting` that what is funded and not yet given out covers."""
    left = selectors.not_given_out(batch)
    reached = []
    for claim in waiting:
        left -= claim.approved or ZERO
        if left < 0:
            break
        reached.append(claim)
    return reached


def _check_amount(batch: Batch, amount: Decimal) -> None:
    most = batch.requested - batch.funded
    if amount > most:
        raise Invalid(
            "FUND_TOO_MUCH",
            f"申请拨款{yuan(batch.requested)}，已落实{yuan(batch.funded)}，本次至多{yuan(most)}，现为{yuan(amount)}。",
            limit=f"{most:.2f}",
        )


def _require_first(batch: Batch, waiting: list[Claim]) -> None:
    """Money goes to who was cleared first, whatever batch that is in."""
    if not waiting:
        return
    before = selectors.marked_before(waiting[0]).exclude(batch=batch).first()
    if before is not None:
        raise Refused(
            "EARLIER_UNFUNDED",
            f"批次{before.batch}的兑付申请{before.number}公示在先，资金尚未落实，请先落实该批次。",
            claim=before.number,
            batch=str(before.batch),
        )
