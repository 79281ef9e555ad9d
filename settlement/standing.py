"""Where a round stands: its claims by state, whose turn it is, and the sums that must agree (第二十条、第二十一条)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from engines.evidence.selectors import of_subject
from foundation.money import ZERO, yuan
from settlement import selectors
from settlement.models import Batch, Claim, PayoutOrder
from settlement.progress import WAITING_FOR
from settlement.states import CLAIM_MARKED, BatchState, ClaimState, PayoutState

B = BatchState
TURN = {
    B.NOTICE: "促进中心复核发布兑付通知（拟定人不得发布）",
    B.OPEN: "受理期满后，促进中心经办或厅职能处室截止受理",
    B.INTAKE_CLOSED: "厅职能处室拟定结算方案",
    B.PLAN_DRAFT: "促进中心复核或厅职能处室复核方案（拟定人不得复核）",
    B.PLAN_REVIEW: "厅审定审定方案（拟定、复核方案或审核过其中申请的人不得审定）",
    B.APPROVED: "厅职能处室公示结算名单",
    B.PUBLICITY: "公示期满后，厅职能处室登记公示期满",
    B.CLEARED: "厅职能处室标记确认并申请拨款",
    B.FUND_REQUEST: "财政厅确认拨款",
    B.PAYING: "按下表各申请的状态办理支付",
    B.PAID_PART: "按下表各申请的状态继续支付；不再等待的，由促进中心经办或厅职能处室办结",
    B.PAID_ALL: "促进中心经办或厅职能处室办结批次",
}


@dataclass(frozen=True)
class Line:
    """The claims of the round in one state. `amount` is what was approved, or asked for before that, in 元."""

    state: str
    label: str
    claims: int
    amount: Decimal
    waiting_for: str


@dataclass(frozen=True)
class Agreement:
    """Two sums that must be the same, and whether they are."""

    label: str
    says: str
    ok: bool


@dataclass(frozen=True)
class Standing:
    """One round as it stands now."""

    turn: str
    lines: list[Line]
    agreements: list[Agreement]


def of_batch(batch: Batch) -> Standing:
    """The round as it stands, in a fixed number of queries."""
    lines = _lines(batch)
    return Standing(TURN.get(BatchState(batch.state), ""), lines, _agreements(batch, lines))


@dataclass(frozen=True)
class Reach:
    """One marked claim, and how much must be set aside now for the money to reach it, in 元."""

    claim: Claim
    needed: Decimal


def reach_of_money(batch: Batch, most: int) -> list[Reach]:
    """The first `most` claims that wait for their money, in their order: nothing is split, nobody overtakes (8-23)."""
    needed, found = -selectors.not_given_out(batch), []
    for claim in selectors.waiting_for_money(batch).select_related("provider__organisation")[:most]:
        needed += claim.approved or ZERO
        found.append(Reach(claim, needed))
    return found


def _lines(batch: Batch) -> list[Line]:
    found = {
        row["state"]: row
        for row in batch.claims.order_by()
        .values("state")
        .annotate(number=Count("pk"), amount=Sum(Coalesce("approved", "requested")))
    }
    return [
        Line(state, str(state.label), found[state]["number"], found[state]["amount"], WAITING_FOR.get(state, ""))
        for state in ClaimState
        if state in found
    ]


def _agreements(batch: Batch, lines: list[Line]) -> list[Agreement]:
    found = []
    if batch.planned_at is not None:
        found.append(_plan(batch, lines))
    if batch.requested:
        marked = sum((one.amount for one in lines if one.state in CLAIM_MARKED), ZERO)
        found.append(_same("申请拨款", batch.requested, "已标记确认各申请之和", marked))
        short = batch.requested - batch.funded
        says = f"已落实{yuan(batch.funded)}，申请拨款{yuan(batch.requested)}，待落实{yuan(short)}"
        found.append(Agreement("已落实不超过申请拨款", says, short >= 0))
        found.append(_paid(batch))
    return found


def _plan(batch: Batch, lines: list[Line]) -> Agreement:
    """Between approval and 公示 only an upheld objection takes a claim out of the plan."""
    now = sum((one.amount for one in lines), ZERO)
    number = sum(one.claims for one in lines)
    if (number, now) == (batch.claim_count, batch.total):
        return _same("方案金额", batch.total, "批次内各申请核定金额之和", now)
    taken = of_subject(batch).filter(act="take_out").count()
    out, count = batch.total - now, batch.claim_count - number
    return Agreement(
        "方案金额＝现有申请＋异议成立移出",
        f"方案{batch.claim_count}笔{yuan(batch.total)}，现有{number}笔{yuan(now)}，异议成立移出{taken}笔{yuan(out)}",
        taken == count > 0 and out > 0,
    )


def _paid(batch: Batch) -> Agreement:
    claims = Claim.objects.filter(batch=batch).aggregate(sum=Sum("paid"))["sum"] or ZERO
    orders = PayoutOrder.objects.filter(claim__batch=batch, state=PayoutState.PAID).aggregate(sum=Sum("amount"))["sum"]
    return _same("已支付", claims, "支付成功的支付单之和", orders or ZERO)


def _same(label: str, one: Decimal, other_label: str, other: Decimal) -> Agreement:
    return Agreement(f"{label}＝{other_label}", f"{yuan(one)}，{yuan(other)}", one == other)
