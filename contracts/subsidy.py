"""The arithmetic of one contract (办法第十一条、第十八条). Decimal 元 in and out; no ORM, no clock.

Voucher and deposit are rounded down, the balance is a subtraction, so the three always add up to the
contract amount and no bound is passed by rounding (8-02).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from foundation.explain import Bound
from foundation.money import percent, round_down


@dataclass(frozen=True)
class Shares:
    """How a contract amount is split, in 元: deposit + voucher + balance = amount."""

    amount: Decimal
    voucher: Decimal
    deposit: Decimal
    balance: Decimal


def deposit(amount: Decimal, rate: Decimal) -> Decimal:
    """定金: `rate` of the contract amount, rounded down (第十八条; 民法典第586条 forbids more)."""
    return round_down(amount * rate)


def rule_bounds(amount: Decimal, *, rate: Decimal, cap: Decimal, deposit_rate: Decimal) -> list[Bound]:
    """The bounds that the rules alone set on a voucher for `amount` (第十一条).

    The last one only bites when deposit and voucher rates together pass 100 %.
    """
    return [
        Bound("rate", f"合同金额的{percent(rate)}", round_down(amount * rate)),
        Bound("cap", "单个项目上限", cap),
        Bound("after_deposit", "合同金额减定金", amount - deposit(amount, deposit_rate)),
    ]


def ceiling(bounds: list[Bound]) -> Decimal:
    """The largest voucher all `bounds` allow, never negative, whole 分."""
    return max(round_down(min(bound.amount for bound in bounds)), Decimal("0.00"))


def split(amount: Decimal, voucher: Decimal, deposit_rate: Decimal) -> Shares:
    """The three parts of `amount`. Raises ValueError when the voucher leaves a negative balance."""
    down = deposit(amount, deposit_rate)
    balance = amount - down - voucher
    if balance < 0:
        raise ValueError(f"deposit {down} and voucher {voucher} pass the amount {amount}")
    return Shares(amount=amount, voucher=voucher, deposit=down, balance=balance)


def final_voucher(*, signed: Decimal, accepted: Decimal, rate: Decimal, cap: Decimal, deposit_paid: Decimal) -> Decimal:
    """V when the accepted amount is lower than the contract's: it never rises (8-13), and never leaves
    a negative balance beside the deposit already paid. Raises ValueError when the deposit alone is more."""
    if accepted < deposit_paid:
        raise ValueError(f"accepted {accepted} is less than the deposit {deposit_paid}")
    return min(signed, round_down(accepted * rate), cap, accepted - deposit_paid)
