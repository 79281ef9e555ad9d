"""What a contract would cost whom, by the notice alone (第十一条, 第十八条)."""

from decimal import Decimal

import pytest

from contracts import estimates
from foundation.errors import Invalid
from tests.factories.programmes import make_notice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("category", "amount", "voucher", "deposit", "balance", "decided"),
    [
        ("diagnosis", "12500.00", "10000.00", "2500.00", "0.00", "rate"),
        ("diagnosis", "12500.02", "10000.00", "2500.00", "0.02", "cap"),
        ("diagnosis", "9999.99", "7999.99", "1999.99", "0.01", "rate"),
        ("digitalisation", "60000.02", "30000.00", "12000.00", "18000.02", "cap"),
        ("digitalisation", "0.01", "0.00", "0.00", "0.01", "rate"),
    ],
)
def test_an_estimate_is_the_split_of_the_contract_to_come(category, amount, voucher, deposit, balance, decided):
    found = estimates.estimate(make_notice(), category, Decimal(amount))
    shares = found.shares
    assert (shares.voucher, shares.deposit, shares.balance) == (Decimal(voucher), Decimal(deposit), Decimal(balance))
    assert found.voucher.smallest is not None
    assert found.voucher.smallest.code == decided


def test_every_part_says_by_which_article():
    notice = make_notice()
    found = estimates.estimate(notice, "diagnosis", Decimal("10000.00"))
    for part, code in ((found.voucher, "subsidy"), (found.deposit, "deposit"), (found.balance, "deposit")):
        assert (part.article, part.notice) == (notice.parsed.article(code), notice.label)
    assert (found.voucher.result, found.deposit.result, found.balance.result) == (
        found.shares.voucher,
        found.shares.deposit,
        found.shares.balance,
    )


def test_a_category_that_the_notice_does_not_have_is_refused():
    with pytest.raises(Invalid, match="UNKNOWN_CATEGORY"):
        estimates.estimate(make_notice(), "magic", Decimal("1.00"))
