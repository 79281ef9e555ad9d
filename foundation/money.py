"""Money is Decimal yuan with two places. One rounding: down to 分, for what the state pays and for the deposit."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any

from django.core.validators import MinValueValidator
from django.db import models

FEN = Decimal("0.01")
ZERO = Decimal("0.00")


def round_down(amount: Decimal) -> Decimal:
    """`amount` in 元, cut to whole 分 (8-02: never up, so no bound is passed by rounding)."""
    return amount.quantize(FEN, rounding=ROUND_DOWN)


def fen(amount: Decimal) -> int:
    """`amount` in 元 as a whole number of 分. Raises ValueError when it is not one."""
    scaled = amount * 100
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more than two decimals")
    return int(scaled)


def yuan(amount: Decimal) -> str:
    """`amount` for people: 12,500.00元."""
    return f"{amount:,.2f}元"


if TYPE_CHECKING:
    Base = models.DecimalField[Any, Any]
else:  # Django's fields take no type arguments when they run
    Base = models.DecimalField


class MoneyField(Base):
    """NUMERIC(14, 2) 元. Non-negative unless `signed=True`; the CHECK stands in the model's constraints."""

    def __init__(self, *args: Any, signed: bool = False, **kwargs: Any) -> None:
        kwargs["max_digits"] = 14
        kwargs["decimal_places"] = 2
        self.signed = signed
        super().__init__(*args, **kwargs)
        if not signed:
            self.validators = [*self.validators, MinValueValidator(ZERO)]

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        if self.signed:
            kwargs["signed"] = True
        return name, path, args, kwargs


def percent(rate: Decimal) -> str:
    """A rate as people write it, unrounded: 0.625 is 62.5%."""
    return f"{(rate * 100).normalize():f}%"
