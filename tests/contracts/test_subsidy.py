"""办法第十一条、第十八条 by the published vectors (DOMAIN 10.7), and by 10,000 examples."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts import subsidy
from foundation.explain import Bound
from foundation.money import fen

DIAGNOSIS = {"rate": Decimal("0.80"), "cap": Decimal("10000.00")}
OTHER = {"rate": Decimal("0.50"), "cap": Decimal("30000.00")}
FIFTH = Decimal("0.20")


def yuan(fen_: int) -> Decimal:
    return Decimal(fen_) / 100


def largest(amount: Decimal, kind: dict, *more: Bound) -> Decimal:
    return subsidy.ceiling([*subsidy.rule_bounds(amount, **kind, deposit_rate=FIFTH), *more])


@pytest.mark.parametrize(
    ("amount", "kind", "deposit", "voucher", "balance"),
    [
        (1_000_000, DIAGNOSIS, 200_000, 800_000, 0),
        (1_250_000, DIAGNOSIS, 250_000, 1_000_000, 0),
        (1_000_001, DIAGNOSIS, 200_000, 800_000, 1),
        (999_999, DIAGNOSIS, 199_999, 799_999, 1),
        (6_000_000, OTHER, 1_200_000, 3_000_000, 1_800_000),
        (6_000_001, OTHER, 1_200_000, 3_000_000, 1_800_001),
        (333_333, OTHER, 66_666, 166_666, 100_001),
        (1_250_001, DIAGNOSIS, 250_000, 1_000_000, 1),
        (1_249_999, DIAGNOSIS, 249_999, 999_999, 1),
        (1, DIAGNOSIS, 0, 0, 1),
        (2, OTHER, 0, 1, 1),
    ],
)
def test_published_vectors(amount, kind, deposit, voucher, balance):
    ceiling = largest(yuan(amount), kind)
    shares = subsidy.split(yuan(amount), ceiling, FIFTH)
    assert (fen(shares.deposit), fen(shares.voucher), fen(shares.balance)) == (deposit, voucher, balance)


AMOUNTS = st.integers(min_value=1, max_value=10**14 - 1).map(yuan)
KINDS = st.sampled_from([DIAGNOSIS, OTHER])


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(amount=AMOUNTS, kind=KINDS, left=st.integers(min_value=0, max_value=10**9).map(yuan))
@example(amount=Decimal("12500.00"), kind=DIAGNOSIS, left=Decimal("10000.00"))
@example(amount=Decimal("0.01"), kind=DIAGNOSIS, left=Decimal("0.00"))
def test_the_parts_add_up_and_no_bound_is_passed(amount, kind, left):
    voucher = largest(amount, kind, Bound("quota", "额度余额", left))
    shares = subsidy.split(amount, voucher, FIFTH)
    assert shares.deposit + shares.voucher + shares.balance == amount
    assert min(shares.deposit, shares.voucher, shares.balance) >= 0
    assert voucher <= min(amount * kind["rate"], kind["cap"], left)
    assert shares.deposit <= amount * FIFTH
    assert all(part == part.quantize(Decimal("0.01")) for part in (shares.deposit, shares.voucher, shares.balance))
    # one 分 more would pass a bound: nothing the rules grant is withheld
    assert voucher + Decimal("0.01") > min(amount * kind["rate"], kind["cap"], left, amount - shares.deposit)


@settings(max_examples=1_000, deadline=None)
@given(parts=st.lists(st.integers(min_value=1, max_value=10**8).map(yuan), min_size=1, max_size=20), kind=KINDS)
def test_splitting_never_beats_the_rate(parts, kind):
    assert sum(largest(part, kind) for part in parts) <= sum(parts) * kind["rate"]


@settings(max_examples=2_000, deadline=None)
@given(amount=AMOUNTS, kind=KINDS, share=st.integers(min_value=0, max_value=100))
def test_the_final_voucher_never_rises_and_leaves_no_negative_balance(amount, kind, share):
    signed = largest(amount, kind)
    shares = subsidy.split(amount, signed, FIFTH)
    accepted = max(shares.deposit, (amount * share / 100).quantize(Decimal("0.01")))
    final = subsidy.final_voucher(
        signed=signed, accepted=accepted, rate=kind["rate"], cap=kind["cap"], deposit_paid=shares.deposit
    )
    assert 0 <= final <= signed
    assert accepted - shares.deposit - final >= 0


def test_a_deposit_above_the_accepted_amount_is_an_error():
    with pytest.raises(ValueError, match="less than the deposit"):
        subsidy.final_voucher(
            signed=Decimal(1), accepted=Decimal(1), rate=Decimal("0.5"), cap=Decimal(9), deposit_paid=Decimal(2)
        )


def test_a_voucher_past_the_amount_is_an_error():
    with pytest.raises(ValueError, match="pass the amount"):
        subsidy.split(Decimal("100.00"), Decimal("80.01"), FIFTH)


def test_the_smallest_bound_is_named_in_the_order_listed():
    bounds = subsidy.rule_bounds(Decimal("12500.00"), **DIAGNOSIS, deposit_rate=FIFTH)
    assert min(bounds, key=lambda bound: bound.amount).code == "rate"
