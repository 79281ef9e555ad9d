"""How far a contract has come on the way of 第十八条: its steps in order, told by its own row. No query."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices

from contracts.models import Contract
from contracts.states import INTERRUPTED, State
from foundation.money import ZERO

S = State


class Phase(TextChoices):
    """The steps of 第十八条（四）至（七）项, in their order: the balance is paid before the 服务确认书 is signed."""

    SIGN = "sign", "签署合同"
    DEPOSIT = "deposit", "支付定金"
    PERFORM = "perform", "履约留痕"
    ACCEPT = "accept", "企业验收"
    BALANCE = "balance", "支付余款"
    CONFIRM = "confirm", "签署确认书"
    PAYOUT = "payout", "兑付"


class Mark(TextChoices):
    """Where a step stands."""

    DONE = "done", "已完成"
    NOW = "now", "当前步骤"
    TODO = "todo", "未开始"
    SKIPPED = "skipped", "无需办理"
    STOPPED = "stopped", "在此结束"


AT = {
    S.DRAFT: Phase.SIGN,
    S.READY: Phase.SIGN,
    S.SIGNING: Phase.SIGN,
    S.SIGNED_WAIT_DEPOSIT: Phase.DEPOSIT,
    S.EFFECTIVE: Phase.PERFORM,
    S.PERFORMING: Phase.PERFORM,
    S.RECTIFY: Phase.PERFORM,
    S.DELIVERED: Phase.ACCEPT,
    S.ACCEPTED: Phase.BALANCE,
    S.PAID_UP: Phase.CONFIRM,
    S.CONFIRMED: Phase.PAYOUT,
}
OVER = frozenset({S.SETTLED, S.ARCHIVED})


@dataclass(frozen=True)
class Stage:
    """One step of one contract. `note` says why it is skipped."""

    phase: Phase
    mark: Mark
    note: str = ""


def stages(contract: Contract) -> list[Stage]:
    """The seven steps, each done, now, to come, skipped, or where the contract ended.

    A balance of zero is no step to take (8-01). An interrupted contract stands where it was interrupted.
    """
    order = list(Phase)
    at, ended = _at(contract)
    place = len(order) if at is None else order.index(at)
    balance = contract.balance if contract.final_balance is None else contract.final_balance
    found = []
    for number, phase in enumerate(order):
        if phase == Phase.BALANCE and balance == ZERO:
            found.append(Stage(phase, Mark.SKIPPED, "余款为零，无需支付"))
        elif number < place:
            found.append(Stage(phase, Mark.DONE))
        elif number > place:
            found.append(Stage(phase, Mark.TODO))
        else:
            found.append(Stage(phase, Mark.STOPPED if ended else Mark.NOW))
    return found


def _at(contract: Contract) -> tuple[Phase | None, bool]:
    """The step it is at, None when all are done; and whether it ended there."""
    state = State(contract.state)
    if state in OVER:
        return None, False
    if state in INTERRUPTED:
        return AT[State(contract.resume_state)], False
    if state in AT:
        return AT[state], False
    return _ended_at(contract), True


def _ended_at(contract: Contract) -> Phase:
    """Cancelled, terminated or voided: the first step of which the row has no moment."""
    moments = (
        (contract.signed_at, Phase.SIGN),
        (contract.effective_at, Phase.DEPOSIT),
        (contract.delivered_at, Phase.PERFORM),
        (contract.accepted_at, Phase.ACCEPT),
        (contract.paid_up_at, Phase.BALANCE),
        (contract.confirmed_at, Phase.CONFIRM),
    )
    return next((phase for at, phase in moments if at is None), Phase.PAYOUT)
