from decimal import Decimal

import pytest

from foundation.money import fen, percent, round_down, yuan


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.019", "0.01"), ("0.01", "0.01"), ("8000.008", "8000.00"), ("1666.665", "1666.66"), ("0.009", "0.00")],
)
def test_amounts_are_cut_to_whole_fen(amount, rounded):
    assert round_down(Decimal(amount)) == Decimal(rounded)


def test_fen_are_whole():
    assert fen(Decimal("12500.01")) == 1_250_001


def test_a_third_decimal_is_not_fen():
    with pytest.raises(ValueError, match="more than two decimals"):
        fen(Decimal("0.001"))


def test_people_read_thousands_and_two_decimals():
    assert yuan(Decimal("1234567.8")) == "1,234,567.80元"


@pytest.mark.parametrize(("rate", "text"), [("0.8000", "80%"), ("0.6250", "62.5%"), ("0.2", "20%"), ("1", "100%")])
def test_a_rate_is_told_unrounded(rate: str, text: str) -> None:
    assert percent(Decimal(rate)) == text
