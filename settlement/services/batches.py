"""A batch from its opening to its end: plan, approval, 公示, marking, closing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from accounts.models import User
from contracts.services import closing
from engines.evidence import selectors as trail
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Refused, not_allowed, not_found
from foundation.locking import lock_all, unit_of_work
from foundation.models import next_number
from foundation.money import ZERO, yuan
from foundation.states import move
from programmes import publicity
from programmes import selectors as programmes
from settlement import policies, selectors
from settlement.models import Batch, Claim
from settlement.services import common
from settlement.states import BatchState, ClaimState


def open_batch(*, by: User, title: str) -> Batch:
    """A round of this year is open, pinned to the latest notice; `title` names the 兑付通知 (第二十条).

    What was earned under an earlier notice is settled also while this year's is not out yet (8-16, 8-53).
    """
    if not policies.may_open_batch(by):
        raise not_allowed("发起兑付批次")
    with unit_of_work():
        today = clock.today()
        notice = programmes.latest_notice(today)
        seq = next_number(f"batch-{today.year}")
        batch = Batch(
            year=today.year, seq=seq, number=f"PC-{today.year}-{seq:02d}", title=title, notice=notice, opened_by=by
        )
        evidence.record(batch, act="open", by=by, facts={"title": title, "notice": notice.label})
    return batch


def plan(*, by: User, batch_id: UUID, version: int, claim_ids: Sequence[UUID] | None = None) -> Batch:
    """The batch holds exactly these examined claims (all that are ready when none are named), with its total.

    It may be drawn again until it is approved: who is no longer named goes back, and when none are named who
    could not be approved any more, its contract being disputed, frozen or ended. Raises NOTHING_TO_SETTLE,
    NOT_FOUND for unknown claims, or CLAIM_NOT_READY naming those that are not examined, in another batch, or
    of such a contract.
    """
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_plan(by):
            raise not_allowed("拟定结算方案")
        if batch.state == BatchState.OPEN:
            move(batch, "draw_plan", "拟定结算方案")()
        common.require_state(batch, [BatchState.PLAN_DRAFT], "拟定结算方案")
        inside = set(batch.claims.values_list("pk", flat=True))
        wanted = set(claim_ids) if claim_ids is not None else _still_settleable(inside) | set(_ready())
        if not wanted:
            raise Refused("NOTHING_TO_SETTLE", "没有审核通过的兑付申请可列入方案。")
        rows = lock_all(common.CLAIMS.filter(pk__in=wanted | inside))
        if len(rows) != len(wanted | inside):
            raise not_found("兑付申请")
        _enter([row for row in rows if row.pk in wanted - inside], batch, by)
        _leave([row for row in rows if row.pk in inside - wanted], by)
        chosen = [row for row in rows if row.pk in wanted]
        batch.planned_by, batch.planned_at = by, clock.now()
        batch.claim_count, batch.total = len(chosen), sum((row.approved or ZERO for row in chosen), ZERO)
        evidence.record(
            batch, act="plan", by=by, facts={"claims": [row.number for row in chosen], "total": f"{batch.total:.2f}"}
        )
    return batch


def approve(*, by: User, batch_id: UUID, version: int, approval_no: str) -> Batch:
    """厅审定: every claim is approved; quota and cap are used up, the budget owes it (第二十一条).

    By somebody who neither drew the plan nor took a stage of any claim in it, with the document number.
    Raises PLAN_CHANGED, CONTRACT_NOT_CONFIRMED, or CAP_HELD / YEAR_NOT_CLOSED naming the claims whose cap
    or budget is still another year's (8-18, 8-19): the plan is then drawn without them.
    """
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        worked = trail.stages_done(list(batch.claims.all()), by)
        if not policies.may_approve(by, batch, bool(worked)):
            raise not_allowed("审定结算方案（拟定方案或审核过其中申请的人不得审定）")
        move(batch, "approve", "审定结算方案")(by, clock.now(), approval_no, "")
        contracts = common.lock_contracts(list(batch.claims.values_list("contract_id", flat=True)))
        common.require_confirmed(contracts, "请移出方案后再审定。")
        claims = lock_all(common.CLAIMS.filter(batch=batch))
        _require_same_plan(batch, claims)
        years = closing.approve_vouchers(contracts, by=by, reason=f"{batch.number} {approval_no}")
        for claim in claims:
            move(claim, "approve", "审定")(*years[claim.contract_id])
            evidence.record(claim, act="approve", by=by, reason=approval_no, facts=_years(claim))
        _require_this_year(batch, claims)
        batch.digest = selectors.digest_of_batch(batch)
        evidence.record(
            batch,
            act="approve",
            by=by,
            reason=approval_no,
            facts={"digest": batch.digest, "total": f"{batch.total:.2f}"},
        )
        _tell_providers(
            claims, "claim.approved", "兑付方案已审定", f"批次{batch.number}，文号{approval_no}，即将公示。"
        )
    return batch


def publicise(*, by: User, batch_id: UUID, version: int, first: date, last: date, reference: str) -> Batch:
    """The 公示 is recorded: it follows the approval and is no shorter than the notice asks."""
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_publish(by):
            raise not_allowed("登记公示")
        move(batch, "publicise", "登记公示")(first, last, reference)
        approved_on = clock.local_date(batch.approved_at) if batch.approved_at else first
        publicity.check_period(batch.notice.parsed, first, last, approved_on)
        facts = {"from": str(first), "to": str(last), "reference": reference}
        evidence.record(batch, act="publicise", by=by, facts=facts)
        claims = _move_all(batch, "publicise", "公示", by)
        _tell_providers(
            claims, "claim.publicity", "兑付方案公示", f"批次{batch.number}自{first}至{last}公示：{reference}"
        )
    return batch


def clear(*, by: User, batch_id: UUID, version: int, note: str = "") -> Batch:
    """The 公示 has run its time without objection. Raises PUBLICITY_NOT_OVER."""
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_publish(by):
            raise not_allowed("登记公示结论")
        move(batch, "clear", "登记公示结论")(by, clock.now())
        if batch.publicity_to is not None:
            publicity.check_over(batch.publicity_to, clock.today())
        evidence.record(batch, act="clear", by=by, reason=note)
        _move_all(batch, "clear", "公示无异议", by)
    return batch


def pay(*, by: User, batch_id: UUID, version: int, note: str = "") -> Batch:
    """Marked and confirmed on the platform; orders may be made for every claim (第二十一条)."""
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_publish(by):
            raise not_allowed("标记确认")
        move(batch, "mark", "标记确认")(by, clock.now())
        require_unchanged(batch)
        evidence.record(batch, act="mark", by=by, reason=note)
        _move_all(batch, "mark", "标记确认", by)
        claims = _move_all(batch, "make_payable", "转入支付", by)
        _tell_providers(
            claims, "claim.payable", "兑付已标记确认", f"批次{batch.number}进入支付，请确认收款账户无变化。"
        )
    return batch


def close(*, by: User, batch_id: UUID, version: int, note: str = "") -> Batch:
    """No more is expected of the batch; what is still unpaid is named and stays owed."""
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_close_batch(by):
            raise not_allowed("办结批次")
        move(batch, "close", "办结批次")(by, clock.now())
        unpaid = batch.claims.exclude(state=ClaimState.PAID).order_by("number")
        facts = {"unpaid": list(unpaid.values_list("number", flat=True))}
        evidence.record(batch, act="close", by=by, reason=note, facts=facts)
    return batch


def require_unchanged(batch: Batch) -> None:
    """What is about to be paid is what was approved. Raises BATCH_CONTENT_CHANGED: the approval is void for it."""
    if selectors.digest_of_batch(batch) != batch.digest:
        raise Refused(
            "BATCH_CONTENT_CHANGED",
            f"批次{batch.number}的申请、金额或收款人与审定时不一致，审定失效，不得支付，请立即核查。",
            batch=batch.number,
        )


def follow(batch: Batch, *, by: User) -> None:
    """The locked batch, while it pays, is paid in full when all its claims are, in part when the rest came back."""
    if batch.state != BatchState.PAYING:
        return
    states = set(batch.claims.values_list("state", flat=True))
    if states == {ClaimState.PAID}:
        move(batch, "finish", "全部支付")()
        evidence.record(batch, act="finish", by=by)
    elif states <= {ClaimState.PAID, ClaimState.BOUNCED}:
        move(batch, "stall", "部分支付")()
        evidence.record(batch, act="stall", by=by)


def _ready() -> Iterable[UUID]:
    return selectors.ready_for_batch().values_list("pk", flat=True)


def _still_settleable(claims: set[UUID]) -> set[UUID]:
    return set(selectors.settleable(Claim.objects.filter(pk__in=claims)).values_list("pk", flat=True))


def _enter(claims: list[Claim], batch: Batch, by: User) -> None:
    alive = _still_settleable({claim.pk for claim in claims})
    examined = (ClaimState.PASSED, ClaimState.REDUCED)
    wrong = [claim for claim in claims if claim.state not in examined or claim.pk not in alive]
    if wrong:
        listed = "、".join(
            f"{claim.number}（{claim.get_state_display() if claim.pk in alive else '合同不是已确认'}）"
            for claim in wrong
        )
        raise Refused(
            "CLAIM_NOT_READY",
            f"以下申请未审核通过、已在其他批次或其合同有争议、冻结、已终止：{listed}。请移出后再拟定。",
            claims=[claim.number for claim in wrong],
        )
    for claim in claims:
        move(claim, "enter_batch", "列入方案")(batch)
        evidence.record(claim, act="enter_batch", by=by, facts={"batch": batch.number})


def _leave(claims: list[Claim], by: User) -> None:
    for claim in claims:
        move(claim, "leave_batch", "移出方案")()
        evidence.record(claim, act="leave_batch", by=by)


def _require_same_plan(batch: Batch, claims: list[Claim]) -> None:
    total = sum((claim.approved or ZERO for claim in claims), ZERO)
    if (len(claims), total) != (batch.claim_count, batch.total):
        raise Refused(
            "PLAN_CHANGED",
            f"方案为{batch.claim_count}笔{yuan(batch.total)}，现为{len(claims)}笔{yuan(total)}，请重新拟定。",
        )


def _require_this_year(batch: Batch, claims: list[Claim]) -> None:
    """The cap that counts is the approval year's (8-19), and the money is this year's."""
    this = clock.today().year
    late = [claim.number for claim in claims if claim.budget_year != this]
    if late:
        raise Refused(
            "YEAR_NOT_CLOSED",
            f"以下申请的预算尚未结转至{this}年度，请待年度结转后再审定：{'、'.join(late)}。",
            claims=late,
        )
    full = [claim.number for claim in claims if claim.cap_year != this]
    if full:
        raise Refused(
            "CAP_HELD",
            f"以下申请的服务商{this}年度结算上限已满，须移出方案，转入下一服务年度（8-18）：{'、'.join(full)}。",
            claims=full,
        )


def _move_all(batch: Batch, transition: str, what: str, by: User) -> list[Claim]:
    claims = lock_all(common.CLAIMS.filter(batch=batch))
    for claim in claims:
        move(claim, transition, what)()
        evidence.record(claim, act=transition, by=by, facts={"batch": batch.number}, fields=["state"])
    return claims


def _tell_providers(claims: list[Claim], topic: str, title: str, body: str) -> None:
    """One message to each provider, naming its claims."""
    ordered = sorted(claims, key=lambda claim: str(claim.provider_id))
    for _, own in groupby(ordered, key=lambda claim: claim.provider_id):
        mine = list(own)
        numbers = "、".join(claim.number for claim in mine)
        total = sum((claim.approved or ZERO for claim in mine), ZERO)
        common.tell_provider(mine[0], topic, title, f"{body}共{len(mine)}笔{yuan(total)}：{numbers}")


def _years(claim: Claim) -> dict[str, int | None]:
    return {"cap_year": claim.cap_year, "budget_year": claim.budget_year}
