"""A batch from its notice to the reviewed plan, and its end (第二十条, 第二十一条; DOMAIN 6.10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from contracts.states import State as ContractState
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock_all, unit_of_work
from foundation.models import next_number
from foundation.money import ZERO
from foundation.states import move
from programmes import selectors as programmes
from settlement import policies, selectors
from settlement.models import Batch, Claim
from settlement.services import common
from settlement.states import BATCH_PLANNING, CLAIM_EXAMINED, BatchState, ClaimState

UNFINISHED = (ClaimState.OBJECTION_HOLD, ClaimState.CLEARED, ClaimState.MARKED, ClaimState.PAYABLE, ClaimState.PAYING)


def open_batch(*, by: User, title: str, intake_from: date, intake_to: date, acknowledge: str = "") -> Batch:
    """The 兑付通知 of a round of this year is drafted, pinned to the latest notice (第二十条).

    What was earned under an earlier notice is settled also while this year's is not out yet (8-16, 8-53). Raises
    INTAKE_ORDER, INTAKE_PAST, and THIRD_BATCH when the year has as many rounds as the notice foresees: then
    `acknowledge` says why there is one more.
    """
    if not policies.may_open_batch(by):
        raise not_allowed("发起兑付批次", Role.CENTRE_CHECKER)
    with unit_of_work():
        today = clock.today()
        _check_intake(intake_from, intake_to, today)
        notice = programmes.latest_notice(today)
        seq = next_number(f"batch-{today.year}")  # held to the end: who opens another waits and counts this one
        rounds, most = selectors.rounds_of(today.year), notice.parsed.batch_rounds
        if rounds >= most and not acknowledge:
            raise Refused(
                "THIRD_BATCH",
                f"{today.year}年度已有{rounds}个兑付批次，通知规定每年度{most}次（办法第二十条）。确需增加的，请写明理由再发起。",
                rounds=rounds,
                limit=most,
            )
        batch = Batch(
            year=today.year,
            seq=seq,
            number=f"PC-{today.year}-{seq:02d}",
            title=title,
            notice=notice,
            opened_by=by,
            intake_from=intake_from,
            intake_to=intake_to,
            extra_reason=acknowledge if rounds >= most else "",
        )
        facts = {"title": title, "notice": notice.label, "from": str(intake_from), "to": str(intake_to)}
        evidence.record(batch, act="open", by=by, reason=batch.extra_reason, facts=facts)
    return batch


def issue(*, by: User, batch_id: UUID, version: int, note: str = "") -> Batch:
    """Another person has looked at the 兑付通知: it is out, and claims are expected until its last day."""
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_issue_batch(by, batch):
            raise not_allowed("发布兑付通知（拟定人不得发布）", Role.CENTRE_REVIEWER)
        move(batch, "issue", "发布兑付通知")(by, clock.now())
        evidence.record(batch, act="issue", by=by, reason=note)
        common.tell_claimants(batch)
    return batch


def close_intake(*, by: User, batch_id: UUID, version: int, note: str = "") -> Batch:
    """Nothing more is expected for this round. Raises INTAKE_NOT_OVER until its last day is over."""
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_close_batch(by):
            raise not_allowed("截止受理", Role.CENTRE_CHECKER, Role.DEPARTMENT)
        _close_intake(batch, by, note)
    return batch


def intakes_before(day: date) -> list[UUID]:
    """Open rounds whose last day to submit was before `day`."""
    rows = Batch.objects.filter(state=BatchState.OPEN, intake_to__lt=day)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def end_intake(batch_id: UUID, day: date, *, by: Actor) -> bool:
    """The last day has passed: the intake is closed. False when it is no longer due."""
    with unit_of_work():
        batch = common.lock_batch(batch_id)
        if batch.state != BatchState.OPEN or batch.intake_to >= day:
            return False
        _close_intake(batch, by, "受理期满")
    return True


def plan(*, by: User, batch_id: UUID, version: int, claim_ids: Sequence[UUID] | None = None) -> Batch:
    """The batch holds exactly these examined claims (all that are ready when none are named), with its total.

    It may be drawn again until it is approved: who is no longer named goes back, and when none are named who
    could not be approved any more, its contract being disputed, frozen or ended. A plan drawn again is to be
    reviewed again. Raises NOTHING_TO_SETTLE, NOT_FOUND for unknown claims, CLAIM_NOT_READY naming those that are
    not examined, in another batch, or of such a contract, INTAKE_MISSED naming those submitted after the last day of
    the intake, CAP_HELD_FIRST naming what was held in an earlier year
    and is left out although the provider has newer claims in the plan (8-18).
    """
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_plan(by):
            raise not_allowed("拟定结算方案", Role.DEPARTMENT)
        common.require_state(batch, sorted(BATCH_PLANNING), "拟定结算方案")
        if batch.state != BatchState.PLAN_DRAFT:
            move(batch, "draw_plan", "拟定结算方案")()
        inside = set(batch.claims.values_list("pk", flat=True))
        wanted = set(claim_ids) if claim_ids is not None else _still_settleable(inside) | _ready(batch)
        if not wanted:
            raise Refused("NOTHING_TO_SETTLE", "没有审核通过的兑付申请可列入方案。")
        rows = lock_all(common.CLAIMS.filter(pk__in=wanted | inside))
        if len(rows) != len(wanted | inside):
            raise not_found("兑付申请")
        _enter([row for row in rows if row.pk in wanted - inside], batch, by)
        _leave([row for row in rows if row.pk in inside - wanted], by)
        chosen = [row for row in rows if row.pk in wanted]
        _require_held_first(batch, chosen)
        batch.planned_by, batch.planned_at = by, clock.now()
        batch.claim_count, batch.total = len(chosen), sum((row.approved or ZERO for row in chosen), ZERO)
        facts = {"claims": [row.number for row in chosen], "total": f"{batch.total:.2f}"}
        evidence.record(batch, act="plan", by=by, facts=facts)
    return batch


def review_plan(*, by: User, batch_id: UUID, version: int, note: str = "") -> Batch:
    """Somebody else agrees with the plan as it stands (action 26: R)."""
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_review_plan(by, batch):
            raise not_allowed("复核结算方案（拟定人不得复核）", Role.CENTRE_REVIEWER, Role.DEPARTMENT)
        move(batch, "review_plan", "复核结算方案")(by, clock.now())
        evidence.record(batch, act="review_plan", by=by, reason=note, facts={"total": f"{batch.total:.2f}"})
    return batch


def cancel(*, by: User, batch_id: UUID, version: int, reason: str) -> Batch:
    """The round is called off. What was planned goes back. After the 公示 only when no claim is left in it."""
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_close_batch(by):
            raise not_allowed("撤销批次", Role.CENTRE_CHECKER, Role.DEPARTMENT)
        rows = lock_all(common.CLAIMS.filter(batch=batch))
        if batch.state == BatchState.CLEARED and rows:
            raise Refused("BATCH_NOT_EMPTY", f"批次{batch.number}中还有{len(rows)}笔已审定的申请，不能撤销。")
        move(batch, "cancel", "撤销批次")(by, clock.now())
        _leave(rows, by)
        evidence.record(batch, act="cancel", by=by, reason=reason)
    return batch


def close(*, by: User, batch_id: UUID, version: int, note: str = "") -> Batch:
    """No more is expected of the batch; what came back or goes into the next year is named and stays owed.

    Raises CLAIMS_OPEN naming what is still disputed, to be marked or to be funded.
    """
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        if not policies.may_close_batch(by):
            raise not_allowed("办结批次", Role.CENTRE_CHECKER, Role.DEPARTMENT)
        move(batch, "close", "办结批次")(by, clock.now())
        waiting = list(batch.claims.filter(state__in=UNFINISHED).order_by("number").values_list("number", flat=True))
        if waiting:
            raise Refused(
                "CLAIMS_OPEN",
                f"以下申请尚在异议核查、待标记或待拨款，不能办结批次：{'、'.join(waiting)}。",
                claims=waiting,
            )
        unpaid = batch.claims.exclude(state=ClaimState.PAID).order_by("number")
        facts = {"unpaid": list(unpaid.values_list("number", flat=True))}
        evidence.record(batch, act="close", by=by, reason=note, facts=facts)
    return batch


def _check_intake(first: date, last: date, today: date) -> None:
    if last < first:
        raise Invalid("INTAKE_ORDER", f"受理截止{last}早于受理开始{first}。")
    if last < today:
        raise Invalid("INTAKE_PAST", f"受理截止{last}已过，今天是{today}。")
    if last.year > today.year + 1 or first.year < today.year - 1:
        raise Invalid("INTAKE_YEAR", f"受理期间须在{today.year}年度前后，现为{first}至{last}。")


def _close_intake(batch: Batch, by: Actor, note: str) -> None:
    move(batch, "close_intake", "截止受理")()
    if clock.today() <= batch.intake_to:
        raise Refused(
            "INTAKE_NOT_OVER", f"受理至{batch.intake_to}（含当日），次日起方可截止。", until=str(batch.intake_to)
        )
    evidence.record(batch, act="close_intake", by=by, reason=note)


def _ready(batch: Batch) -> set[UUID]:
    return set(selectors.ready_for_batch(batch).values_list("pk", flat=True))


def _still_settleable(claims: set[UUID]) -> set[UUID]:
    return set(selectors.settleable(Claim.objects.filter(pk__in=claims)).values_list("pk", flat=True))


def _enter(claims: list[Claim], batch: Batch, by: User) -> None:
    alive = _still_settleable({claim.pk for claim in claims})
    ready = CLAIM_EXAMINED | {ClaimState.CAP_HELD}
    wrong = [claim for claim in claims if claim.state not in ready or claim.pk not in alive]
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
    _require_in_time(claims, batch)
    for claim in claims:
        move(claim, "enter_batch", "列入方案")(batch)
        evidence.record(claim, act="enter_batch", by=by, facts={"batch": batch.number})


def _require_in_time(claims: list[Claim], batch: Batch) -> None:
    rows = Claim.objects.filter(pk__in=[claim.pk for claim in claims])
    late = rows.exclude(pk__in=selectors.in_time_for(batch, rows).values("pk")).order_by("number")
    numbers = list(late.values_list("number", flat=True))
    if numbers:
        raise Refused(
            "INTAKE_MISSED",
            f"批次{batch.number}受理至{batch.intake_to}，以下{len(numbers)}笔在此之后提交，请移出并列入下一批次：{'、'.join(numbers)}。",
            claims=numbers,
            until=str(batch.intake_to),
        )


def _leave(claims: list[Claim], by: User) -> None:
    for claim in claims:
        move(claim, "leave_batch", "移出方案")()
        evidence.record(claim, act="leave_batch", by=by)


def _require_held_first(batch: Batch, chosen: list[Claim]) -> None:
    """What a full cap has kept from an earlier year's round goes before the provider's newer claims."""
    waiting = Claim.objects.filter(
        state=ClaimState.CAP_HELD,
        cap_held_year__lt=batch.year,
        provider__in={claim.provider_id for claim in chosen},
        contract__state=ContractState.CONFIRMED,
    )
    left_out = list(waiting.order_by("submitted_at", "pk").values_list("number", flat=True))
    if left_out:
        raise Refused(
            "CAP_HELD_FIRST",
            f"以下申请因上年度上限已满转入本年度，须先于同一服务商的其他申请列入方案：{'、'.join(left_out)}。",
            claims=left_out,
        )
