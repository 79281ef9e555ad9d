"""Amounts in words: the vectors of the payment rules, and a reader that reads them back."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settlement.words import LARGEST, in_words

VECTORS = [
    ("0.00", "人民币零元整"),
    ("0.01", "人民币壹分"),
    ("0.05", "人民币伍分"),
    ("0.50", "人民币伍角"),
    ("0.55", "人民币伍角伍分"),
    ("10.00", "人民币壹拾元整"),
    ("10.05", "人民币壹拾元零伍分"),
    ("325.04", "人民币叁佰贰拾伍元零肆分"),
    ("1409.50", "人民币壹仟肆佰零玖元伍角"),
    ("1680.32", "人民币壹仟陆佰捌拾元零叁角贰分"),
    ("6007.14", "人民币陆仟零柒元壹角肆分"),
    ("10000.00", "人民币壹万元整"),
    ("12500.00", "人民币壹万贰仟伍佰元整"),
    ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
    ("30000.00", "人民币叁万元整"),
    ("100100.00", "人民币壹拾万零壹佰元整"),
    ("107000.53", "人民币壹拾万柒仟元零伍角叁分"),
    ("100000001.00", "人民币壹亿零壹元整"),
    ("100010000.00", "人民币壹亿零壹万元整"),
    ("20030405.06", "人民币贰仟零叁万零肆佰零伍元零陆分"),
    ("999999999999.99", "人民币玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
]


@pytest.mark.parametrize(("amount", "words"), VECTORS)
def test_vectors(amount, words):
    assert in_words(Decimal(amount)) == words


@pytest.mark.parametrize("amount", ["-0.01", "0.001", "1000000000000.00"])
def test_what_cannot_be_written_is_refused(amount):
    with pytest.raises(ValueError, match=r"cannot be written|two decimals"):
        in_words(Decimal(amount))


def read(words: str) -> Decimal:
    """The amount that the words say; 零 only marks a gap."""
    total = group = digit = cents = 0
    for char in words.removeprefix("人民币").removesuffix("整"):
        if char in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(char)
        elif char in "拾佰仟":
            group += digit * {"拾": 10, "佰": 100, "仟": 1000}[char]
            digit = 0
        elif char in "万亿元":
            total += (group + digit) * {"万": 10_000, "亿": 100_000_000, "元": 1}[char]
            group = digit = 0
        else:
            cents += digit * {"角": 10, "分": 1}[char]
            digit = 0
    return Decimal(total) + Decimal(cents) / 100


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(st.decimals(min_value=0, max_value=LARGEST, places=2))
def test_words_read_back_as_the_amount(amount):
    words = in_words(amount)
    assert read(words) == amount
    assert "零零" not in words
    assert words.endswith("整") == (amount == amount.to_integral_value())
