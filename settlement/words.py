"""Amounts in words as payment papers want them (支付结算办法附一). No ORM, no clock."""

from __future__ import annotations

from decimal import Decimal

from foundation.money import fen

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
LARGEST = Decimal("999999999999.99")


def in_words(amount: Decimal) -> str:
    """`amount` in 元 as 人民币大写: 16,409.02 is 人民币壹万陆仟肆佰零玖元零贰分.

    整 stands after 元 and never after 角 or 分; zeros in between are one 零. Raises ValueError for a
    negative amount, more than two decimals, or more than 999,999,999,999.99.
    """
    if not 0 <= amount <= LARGEST:
        raise ValueError(f"{amount} cannot be written in words")
    yuan, cents = divmod(fen(amount), 100)
    if not cents:
        return f"人民币{_whole(yuan)}元整"
    return f"人民币{_whole(yuan)}元{_cents(cents, yuan)}" if yuan else f"人民币{_cents(cents, yuan)}"


def _whole(yuan: int) -> str:
    """The digits left of the point, by groups of four."""
    if yuan == 0:
        return _DIGITS[0]
    words, gap = "", False
    for rank in reversed(range(len(_GROUPS))):
        group = yuan // 10_000**rank % 10_000
        if group == 0:
            gap = True
            continue
        if words and (gap or group < 1000):
            words += _DIGITS[0]
        words += _group(group) + _GROUPS[rank]
        gap = False
    return words


def _group(group: int) -> str:
    """1 to 9999; zeros inside are one 零, zeros at the end are not said."""
    words, gap = "", False
    for place in reversed(range(len(_PLACES))):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return words


def _cents(cents: int, yuan: int) -> str:
    """1 to 99 分 after `yuan`. A 零 stands where 角 is missing, and before 角 when 元 ends in zero."""
    tens, ones = divmod(cents, 10)
    gap = yuan > 0 and (tens == 0 or yuan % 10 == 0)
    words = _DIGITS[0] if gap else ""
    if tens:
        words += f"{_DIGITS[tens]}角"
    if ones:
        words += f"{_DIGITS[ones]}分"
    return words
