"""The seven steps of a contract in the order of 第十八条, for a glance; the contract's own page tells all of it."""

from __future__ import annotations

from typing import Any

from contracts.models import Contract
from contracts.states import State

S = State
# step -> the states in which it is still to be done or being done
_DRAFTED = frozenset({S.DRAFT, S.READY, S.SIGNING})
_UNPAID = _DRAFTED | {S.SIGNED_WAIT_DEPOSIT}
_AT_WORK = _UNPAID | {S.EFFECTIVE, S.PERFORMING, S.RECTIFY}
_UNACCEPTED = _AT_WORK | {S.DELIVERED}
_OWING = _UNACCEPTED | {S.ACCEPTED}
_UNCONFIRMED = _OWING | {S.PAID_UP}
_UNSETTLED = _UNCONFIRMED | {S.CONFIRMED}
BALANCE = "支付余款"
_STEPS = (
    ("签署合同", _DRAFTED),
    ("支付定金", _UNPAID),
    ("履约留痕", _AT_WORK),
    ("验收", _UNACCEPTED),
    (BALANCE, _OWING),
    ("签署确认书", _UNCONFIRMED),
    ("兑付", _UNSETTLED),
)


def steps(row: Contract) -> list[dict[str, Any]]:
    """Each with whether it is done and whether it is the one now; a balance of nothing has no step."""
    state = State(row.resume_state or row.state)
    shown = [(label, state not in todo) for label, todo in _STEPS if label != BALANCE or _owes_balance(row)]
    now = next((place for place, (_, done) in enumerate(shown) if not done), len(shown))
    return [{"label": label, "done": place < now, "now": place == now} for place, (label, _) in enumerate(shown)]


def _owes_balance(row: Contract) -> bool:
    return bool(row.final_balance if row.final_balance is not None else row.balance)
