"""The ledger's refusals in words for people. The numbers stand in the sentence and again as data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from foundation.errors import DomainError, Invalid, NotFound, Refused
from foundation.money import yuan


class LedgerShort(Refused):
    """An account has less than was wanted. `left` is exact: the account was locked when it was read."""

    def __init__(self, *, book: str, owner: str, period: int, left: Decimal, wanted: Decimal) -> None:
        self.book, self.owner, self.period, self.left, self.wanted = book, owner, period, left, wanted
        super().__init__(
            "LEDGER_SHORT",
            f"账户（{book}，{period}年度）可用余额{yuan(left)}，不足{yuan(wanted)}，差{yuan(wanted - left)}。",
            book=book,
            owner=owner,
            period=period,
            left=f"{left:.2f}",
            wanted=f"{wanted:.2f}",
        )


_SENTENCES: dict[str, tuple[type[DomainError], str]] = {
    "LEDGER_CLOSED": (Refused, "账户（{book}，{period}年度）已关闭，不能再占用或下达。"),
    "LEDGER_AMOUNT": (Invalid, "金额{amount}无效：须大于0、至多两位小数且不超过一万亿元。"),
    "LEDGER_WRONG_BUCKET": (Refused, "占用{hold}的“{book}”部分处于{bucket}状态，不能转为{to}。"),
    "LEDGER_HOLD_EXISTS": (Refused, "占用{hold}已存在（或同一账簿给出了两个账户），不能占用。"),
    "LEDGER_RESOLVED": (Refused, "占用{hold}已释放、核销或作废，不能再变更。"),
    "LEDGER_RAISED": (Refused, "占用{hold}现为{held}元，只能调低，不能调至{wanted}元。"),
    "LEDGER_UNKNOWN_HOLD": (NotFound, "占用{hold}不存在。"),
    "LEDGER_UNKNOWN_ACCOUNT": (NotFound, "账户不存在，或不能用于此项操作。"),
}


def refusal(code: str, details: dict[str, Any]) -> DomainError:
    """The error for a refusal of one of the SQL functions, named by its code."""
    if code == "LEDGER_SHORT":
        return LedgerShort(**details)
    kind, sentence = _SENTENCES[code]
    return kind(code, sentence.format_map(details), **{name: _plain(value) for name, value in details.items()})


def _plain(value: Any) -> Any:
    return f"{value:.2f}" if isinstance(value, Decimal) else value
